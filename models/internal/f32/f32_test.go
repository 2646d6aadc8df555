package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var sizes = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 31, 32, 33, 64, 65, 100, 122, 130}

func random(g *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(g.NormFloat64())
		if g.IntN(9) == 0 {
			x[i] = 0
		}
	}
	return x
}

// bits reports the first place where two slices differ.
func bits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i, v := range got {
		if math.Float32bits(v) != math.Float32bits(want[i]) {
			t.Fatalf("%s: place %d of %d is %v, want %v", what, i, len(got), v, want[i])
		}
	}
}

// inGap is a matrix inside larger storage, whose gaps no kernel may touch.
func inGap(g *rand.Rand, rows, cols int) Matrix {
	stride := cols + g.IntN(3)
	return Matrix{Rows: rows, Cols: cols, Stride: stride, Data: random(g, rows*stride+5)}
}

// both runs f on copies of x with the assembly and without it, and compares all of x.
func both(t *testing.T, what string, x []float32, f func(x []float32)) {
	t.Helper()
	if !fast {
		t.Skip("no assembly here")
	}
	got, want := append([]float32(nil), x...), append([]float32(nil), x...)
	f(got)
	slow(func() { f(want) })
	bits(t, what, got, want)
}

func TestMulAddEqualsPlain(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 1))
	for _, m := range []int{0, 1, 2, 3, 4, 5, 8, 9, 31} {
		for _, n := range sizes {
			for _, k := range []int{0, 1, 2, 5, 33} {
				a, b, c := inGap(g, m, k), inGap(g, k, n), inGap(g, m, n)
				at := inGap(g, k, m)
				what := fmt.Sprintf("%d×%d×%d", m, n, k)
				both(t, what, c.Data, func(x []float32) {
					MulAdd(Matrix{m, n, c.Stride, x}, a, b)
				})
				both(t, what+" transposed", c.Data, func(x []float32) {
					MulAddT(Matrix{m, n, c.Stride, x}, at, b)
				})
			}
		}
	}
}

// TestLargeMulAddEqualsPlain has a right side that is taken in pieces.
func TestLargeMulAddEqualsPlain(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][3]int{{17, 150, 300}, {64, 33, 1000}, {16, 4097, 8}} {
		m, n, k := s[0], s[1], s[2]
		a, at, b, c := inGap(g, m, k), inGap(g, k, m), inGap(g, k, n), inGap(g, m, n)
		both(t, fmt.Sprint(s), c.Data, func(x []float32) { MulAdd(Matrix{m, n, c.Stride, x}, a, b) })
		both(t, fmt.Sprint(s, " transposed"), c.Data, func(x []float32) { MulAddT(Matrix{m, n, c.Stride, x}, at, b) })
	}
}

// TestMulAddIsAProduct compares with sums in float64.
func TestMulAddIsAProduct(t *testing.T) {
	g := rand.New(rand.NewPCG(2, 1))
	m, n, k := 13, 29, 50
	a, b, c := Of(random(g, m*k), m, k), Of(random(g, k*n), k, n), Of(random(g, m*n), m, n)
	before := append([]float32(nil), c.Data...)
	at := Of(make([]float32, m*k), k, m)
	Transpose(at, a)
	for _, mul := range []func(){func() { MulAdd(c, a, b) }, func() { MulAddT(c, at, b) }} {
		copy(c.Data, before)
		mul()
		for i := range m {
			for j := range n {
				want := float64(before[i*n+j])
				for l := range k {
					want += float64(a.Data[i*k+l]) * float64(b.Data[l*n+j])
				}
				if got := float64(c.Data[i*n+j]); !(math.Abs(got-want) <= 1e-5) {
					t.Errorf("element (%d, %d) is %v, want %v", i, j, got, want)
				}
			}
		}
	}
}

// TestRowsStandAlone: a row of a product does not depend on the rows beside it.
func TestRowsStandAlone(t *testing.T) {
	g := rand.New(rand.NewPCG(3, 1))
	m, n, k := 11, 37, 19
	a, b, c := Of(random(g, m*k), m, k), Of(random(g, k*n), k, n), Of(make([]float32, m*n), m, n)
	MulAdd(c, a, b)
	for i := range m {
		one := Of(make([]float32, n), 1, n)
		MulAdd(one, Of(a.Data[i*k:], 1, k), b)
		bits(t, fmt.Sprintf("row %d alone", i), one.Data, c.Data[i*n:])
	}
}

