package linear

import (
	"context"
	"math"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// maxFactor is the number of columns up to which a line's part of the Hessian is
// factorised; above it the diagonal has to do.
const maxFactor = 1000

// columns is the matrix of some columns only, rising; the last of the set stands for
// the intercept.
func columns(x *dense.Compact, set []int32) *dense.Compact {
	place := make([]int32, x.P+1)
	for j := range place {
		place[j] = -1
	}
	for e, j := range set {
		place[j] = int32(e)
	}
	some := &dense.Compact{N: x.N, P: len(set) - 1, Blocks: make([]dense.Block, len(x.Blocks))}
	par.Do(len(x.Blocks), func(k int) {
		b := &x.Blocks[k]
		part := dense.Block{Lo: b.Lo, Hi: b.Hi, Start: make([]int32, 1, len(b.Start))}
		for i := range b.Hi - b.Lo {
			for e := b.Start[i]; e < b.Start[i+1]; e++ {
				if at := place[b.Col[e]]; at >= 0 {
					part.Col, part.Val = append(part.Col, at), append(part.Val, b.Val[e])
				}
			}
			part.Start = append(part.Start, int32(len(part.Col)))
		}
		some.Blocks[k] = part
	})
	return some
}

// diagonal is a Hessian's, (p+1) × k, as a stand-in for the whole.
type diagonal []float64

// squares returns Σ w_i x_i² for k weights a row, which weigh writes.
func squares(x *dense.Compact, k int, weigh func(i int, w []float64)) diagonal {
	size := (x.P + 1) * k
	sums := partials(size)
	over(x, func(part int, b *dense.Block) {
		w, h := make([]float64, k), sums[part]
		for i := b.Lo; i < b.Hi; i++ {
			weigh(i, w)
			for c, u := range w {
				h[x.P*k+c] += u
			}
			for e := b.Start[i-b.Lo]; e < b.Start[i-b.Lo+1]; e++ {
				v := b.Val[e] * b.Val[e]
				for c, u := range w {
					h[int(b.Col[e])*k+c] += float64(v * u)
				}
			}
		}
	})
	out := make(diagonal, size)
	add(out, sums)
	return out
}

// positive puts 1 where nothing is left to divide by.
func (d diagonal) positive() diagonal {
	for j, v := range d {
		if !(v >= 1e-300) {
			d[j] = 1
		}
	}
	return d
}

func (d diagonal) solve(r, z []float64) {
	for j, v := range r {
		z[j] = v / d[j]
	}
}

// factors are Cholesky factors, one a line of coefficients: q × q, lower.
type factors struct {
	k, q int
	l    [][]float64
}

// solve writes M⁻¹r, line by line; z may be r.
func (m factors) solve(r, z []float64) {
	par.Do(m.k, func(c int) { m.line(c, r, z) })
}

// line solves L Lᵀ z = r for line c.
func (m factors) line(c int, r, z []float64) {
	l, q := m.l[c], m.q
	y := make([]float64, q)
	for i := range q {
		y[i] = (r[i*m.k+c] - dense.Dot(l[i*q:i*q+i], y[:i])) / l[i*q+i]
	}
	for i := q - 1; i >= 0; i-- {
		y[i] /= l[i*q+i]
		for j, v := range l[i*q : i*q+i] {
			y[j] -= float64(v * y[i])
		}
		z[i*m.k+c] = y[i]
	}
}

// cholesky factorises the lower triangle of a in place. A pivot that rounding has
// taken (an intercept whose probabilities are all 0 or 1) becomes tiny, not zero. Where
// ctx ends it stops half-way, as gram does.
func cholesky(ctx context.Context, a []float64, q int) {
	for i := range q {
		if i%32 == 0 && ctx.Err() != nil {
			return
		}
		row := a[i*q : i*q+q]
		for j := range i {
			other := a[j*q : j*q+q]
			row[j] = (row[j] - dense.Dot(row[:j], other[:j])) / other[j]
		}
		pivot := row[i]
		rest := pivot - dense.Dot(row[:i], row[:i])
		if floor := max(1e-14*pivot, 1e-290); !(rest > floor) {
			rest = floor
		}
		row[i] = math.Sqrt(rest)
	}
}
