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
//
// Most rows leave most classes no chance worth a number. Chances below e⁻⁴⁰ are 0, and
// the Hessian is made of the rows and classes that have a say in it only.
type multi struct {
	x      *dense.Compact
	labels []int
	s      []float64 // one a row
	k      int
	ridge  float64
	prob   []float64 // n × k, of the last call of gradient
	least  float64   // chances below it have no say in the Hessian: all together not 1e-5 of a ridge of 1
	open   []open    // a block's
}

// open lists the rows of a block that are open between two classes or more, and those.
type open struct {
	rows, start, classes []int32 // row rows[e] has classes start[e] ≤ f < start[e+1]
}

func newMulti(x *dense.Compact, labels []int, s []float64, k int, ridge float64) *multi {
	o := &multi{x: x, labels: labels, s: s, k: k, ridge: ridge, prob: make([]float64, x.N*k), open: make([]open, len(x.Blocks))}
	total := 0.0
	for _, v := range s {
		total += v
	}
	o.least = 1e-5 / max(1, total)
	return o
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
		line = line[:len(z)]
		for c := range z {
			z[c] += float64(v * line[c])
		}
	}
}

// scatter adds the outer product of row i with r, which has an entry for each of some
// classes, to g.
func (o *multi) scatter(b *dense.Block, i int, classes []int32, r, g []float64) {
	k := o.k
	r = r[:len(classes)]
	for a, c := range classes {
		g[o.x.P*k+int(c)] += r[a]
	}
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	for e, col := range b.Col[lo:hi] {
		v, line := b.Val[int(lo)+e], g[int(col)*k:int(col)*k+k]
		for a, c := range classes {
			line[c] += float64(v * r[a])
		}
	}
}

// gradient returns the objective at θ, writes its gradient and keeps the
// probabilities.
func (o *multi) gradient(theta, g []float64) float64 {
	var losses [parts]float64
	sums := partials(o.size())
	over(o.x, func(part int, b *dense.Block) {
		r, classes := make([]float64, o.k), make([]int32, o.k)
		loss := 0.0
		for i := b.Lo; i < b.Hi; i++ {
			z := o.prob[i*o.k : (i+1)*o.k]
			o.scores(b, i, theta, z)
			y, some := o.labels[i], 0
			own := z[y]
			loss += float64(o.s[i] * (softmax(z, 40) - own))
			for c, p := range z {
				if c == y {
					p -= 1
				}
				if p != 0 {
					classes[some], r[some] = int32(c), o.s[i]*p
					some++
				}
			}
			o.scatter(b, i, classes[:some], r, sums[part])
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

// look lists the open rows at the last gradient's θ.
func (o *multi) look() {
	par.Do(len(o.open), func(k int) {
		b, l := &o.x.Blocks[k], &o.open[k]
		l.rows, l.start, l.classes = l.rows[:0], append(l.start[:0], 0), l.classes[:0]
		for i := b.Lo; i < b.Hi; i++ {
			was := len(l.classes)
			for c, p := range o.prob[i*o.k : (i+1)*o.k] {
				if p > o.least {
					l.classes = append(l.classes, int32(c))
				}
			}
			if len(l.classes) < was+2 || o.s[i] == 0 {
				l.classes = l.classes[:was]
				continue
			}
			l.rows = append(l.rows, int32(i))
			l.start = append(l.start, int32(len(l.classes)))
		}
	})
}

// overOpen calls f for each open row and its classes, in the order of over.
func (o *multi) overOpen(f func(part int, b *dense.Block, i int, classes []int32)) {
	n := len(o.x.Blocks)
	par.Do(parts, func(g int) {
		for k := g * n / parts; k < (g+1)*n/parts; k++ {
			l := &o.open[k]
			for e, i := range l.rows {
				f(g, &o.x.Blocks[k], int(i), l.classes[l.start[e]:l.start[e+1]])
			}
		}
	})
}

// product writes H + μ times v, at the θ that look was called at.
func (o *multi) product(mu float64, v, out []float64) {
	sums := partials(o.size())
	scores := partials(o.k)
	k := o.k
	o.overOpen(func(part int, b *dense.Block, i int, classes []int32) {
		u := scores[part][:len(classes)]
		for a, c := range classes {
			u[a] = v[o.x.P*k+int(c)]
		}
		lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
		for e, col := range b.Col[lo:hi] {
			x, line := b.Val[int(lo)+e], v[int(col)*k:int(col)*k+k]
			for a, c := range classes {
				u[a] += float64(x * line[c])
			}
		}
		p := o.prob[i*k : (i+1)*k]
		mean := 0.0
		for a, c := range classes {
			mean += float64(p[c] * u[a])
		}
		for a, c := range classes {
			u[a] = o.s[i] * p[c] * (u[a] - mean)
		}
		o.scatter(b, i, classes, u, sums[part])
	})
	end := o.slopes()
	for j, u := range v[:end] {
		out[j] = (o.ridge + mu) * u
	}
	clear(out[end:])
	add(out, sums)
}

// direction writes the Newton step by conjugate gradients. Its stand-in for the
// Hessian are each class's own blocks, factorised, or the diagonal.
func (o *multi) direction(ctx context.Context, g []float64, mu float64, d []float64) error {
	o.look()
	solve := o.solver(ctx, mu)
	if err := ctx.Err(); err != nil {
		return err
	}
	return conjugate(ctx, g, d, func(v, out []float64) { o.product(mu, v, out) }, func(r, z []float64) {
		solve(r, z)
		centre(z, o.k)
	})
}

func (o *multi) solver(ctx context.Context, mu float64) func(r, z []float64) {
	end := o.slopes()
	if o.x.P > maxFactor {
		h := squares(o.x, o.k, func(i int, w []float64) {
			for c, p := range o.prob[i*o.k : (i+1)*o.k] {
				w[c] = o.s[i] * p * (1 - p)
			}
		})
		for j := range end {
			h[j] += o.ridge + mu
		}
		return h.positive().solve
	}
	m := factors{k: o.k, q: o.x.P + 1, l: make([][]float64, o.k)}
	w := make([]float64, o.x.N)
	for c := range m.l {
		o.curves(c, 100*o.least, w) // a stand-in needs less
		m.l[c] = dense.Gram(ctx, o.x, w)
		for j := range o.x.P {
			m.l[c][j*m.q+j] += o.ridge + mu
		}
	}
	par.Do(o.k, func(c int) { cholesky(ctx, m.l[c], m.q) })
	return m.solve
}

// curves writes the second derivatives in the score of class c alone, those of chances
// within least of 0 or 1 as 0.
func (o *multi) curves(c int, least float64, w []float64) {
	for i := range w {
		w[i] = 0
		if p := o.prob[i*o.k+c]; p > least && 1-p > least {
			w[i] = o.s[i] * p * (1 - p)
		}
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

// softmax turns scores into probabilities in place and returns log Σ exp. Scores more
// than depth below the largest get 0.
func softmax(z []float64, depth float64) float64 {
	top := z[0]
	for _, v := range z[1:] {
		top = max(top, v)
	}
	sum := 0.0
	for c, v := range z {
		if v -= top; v < -depth {
			z[c] = 0
			continue
		}
		z[c] = math.Exp(v)
		sum += z[c]
	}
	for c := range z {
		z[c] /= sum
	}
	return top + math.Log(sum)
}
