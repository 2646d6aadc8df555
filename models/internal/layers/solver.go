package layers

import (
	"math"

	"flowbook/models/internal/f32"
)

// Solver moves weights against their gradient. A step is one Begin, then Move for
// each stretch of the weights, from any goroutine.
type Solver interface {
	// Begin starts the next step for n weights.
	Begin(n int)
	// Move updates the weights w, which are those from lo on, given the sum of the
	// rows' gradients g; scale·g + l2·w is followed.
	Move(lo int, w, g []float32, scale, l2 float32)
}

// Adam divides each weight's step by how large its gradients have lately been [1]. The
// constants but the rate are those of the paper; they are scikit-learn's too.
//
// [1] Kingma, Ba (2015), ICLR, algorithm 1 in the form at the end of section 2.
type Adam struct {
	Rate float64 // above 0
	m, v []float32
	step int
	now  f32.AdamStep
}

func (a *Adam) Begin(n int) {
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-8
	if a.m == nil {
		a.m, a.v = make([]float32, n), make([]float32, n)
	}
	a.step++
	t := float64(a.step)
	rate := a.Rate * math.Sqrt(1-math.Pow(beta2, t)) / (1 - math.Pow(beta1, t))
	a.now = f32.AdamStep{Beta1: beta1, Rest1: 1 - beta1, Beta2: beta2, Rest2: 1 - beta2, Rate: float32(rate), Epsilon: epsilon}
}

func (a *Adam) Move(lo int, w, g []float32, scale, l2 float32) {
	s := a.now
	s.Scale, s.L2 = scale, l2
	f32.Adam(w, a.m[lo:lo+len(w)], a.v[lo:lo+len(w)], g, &s)
}

// Momentum keeps rolling: v = Momentum·v - Rate·g, w += v [1]; with Nesterov w moves by
// Momentum·v - Rate·g, v being the new one [2].
//
// [1] Polyak (1964), USSR Comput. Math. and Math. Phys. 4(5), 1-17. [2] Sutskever,
// Martens, Dahl, Hinton (2013), ICML, section 2.
type Momentum struct {
	Rate     float64 // above 0
	Momentum float64 // in [0, 1)
	Nesterov bool
	v        []float32
}

func (s *Momentum) Begin(n int) {
	if s.v == nil {
		s.v = make([]float32, n)
	}
}

func (s *Momentum) Move(lo int, w, g []float32, scale, l2 float32) {
	momentum, rate := float32(s.Momentum), float32(s.Rate)
	v := s.v[lo : lo+len(w)]
	for i, x := range g {
		pull := rate * (float32(x*scale) + float32(l2*w[i]))
		v[i] = float32(momentum*v[i]) - pull
		if s.Nesterov {
			w[i] += float32(momentum*v[i]) - pull
		} else {
			w[i] += v[i]
		}
	}
}
