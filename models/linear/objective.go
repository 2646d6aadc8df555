package linear

// Symbols: n rows, p columns, k lines of coefficients (1 for two classes).
// θ holds (p+1) × k numbers, a line of k a column, the intercepts last.
// x_i is a row of the compact matrix followed by 1; z_i = x_i·θ; P_i the
// probabilities (of the second class where k is 1); s_i the weight times C.

import (
	"math"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// sampleFrom is the number of rows from which a sample is solved first, sampleStep
// the one in how many of each class is taken.
const (
	sampleFrom = 20000
	sampleStep = 8
)

// parts is the number of partial sums: each adds its rows in order, and they are
// added in order, whatever the number of cores.
const parts = 8

type objective struct {
	x      *dense.Compact
	labels []int
	s      []float64 // one a row
	k      int
	prob   []float64 // n × k, of the last call of gradient
}

func newObjective(x *dense.Compact, labels []int, weights []float64, k int, c float64) *objective {
	o := &objective{x: x, labels: labels, k: k, s: make([]float64, x.N), prob: make([]float64, x.N*k)}
	for i := range o.s {
		if o.s[i] = c; weights != nil {
			o.s[i] *= weights[i]
		}
	}
	return o
}

func (o *objective) size() int { return (o.x.P + 1) * o.k }

// over calls f for each block, those of one part in order, at once for different parts.
func (o *objective) over(f func(part int, b *dense.Block)) {
	n := len(o.x.Blocks)
	par.Do(parts, func(g int) {
		for b := g * n / parts; b < (g+1)*n/parts; b++ {
			f(g, &o.x.Blocks[b])
		}
	})
}

// add sums partial results of equal length in order.
func add(dst []float64, partial [parts][]float64) {
	for _, p := range partial {
		for j, v := range p {
			dst[j] += v
		}
	}
}

// scores writes z of row i.
func (o *objective) scores(b *dense.Block, i int, theta, z []float64) {
	k := o.k
	copy(z, theta[o.x.P*k:])
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	if k == 1 {
		sum := z[0]
		for e, col := range b.Col[lo:hi] {
			sum += float64(b.Val[int(lo)+e] * theta[col])
		}
		z[0] = sum
		return
	}
	for e, col := range b.Col[lo:hi] {
		v, line := b.Val[int(lo)+e], theta[int(col)*k:]
		for c := range z {
			z[c] += float64(v * line[c])
		}
	}
}

// scatter adds the outer product of row i with r to g.
func (o *objective) scatter(b *dense.Block, i int, r, g []float64) {
	k := o.k
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	for c, v := range r {
		g[o.x.P*k+c] += v
	}
	if k == 1 {
		for e, col := range b.Col[lo:hi] {
			g[col] += float64(b.Val[int(lo)+e] * r[0])
		}
		return
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
func (o *objective) gradient(theta, g []float64) float64 {
	var losses [parts]float64
	var partial [parts][]float64
	for i := range partial {
		partial[i] = make([]float64, o.size())
	}
	o.over(func(part int, b *dense.Block) {
		r := make([]float64, o.k)
		loss := 0.0
		for i := b.Lo; i < b.Hi; i++ {
			z := o.prob[i*o.k : (i+1)*o.k]
			o.scores(b, i, theta, z)
			y := o.labels[i]
			if o.k == 1 {
				l, p := logistic(z[0], y)
				loss += float64(o.s[i] * l)
				z[0] = p
				r[0] = o.s[i] * (p - float64(y))
			} else {
				own := z[y]
				loss += float64(o.s[i] * (softmax(z) - own))
				for c, p := range z {
					r[c] = o.s[i] * p
				}
				r[y] -= o.s[i]
			}
			o.scatter(b, i, r, partial[part])
		}
		losses[part] += loss
	})
	f, end := 0.0, o.x.P*o.k
	for _, l := range losses {
		f += l
	}
	for j, v := range theta[:end] {
		f += float64(v * v / 2)
		g[j] = v
	}
	clear(g[end:])
	add(g, partial)
	return f
}

// logistic returns the loss -log P(y) at score z and the probability of the second
// class, with one exponential.
func logistic(z float64, y int) (loss, p float64) {
	e := math.Exp(-math.Abs(z))
	if p = 1 / (1 + e); z < 0 {
		p = e / (1 + e)
	}
	if e < 1e-9 {
		loss = e // to the last bit of the sum, and most rows end here
	} else {
		loss = math.Log1p(e)
	}
	if (y == 1) == (z < 0) {
		loss += math.Abs(z)
	}
	return loss, p
}

// product writes the Hessian of the last gradient's θ times v.
func (o *objective) product(v, out []float64) {
	var partial [parts][]float64
	for i := range partial {
		partial[i] = make([]float64, o.size())
	}
	o.over(func(part int, b *dense.Block) {
		u := make([]float64, o.k)
		for i := b.Lo; i < b.Hi; i++ {
			o.scores(b, i, v, u)
			p := o.prob[i*o.k : (i+1)*o.k]
			if o.k == 1 {
				u[0] *= o.s[i] * p[0] * (1 - p[0])
			} else {
				mean := 0.0
				for c := range u {
					mean += float64(p[c] * u[c])
				}
				for c := range u {
					u[c] = o.s[i] * p[c] * (u[c] - mean)
				}
			}
			o.scatter(b, i, u, partial[part])
		}
	})
	end := o.x.P * o.k
	copy(out[:end], v[:end])
	clear(out[end:])
	add(out, partial)
}

// sample is the objective on every eighth row of each class, weighted to stand for
// all, and on every row far out (squared distance from the base more than four
// times the mean), for those are few and pull hard.
func (o *objective) sample() *objective {
	far := o.far()
	stratum := func(i int) int {
		if far[i] {
			return -1
		}
		return o.labels[i]
	}
	total, kept, next := make(map[int]int), make(map[int]int), make(map[int]int)
	take := func(seen map[int]int, i int) bool {
		c := stratum(i)
		seen[c]++
		return c < 0 || (seen[c]-1)%sampleStep == 0
	}
	for i := range o.labels {
		if take(total, i) {
			kept[stratum(i)]++
		}
	}
	small := &objective{k: o.k, x: &dense.Compact{P: o.x.P}}
	for i := range o.x.Blocks {
		b := &o.x.Blocks[i]
		part := dense.Block{Lo: small.x.N, Start: []int32{0}}
		for i := b.Lo; i < b.Hi; i++ {
			if !take(next, i) {
				continue
			}
			lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
			part.Col = append(part.Col, b.Col[lo:hi]...)
			part.Val = append(part.Val, b.Val[lo:hi]...)
			part.Start = append(part.Start, int32(len(part.Col)))
			small.labels = append(small.labels, o.labels[i])
			c := stratum(i)
			small.s = append(small.s, o.s[i]*float64(total[c])/float64(kept[c]))
			small.x.N++
		}
		part.Hi = small.x.N
		small.x.Blocks = append(small.x.Blocks, part)
	}
	small.prob = make([]float64, small.x.N*small.k)
	return small
}

// far marks the rows far from the base.
func (o *objective) far() []bool {
	square := make([]float64, o.x.N)
	o.over(func(_ int, b *dense.Block) {
		for i := b.Lo; i < b.Hi; i++ {
			for _, v := range b.Val[b.Start[i-b.Lo]:b.Start[i-b.Lo+1]] {
				square[i] += float64(v * v)
			}
		}
	})
	mean := 0.0
	for _, v := range square {
		mean += v / float64(len(square))
	}
	out := make([]bool, len(square))
	for i, v := range square {
		out[i] = v > 4*mean
	}
	return out
}
