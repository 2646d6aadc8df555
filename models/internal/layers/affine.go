package layers

import (
	"math"
	"math/rand/v2"

	"flowbook/models/internal/f32"
)

// Affine is y = x·W + b: W is In × Out, b stands behind it.
type Affine struct{ In, Out int }

func (a Affine) Size() (int, int) { return a.In, a.Out }

func (a Affine) Weights() (int, int) { return (a.In + 1) * a.Out, a.In * a.Out }

// Init draws weights and biases uniformly from ±√(6/(In+Out)) [1], as scikit-learn
// does, which keeps the variance of what goes through a layer about the same both ways.
//
// [1] Glorot, Bengio (2010), AISTATS 9, 249-256, equation 16.
func (a Affine) Init(w []float32, random *rand.Rand) {
	bound := math.Sqrt(6 / float64(a.In+a.Out))
	for i := range w {
		w[i] = float32((2*random.Float64() - 1) * bound)
	}
}

func (a Affine) split(w []float32) (matrix f32.Matrix, bias []float32) {
	return f32.Of(w, a.In, a.Out), w[a.In*a.Out:]
}

func (a Affine) Forward(p *Pass) {
	w, bias := a.split(p.W)
	for i := range p.N {
		copy(p.Y[i*a.Out:], bias)
	}
	f32.MulAdd(f32.Of(p.Y, p.N, a.Out), f32.Of(p.X, p.N, a.In), w)
}

func (a Affine) Backward(p *Pass) {
	g, bias := a.split(p.G)
	dy := f32.Of(p.DY, p.N, a.Out)
	f32.MulAddT(g, f32.Of(p.X, p.N, a.In), dy)
	addRows(bias, p.DY)
	if p.DX == nil {
		return
	}
	w, _ := a.split(p.W)
	turned := f32.Of(p.spared(a.In*a.Out), a.Out, a.In)
	f32.Transpose(turned, w)
	clear(p.DX)
	f32.MulAdd(f32.Of(p.DX, p.N, a.In), dy, turned)
}

// addRows adds every row of x to sum.
func addRows(sum, x []float32) {
	for ; len(x) > 0; x = x[len(sum):] {
		f32.Axpy(sum, 1, x[:len(sum)])
	}
}
