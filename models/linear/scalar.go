package linear

import (
	"context"
	"math"

	"flowbook/models/internal/dense"
)

// scalar is a problem with one line of coefficients:
//
//	½ ridge Σ β² + ½ bind b² + Σ_i loss_i(z_i)
//
// b, the intercept in the units of the columns, is that of the compact matrix less
// base·β: a penalty on it ties all coefficients together.
type scalar struct {
	x           *dense.Compact
	loss        loss
	ridge, bind float64
	steady      bool      // the loss may be straight: steps of the intercept are held to about 1
	curve       []float64 // second derivatives, one a row, of the last call of gradient
}

// loss is a convex function of each row's score, with the row's weight in it.
type loss interface {
	// tile writes the first and second derivative of the losses of rows lo, lo+1, …
	// at their scores z, and returns the sum of the losses.
	tile(lo int, z, d, h []float64) float64
}

// tileRows is how many rows go through a loss at a time: they stay in the cache.
const tileRows = 256

func newScalar(x *dense.Compact, l loss, ridge, bind float64) *scalar {
	return &scalar{x: x, loss: l, ridge: ridge, bind: bind, curve: make([]float64, x.N)}
}

func (o *scalar) size() int { return o.x.P + 1 }

func (o *scalar) slopes() int { return o.x.P }

// gradient returns the objective at θ, writes its gradient and keeps the curves.
func (o *scalar) gradient(theta, g []float64) float64 {
	var losses [parts]float64
	sums := partials(o.size())
	over(o.x, func(part int, b *dense.Block) {
		var z, d [tileRows]float64
		sum := sums[part]
		for lo := b.Lo; lo < b.Hi; lo += tileRows {
			n := min(b.Hi-lo, tileRows)
			for i := range n {
				z[i] = score(b, lo+i, theta)
			}
			losses[part] += o.loss.tile(lo, z[:n], d[:n], o.curve[lo:lo+n])
			for i, v := range d[:n] {
				scatter(b, lo+i, v, sum)
			}
		}
	})
	f := o.penalty(theta, g)
	for _, l := range losses {
		f += l
	}
	add(g, sums)
	return f
}

// penalty returns the quadratic part at θ and writes its gradient.
func (o *scalar) penalty(theta, g []float64) float64 {
	f, p := 0.0, o.x.P
	for j, v := range theta[:p] {
		g[j] = o.ridge * v
		f += float64(g[j] * v / 2)
	}
	g[p] = 0
	if o.bind > 0 {
		b := o.intercept(theta)
		f += float64(o.bind * b * b / 2)
		o.tie(o.bind*b, g)
	}
	return f
}

// intercept is b = θ_p - base·β.
func (o *scalar) intercept(theta []float64) float64 {
	return theta[o.x.P] - dot(o.x.Base, theta[:o.x.P])
}

// tie adds v times the gradient of b.
func (o *scalar) tie(v float64, g []float64) {
	for j, base := range o.x.Base {
		g[j] -= float64(v * base)
	}
	g[o.x.P] += v
}

// product writes H + μ times v, at the last gradient's θ.
func (o *scalar) product(mu float64, v, out []float64) {
	sums := partials(o.size())
	over(o.x, func(part int, b *dense.Block) {
		for i := b.Lo; i < b.Hi; i++ {
			if h := o.curve[i]; h != 0 {
				scatter(b, i, h*score(b, i, v), sums[part])
			}
		}
	})
	o.penalty(v, out)
	for j, u := range v[:o.x.P] {
		out[j] += float64(mu * u)
	}
	add(out, sums)
}

// direction writes the Newton step, by factorising the Hessian or, where that is
// too large, by conjugate gradients.
func (o *scalar) direction(ctx context.Context, g []float64, mu float64, d []float64) error {
	if o.x.P > maxFactor {
		return conjugate(ctx, g, d, func(v, out []float64) { o.product(mu, v, out) }, o.diagonal(mu).solve)
	}
	m := factors{k: 1, q: o.size(), l: [][]float64{o.hessian(ctx, mu)}}
	if o.steady {
		m.l[0][m.q*m.q-1] += math.Abs(g[o.x.P])
	}
	cholesky(ctx, m.l[0], m.q)
	if err := ctx.Err(); err != nil {
		return err
	}
	for j, v := range g {
		d[j] = -v
	}
	m.solve(d, d)
	return nil
}

// hessian is the lower triangle of H + μ.
func (o *scalar) hessian(ctx context.Context, mu float64) []float64 {
	h, p, q := dense.Gram(ctx, o.x, o.curve), o.x.P, o.size()
	for j := range p {
		h[j*q+j] += o.ridge + mu
	}
	if o.bind > 0 {
		v := make([]float64, q)
		o.tie(1, v)
		for i, a := range v {
			for j, b := range v[:i+1] {
				h[i*q+j] += float64(o.bind * a * b)
			}
		}
	}
	return h
}

func (o *scalar) diagonal(mu float64) diagonal {
	h := squares(o.x, 1, func(i int, w []float64) { w[0] = o.curve[i] })
	tie := make([]float64, o.size())
	if o.bind > 0 {
		o.tie(1, tie)
	}
	for j := range h {
		if j < o.x.P {
			h[j] += o.ridge + mu
		}
		h[j] += float64(o.bind * tie[j] * tie[j])
	}
	return h.positive()
}

// score is z of row i.
func score(b *dense.Block, i int, theta []float64) float64 {
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	sum, vals := theta[len(theta)-1], b.Val[lo:hi]
	for e, col := range b.Col[lo:hi] {
		sum += float64(vals[e] * theta[col])
	}
	return sum
}

// scatter adds r times row i to g.
func scatter(b *dense.Block, i int, r float64, g []float64) {
	if r == 0 {
		return
	}
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	vals := b.Val[lo:hi]
	for e, col := range b.Col[lo:hi] {
		g[col] += float64(vals[e] * r)
	}
	g[len(g)-1] += r
}
