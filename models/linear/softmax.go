package linear

import (
	"context"
	"math"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// multi is the multinomial problem, a line of coefficients a class:
//
//	½ ridge Σ β² + Σ_i s_i (log Σ_c exp z_ic - z_iy)
type multi struct {
	x      *dense.Compact
	labels []int
	s      []float64 // one a row
	k      int
	ridge  float64
	prob   []float64 // n × k, of the last call of gradient
}

func newMulti(x *dense.Compact, labels []int, s []float64, k int, ridge float64) *multi {
	return &multi{x: x, labels: labels, s: s, k: k, ridge: ridge, prob: make([]float64, x.N*k)}
}

func (o *multi) size() int { return (o.x.P + 1) * o.k }

func (o *multi) slopes() int { return o.x.P * o.k }

// scores writes z of row i.
func (o *multi) scores(b *dense.Block, i int, theta, z []float64) {
	k := o.k
	copy(z, theta[o.x.P*k:])
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	for e, col := range b.Col[lo:hi] {
		v, line := b.Val[int(lo)+e], theta[int(col)*k:]
		for c := range z {
			z[c] += float64(v * line[c])
		}
	}
}

// scatter adds the outer product of row i with r to g.
func (o *multi) scatter(b *dense.Block, i int, r, g []float64) {
	k := o.k
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	for c, v := range r {
		g[o.x.P*k+c] += v
	}
	for e, col := range b.Col[lo:hi] {
		v, line := b.Val[int(lo)+e], g[int(col)*k:]
		for c, w := range r {
			line[c] += float64(v * w)
		}
	}
}

// gradient returns the objective at θ, writes its gradient and keeps the
// probabilities.
func (o *multi) gradient(theta, g []float64) float64 {
	var losses [parts]float64
	sums := partials(o.size())
	over(o.x, func(part int, b *dense.Block) {
		r := make([]float64, o.k)
		loss := 0.0
		for i := b.Lo; i < b.Hi; i++ {
			z := o.prob[i*o.k : (i+1)*o.k]
			o.scores(b, i, theta, z)
			y := o.labels[i]
			own := z[y]
			loss += float64(o.s[i] * (softmax(z) - own))
			for c, p := range z {
				r[c] = o.s[i] * p
			}
			r[y] -= o.s[i]
			o.scatter(b, i, r, sums[part])
		}
		losses[part] += loss
	})
	f, end := 0.0, o.slopes()
	for _, l := range losses {
		f += l
	}
	for j, v := range theta[:end] {
		g[j] = o.ridge * v
		f += float64(g[j] * v / 2)
	}
	clear(g[end:])
	add(g, sums)
	return f
}

// product writes the Hessian of the last gradient's θ times v.
func (o *multi) product(v, out []float64) {
	sums := partials(o.size())
	over(o.x, func(part int, b *dense.Block) {
		u := make([]float64, o.k)
		for i := b.Lo; i < b.Hi; i++ {
			o.scores(b, i, v, u)
			p := o.prob[i*o.k : (i+1)*o.k]
			mean := 0.0
			for c := range u {
				mean += float64(p[c] * u[c])
			}
			for c := range u {
				u[c] = o.s[i] * p[c] * (u[c] - mean)
			}
			o.scatter(b, i, u, sums[part])
		}
	})
	end := o.slopes()
	for j, u := range v[:end] {
		out[j] = o.ridge * u
	}
	clear(out[end:])
	add(out, sums)
}

// direction writes the Newton step by conjugate gradients. Its stand-in for the
// Hessian are each class's own blocks, factorised, or the diagonal.
func (o *multi) direction(ctx context.Context, g, d []float64) error {
	solve := o.solver()
	return conjugate(ctx, g, d, o.product, func(r, z []float64) {
		solve(r, z)
		centre(z, o.k)
	})
}

func (o *multi) solver() func(r, z []float64) {
	end := o.slopes()
	if o.x.P > maxFactor {
		h := squares(o.x, o.k, o.weigh)
		for j := range end {
			h[j] += o.ridge
		}
		return h.positive().solve
	}
	m := factors{k: o.k, q: o.x.P + 1, l: make([][]float64, o.k)}
	w := make([]float64, o.x.N)
	for c := range m.l {
		for i := range w {
			p := o.prob[i*o.k+c]
			w[i] = o.s[i] * p * (1 - p)
		}
		m.l[c] = gram(o.x, w)
		for j := range o.x.P {
			m.l[c][j*m.q+j] += o.ridge
		}
	}
	par.Do(o.k, func(c int) { cholesky(m.l[c], m.q) })
	return m.solve
}

// weigh writes the curves of row i, those of each score by itself.
func (o *multi) weigh(i int, w []float64) {
	for c, p := range o.prob[i*o.k : (i+1)*o.k] {
		w[c] = o.s[i] * p * (1 - p)
	}
}

// centre takes lines to those that sum to 0, where gradients and steps of the
// multinomial loss live.
func centre(z []float64, k int) {
	for j := 0; j < len(z); j += k {
		mean := 0.0
		for _, v := range z[j : j+k] {
			mean += v
		}
		mean /= float64(k)
		for c := range k {
			z[j+c] -= mean
		}
	}
}

// softmax turns scores into probabilities in place and returns log Σ exp.
func softmax(z []float64) float64 {
	top := z[0]
	for _, v := range z[1:] {
		top = max(top, v)
	}
	sum := 0.0
	for c, v := range z {
		z[c] = math.Exp(v - top)
		sum += z[c]
	}
	for c := range z {
		z[c] /= sum
	}
	return top + math.Log(sum)
}
