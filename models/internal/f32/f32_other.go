//go:build !amd64

package f32

// fast says that the assembly can run: it is for amd64 alone.
const fast = false

func mulAddFast(c Matrix, a []float32, b Matrix, down, along int) {}
func gatherFast(y, w []float32, col []int32, val []float32)       {}
func scatterFast(g, d []float32, col []int32, val []float32)      {}
func axpyFast(y []float32, a float32, x []float32) int            { return 0 }
func reluFast(y, x []float32) int                                 { return 0 }
func reluBackFast(dx, dy, y []float32) int                        { return 0 }
func adamFast(w, m, v, g []float32, s *AdamStep) int              { return 0 }
func prefetch(s *Sparse, rows []int32)                            {}
func tanhFast(y, x []float32) int                                 { return 0 }