func TestElementwiseEqualsPlain(t *testing.T) {
	g := rand.New(rand.NewPCG(5, 1))
	for _, n := range sizes {
		x, y := random(g, n), random(g, n)
		if n > 8 {
			x[1], x[2], x[3], x[4] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.Copysign(0, -1))
			y[1] = float32(math.Copysign(0, -1))
		}
		what := fmt.Sprint(n)
		both(t, "relu "+what, random(g, n+3), func(z []float32) { Relu(z[:n], x) })
		both(t, "relu back "+what, random(g, n+3), func(z []float32) { ReluBack(z[:n], y, x) })
		both(t, "tanh "+what, random(g, n+3), func(z []float32) { Tanh(z[:n], x) })
		if n > 8 {
			x[1] = 1
		}
		both(t, "axpy "+what, random(g, n+3), func(z []float32) { Axpy(z[:n], 0.7, x) })
	}
	y := []float32{1, 2, 3}
	Relu(y, []float32{-1, 4, float32(math.NaN())})
	bits(t, "relu", y, []float32{0, 4, 0})
	ReluBack(y, []float32{7, 8, 9}, []float32{0, 4, -1})
	bits(t, "relu back", y, []float32{0, 8, 0})
}

func TestTanh(t *testing.T) {
	var x, y []float32
	for v := -20.0; v < 20; v += 1.0 / 512 {
		x = append(x, float32(v), float32(v*1e-4))
	}
	y = make([]float32, len(x))
	Tanh(y, x)
	for i, v := range x {
		want := math.Tanh(float64(v))
		if got := float64(y[i]); !(math.Abs(got-want) <= 4e-7 && math.Abs(got-want) <= 1e-6*math.Abs(want) && math.Abs(got) <= 1) {
			t.Fatalf("tanh %v is %v, want %v", v, got, want)
		}
	}
	x[0], x[1], x[2] = float32(math.Inf(1)), float32(math.Inf(-1)), 0
	Tanh(y[:8], x[:8])
	if !(y[0] > 0.999999 && y[1] < -0.999999 && y[2] == 0) {
		t.Errorf("at the ends and 0: %v", y[:3])
	}
}

func TestAdamEqualsPlain(t *testing.T) {
	g := rand.New(rand.NewPCG(6, 1))
	s := AdamStep{Scale: 0.005, L2: 1e-4, Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Rate: 1e-3, Epsilon: 1e-8}
	for _, n := range sizes {
		all := random(g, 4*n)
		for i := 2 * n; i < 3*n; i++ {
			all[i] *= all[i] // second moments are not negative
		}
		both(t, fmt.Sprint("adam ", n), all, func(x []float32) {
			for range 3 {
				Adam(x[:n], x[n:2*n], x[2*n:3*n], x[3*n:], &s)
			}
		})
	}
}

func TestBadShapesPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"inner": func() {
			MulAdd(Of(make([]float32, 4), 2, 2), Of(make([]float32, 6), 2, 3), Of(make([]float32, 4), 2, 2))
		},
		"short A": func() {
			MulAdd(Of(make([]float32, 4), 2, 2), Matrix{2, 2, 3, make([]float32, 4)}, Of(make([]float32, 4), 2, 2))
		},
		"short B": func() { MulAddT(Of(make([]float32, 4), 2, 2), Of(make([]float32, 4), 2, 2), Matrix{2, 2, 2, nil}) },
		"stride": func() {
			MulAdd(Matrix{2, 2, 1, make([]float32, 9)}, Of(make([]float32, 4), 2, 2), Of(make([]float32, 4), 2, 2))
		},
		"lengths": func() { Axpy(make([]float32, 2), 1, make([]float32, 3)) },
		"adam": func() {
			Adam(make([]float32, 2), make([]float32, 2), make([]float32, 1), make([]float32, 2), &AdamStep{})
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
