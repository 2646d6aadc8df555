package decompose

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// random solves by subspace iteration. Q, p × l with orthonormal columns, starts as
// random directions and becomes orth(Xᵀ(XQ)) in each pass; then XQ = UΣWᵀ, and the
// components are QW.
//
// Working on the side of the columns needs no n × l matrix: a row's part of Xᵀ(XQ) is
// added as it is read.
func (p PCA) random(ctx context.Context, d *bound) (*spectrum, error) {
	if p.Oversample == 0 {
		p.Oversample = 10
	}
	if p.Power == 0 {
		p.Power = 4
	}
	x, err := dense.NewCompact(d.rows, "decompose")
	if err != nil {
		return nil, err
	}
	r := &sketch{bound: d, x: x, l: min(p.K+p.Oversample, d.p, d.n), shift: make([]float64, d.p)}
	s := &spectrum{mean: make([]float64, d.p)}
	if err := r.centre(s); err != nil {
		return nil, err
	}
	g := p.Seed.At("pca").Rand()
	q := make([]float64, d.p*r.l)
	for i := range q {
		q[i] = g.NormFloat64()
	}
	orthonormal(q, d.p, r.l)
	for range p.Power {
		if q, err = r.pass(ctx, q); err != nil {
			return nil, err
		}
		orthonormal(q, d.p, r.l)
	}
	low := r.times(q)
	t, err := triangle(ctx, d.n, r.l, func(y []float64, lo, hi int) error {
		r.rows(q, low, lo, hi, func(i int, w float64, cols []int32, vals, row []float64) {
			for c, v := range row {
				y[(i-lo)*r.l+c] = v * math.Sqrt(w)
			}
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	var svd mat.SVD
	if err := patiently(ctx, func() bool { return svd.Factorize(mat.NewDense(r.l, r.l, t), mat.SVDThinV) }); err != nil {
		return nil, err
	}
	var w mat.Dense
	svd.VTo(&w)
	for k, v := range svd.Values(nil) {
		s.squares = append(s.squares, v*v)
		line := make([]float64, d.p)
		for j := range line {
			for c := range r.l {
				line[j] += float64(q[j*r.l+c] * w.At(c, k))
			}
		}
		s.vectors = append(s.vectors, line)
	}
	return s, nil
}

// sketch is the compact rows and the shift of their mean from the base.
type sketch struct {
	*bound
	x     *dense.Compact
	l     int
	shift []float64
}

// centre finds the mean and the sum of squares about it.
func (r *sketch) centre(s *spectrum) error {
	squares := make([]float64, r.p)
	for b := range r.x.Blocks {
		r.entries(&r.x.Blocks[b], func(w float64, col int32, v float64) { r.shift[col] += float64(w * v) })
	}
	rest := make([]float64, r.p) // weight of the rows that are at the base
	for j := range r.shift {
		r.shift[j] /= r.sum
		s.mean[j], rest[j] = r.x.Base[j]+r.shift[j], r.sum
	}
	for b := range r.x.Blocks {
		r.entries(&r.x.Blocks[b], func(w float64, col int32, v float64) {
			off := v - r.shift[col]
			squares[col] += float64(w * off * off)
			rest[col] -= w
		})
	}
	for j, v := range squares {
		s.total += v + float64(max(0, rest[j])*r.shift[j]*r.shift[j])
	}
	if !(s.total <= math.MaxFloat64) {
		return tooLarge()
	}
	return nil
}

// entries calls f for what differs from the base in a block.
func (r *sketch) entries(b *dense.Block, f func(w float64, col int32, v float64)) {
	for i := b.Lo; i < b.Hi; i++ {
		w := r.weight(i)
		for e := b.Start[i-b.Lo]; e < b.Start[i-b.Lo+1]; e++ {
			f(w, b.Col[e], b.Val[e])
		}
	}
}

// times is shift·Q, what every row's product is too large by.
func (r *sketch) times(q []float64) []float64 {
	low := make([]float64, r.l)
	for j, m := range r.shift {
		for c, v := range q[j*r.l : (j+1)*r.l] {
			low[c] += float64(m * v)
		}
	}
	return low
}

// rows calls f with each row's centred product with Q, not yet times its weight.
func (r *sketch) rows(q, low []float64, lo, hi int, f func(i int, w float64, cols []int32, vals, row []float64)) {
	row := make([]float64, r.l)
	for k := range r.x.Blocks {
		b := &r.x.Blocks[k]
		for i := max(lo, b.Lo); i < min(hi, b.Hi); i++ {
			cols, vals := b.Col[b.Start[i-b.Lo]:b.Start[i-b.Lo+1]], b.Val[b.Start[i-b.Lo]:b.Start[i-b.Lo+1]]
			for c, v := range low {
				row[c] = -v
			}
			for e, col := range cols {
				v := vals[e]
				for c, u := range q[int(col)*r.l : (int(col)+1)*r.l] {
					row[c] += float64(v * u)
				}
			}
			f(i, r.weight(i), cols, vals, row)
		}
	}
}

// pass returns Xᵀ(XQ), from what differs from the base alone: the mean's part of Xᵀ is
// taken times 1ᵀXQ, which is 0.
func (r *sketch) pass(ctx context.Context, q []float64) ([]float64, error) {
	low, n := r.times(q), len(r.x.Blocks)
	all, err := par.Map(ctx, parts, func(ctx context.Context, part int) ([]float64, error) {
		z := make([]float64, r.p*r.l)
		for k := part * n / parts; k < (part+1)*n/parts; k++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b := &r.x.Blocks[k]
			r.rows(q, low, b.Lo, b.Hi, func(_ int, w float64, cols []int32, vals, row []float64) {
				for e, col := range cols {
					v := w * vals[e]
					line := z[int(col)*r.l : (int(col)+1)*r.l]
					for c, u := range row {
						line[c] += float64(v * u)
					}
				}
			})
		}
		return z, nil
	})
	if err != nil {
		return nil, err
	}
	z := make([]float64, r.p*r.l)
	for _, part := range all {
		for i, v := range part {
			z[i] += v
		}
	}
	return z, nil
}

// orthonormal replaces the columns of q, p × l, by an orthonormal basis of theirs.
func orthonormal(q []float64, p, l int) {
	a := blas64.General{Rows: p, Cols: l, Stride: l, Data: q}
	tau, work := make([]float64, l), make([]float64, 64*l)
	lapack64.Geqrf(a, tau, work, len(work))
	lapack64.Orgqr(a, tau, work, len(work))
}
