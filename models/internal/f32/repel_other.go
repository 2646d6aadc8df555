//go:build !amd64

package f32

func repelFast(z, fx, fy, x, y []float32, bodies []Body) int         { return 0 }
func repelFarFast(z, fx, fy, x, y []float32, clusters []Cluster) int { return 0 }
