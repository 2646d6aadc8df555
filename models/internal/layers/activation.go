package layers

import (
	"math"
	"math/rand/v2"

	"flowbook/models/internal/f32"
)

// Relu is y = max(x, 0) for Width numbers a row; its slope at 0 is taken as 0.
type Relu struct{ Width int }

func (r Relu) Size() (int, int)         { return r.Width, r.Width }
func (Relu) Weights() (int, int)        { return 0, 0 }
func (Relu) Init([]float32, *rand.Rand) {}
func (Relu) Forward(p *Pass)            { f32.Relu(p.Y, p.X) }
func (Relu) Backward(p *Pass)           { f32.ReluBack(p.DX, p.DY, p.Y) }

// Tanh is y = tanh x.
type Tanh struct{ Width int }

func (t Tanh) Size() (int, int)         { return t.Width, t.Width }
func (Tanh) Weights() (int, int)        { return 0, 0 }
func (Tanh) Init([]float32, *rand.Rand) {}

func (Tanh) Forward(p *Pass) { f32.Tanh(p.Y, p.X) }

func (Tanh) Backward(p *Pass) {
	for i, y := range p.Y {
		p.DX[i] = p.DY[i] * (1 - float32(y*y))
	}
}

// Sigmoid is y = 1/(1+exp(-x)), within 2e-7, by way of (1 + tanh(x/2))/2.
type Sigmoid struct{ Width int }

func (s Sigmoid) Size() (int, int)         { return s.Width, s.Width }
func (Sigmoid) Weights() (int, int)        { return 0, 0 }
func (Sigmoid) Init([]float32, *rand.Rand) {}

func (Sigmoid) Forward(p *Pass) {
	for i, v := range p.X {
		p.Y[i] = v / 2
	}
	f32.Tanh(p.Y, p.Y)
	for i, v := range p.Y {
		p.Y[i] = (1 + v) / 2
	}
}

func (Sigmoid) Backward(p *Pass) {
	for i, y := range p.Y {
		p.DX[i] = float32(p.DY[i]*y) * (1 - y)
	}
}

// Dropout sets each number to 0 with chance Rate while the net is trained, and divides
// the others by 1-Rate, so that their mean stays and nothing is to be done when the net
// answers [1]. The chance is rounded to a multiple of 1/65536.
//
// [1] Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), JMLR 15,
// 1929-1958, section 4; the division is the "inverted" form of section 10.
type Dropout struct {
	Width int
	Rate  float64 // in [0, 1)
}

func (d Dropout) Size() (int, int)         { return d.Width, d.Width }
func (Dropout) Weights() (int, int)        { return 0, 0 }
func (Dropout) Init([]float32, *rand.Rand) {}

func (d Dropout) Forward(p *Pass) {
	if p.Random == nil {
		copy(p.Y, p.X)
		return
	}
	factor := p.spared(len(p.X))
	drop := min(uint64(math.Round(d.Rate*65536)), 65535)
	kept := float32(65536 / float64(65536-drop))
	bits := uint64(0)
	for i, v := range p.X {
		if i%4 == 0 {
			bits = p.Random.Uint64() // sixteen bits a number
		}
		factor[i] = kept
		if bits&65535 < drop {
			factor[i] = 0
		}
		bits >>= 16
		p.Y[i] = v * factor[i]
	}
}

func (d Dropout) Backward(p *Pass) {
	for i, f := range p.Spare {
		p.DX[i] = p.DY[i] * f
	}
}
