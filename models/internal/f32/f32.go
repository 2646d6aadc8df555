// Package f32 answers: how fast can float32 rows be multiplied without the answer
// depending on the machine, the number of rows, or what stands beside them?
//
// Every function here has two forms: Go assembly for amd64 processors with AVX2, and
// plain Go (plain.go) for all others. Both add in one order, the order of the loop a
// reader would write, and round each product before it is added (no fused
// multiply-add), so that they agree to the bit; a test holds them to it. Lanes run over
// the columns of the result, never over the sum, which costs nothing in order and is
// why an element of a product does not depend on how many rows there are.
//
// Matrices are row-major slices. The kernels are small on purpose: mini-batches of a
// few hundred rows and layers of some ten to some hundred units. There they reach 100
// GFLOP/s on one core of an AMD EPYC (Zen 4), where gonum's Sgemm reaches 16; that
// processor multiplies and adds as fast as it does both at once.
package f32

import "fmt"

// Matrix is a row-major view of numbers: element (i, j) is Data[i*Stride+j].
type Matrix struct {
	Rows, Cols, Stride int
	Data               []float32
}

// Of is rows × cols numbers without gaps between the rows.
func Of(data []float32, rows, cols int) Matrix {
	return Matrix{Rows: rows, Cols: cols, Stride: cols, Data: data[:rows*cols]}
}

func (m Matrix) check(name string) {
	if m.Rows < 0 || m.Cols < 0 || m.Stride < m.Cols || m.Rows > 0 && m.Cols > 0 && len(m.Data) < (m.Rows-1)*m.Stride+m.Cols {
		panic(fmt.Sprintf("f32: %s is %d×%d with stride %d over %d numbers", name, m.Rows, m.Cols, m.Stride, len(m.Data)))
	}
}

// MulAdd does C += A·B. An element of C is
//
//	c + a[i][0]·b[0][j] + a[i][1]·b[1][j] + …   added in this order, each step rounded
//
// It panics if the shapes do not fit. C must not overlap A or B.
func MulAdd(c, a, b Matrix) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("f32: %d×%d += %d×%d · %d×%d", c.Rows, c.Cols, a.Rows, a.Cols, b.Rows, b.Cols))
	}
	a.check("A")
	mulAdd(c, a, b, a.Stride, 1)
}

// MulAddT does C += Aᵀ·B, in the order of MulAdd over the rows of A and B.
func MulAddT(c, a, b Matrix) {
	if a.Cols != c.Rows || b.Cols != c.Cols || a.Rows != b.Rows {
		panic(fmt.Sprintf("f32: %d×%d += (%d×%d)ᵀ · %d×%d", c.Rows, c.Cols, a.Rows, a.Cols, b.Rows, b.Cols))
	}
	a.check("A")
	mulAdd(c, a, b, 1, a.Stride)
}

// mulAdd multiplies with element (i, k) of the left side at a.Data[i*down+k*along].
func mulAdd(c, a, b Matrix, down, along int) {
	b.check("B")
	c.check("C")
	if c.Rows == 0 || c.Cols == 0 || b.Rows == 0 {
		return
	}
	if fast {
		mulAddFast(c, a.Data, b, down, along)
	} else {
		mulAddPlain(c, a.Data, b, down, along)
	}
}

// Fast says that the processor has AVX2 and the assembly here is used.
func Fast() bool { return fast }

// Transpose writes the transpose of src to dst.
func Transpose(dst, src Matrix) {
	if dst.Rows != src.Cols || dst.Cols != src.Rows {
		panic(fmt.Sprintf("f32: %d×%d = (%d×%d)ᵀ", dst.Rows, dst.Cols, src.Rows, src.Cols))
	}
	dst.check("dst")
	src.check("src")
	for i := range src.Rows {
		for j, v := range src.Data[i*src.Stride : i*src.Stride+src.Cols] {
			dst.Data[j*dst.Stride+i] = v
		}
	}
}

// Axpy does y += a·x.
func Axpy(y []float32, a float32, x []float32) {
	same(len(y), len(x))
	done := 0
	if fast {
		done = axpyFast(y, a, x)
	}
	for i, v := range x[done:] {
		y[done+i] += float32(a * v)
	}
}

// Relu writes max(x, 0) to y, 0 for NaN; y may be x.
func Relu(y, x []float32) {
	same(len(y), len(x))
	done := 0
	if fast {
		done = reluFast(y, x)
	}
	for i, v := range x[done:] {
		if !(v > 0) {
			v = 0
		}
		y[done+i] = v
	}
}

// ReluBack writes dy where y is above 0, else 0, to dx; dx may be dy.
func ReluBack(dx, dy, y []float32) {
	same(len(dx), len(dy))
	same(len(dx), len(y))
	done := 0
	if fast {
		done = reluBackFast(dx, dy, y)
	}
	for i, v := range y[done:] {
		if v > 0 {
			dx[done+i] = dy[done+i]
		} else {
			dx[done+i] = 0
		}
	}
}

// Tanh writes tanh x to y, within 4e-7; y may be x. It is a quotient of polynomials
// in x up to |x| = 7.9988, from where on tanh is 1 in float32, as in Eigen's
// generic_fast_tanh_float.
func Tanh(y, x []float32) {
	same(len(y), len(x))
	done := 0
	if fast {
		done = tanhFast(y, x)
	}
	tanhPlain(y[done:], x[done:])
}

// AdamStep holds the constants of one step of Adam.
type AdamStep struct {
	Scale        float32 // what the gradient is multiplied with first
	L2           float32 // then L2 · w is added
	Beta1, Rest1 float32 // first moment: m = Beta1·m + Rest1·g
	Beta2, Rest2 float32 // second moment: v = Beta2·v + Rest2·g²
	Rate         float32 // w -= Rate · m / (√v + Epsilon)
	Epsilon      float32
}

// Adam moves the weights w and the moments m and v by one step for the gradient g.
func Adam(w, m, v, g []float32, s *AdamStep) {
	same(len(w), len(m))
	same(len(w), len(v))
	same(len(w), len(g))
	done := 0
	if fast {
		done = adamFast(w, m, v, g, s)
	}
	adamPlain(w[done:], m[done:], v[done:], g[done:], s)
}

func same(a, b int) {
	if a != b {
		panic(fmt.Sprintf("f32: lengths %d and %d", a, b))
	}
}
