package decompose

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// Symbols: X the centred rows, n × p, each times the root of its weight; V the
// components; σ² the squared singular values of X, the eigenvalues of XᵀX.

const (
	gramColumns = 1000 // up to which Auto makes a Gram matrix
	gramLeast   = 1e-4 // σ_k²/σ_1² from which its eigenvectors are good
	parts       = 8    // partial results, combined in order whatever the number of cores
)

// gram solves by the eigenvectors of XᵀX. It returns nil where those would not be good.
//
// The rows count from a base near most of their values, so that taking the mean from
// the sums of squares cancels little; where it does cancel (more than three parts of
// four of a column's squares), the answer is nil too.
func (p PCA) gram(ctx context.Context, d *bound) (*spectrum, error) {
	if d.p > gramColumns || d.p >= d.n {
		return nil, nil
	}
	x, err := dense.NewCompact(d.rows, "decompose")
	if err != nil {
		return nil, err
	}
	h := dense.Gram(ctx, x, d.weights)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q := d.p + 1
	sums := h[d.p*q:]
	s := &spectrum{mean: make([]float64, d.p)}
	c := mat.NewSymDense(d.p, nil)
	for i := range d.p {
		s.mean[i] = x.Base[i] + sums[i]/d.sum
		for j := range i + 1 {
			c.SetSym(i, j, h[i*q+j]-sums[i]*(sums[j]/d.sum))
		}
		raw, centred := h[i*q+i], c.At(i, i)
		if !(raw <= math.MaxFloat64) || !(4*centred >= raw) {
			return nil, nil
		}
		s.total += centred
	}
	if s.total == 0 {
		s.squares, s.vectors = make([]float64, d.p), axes(d.p)
		return s, nil
	}
	var eigen mat.EigenSym
	if err := patiently(ctx, func() bool { return eigen.Factorize(c, true) }); err != nil {
		return nil, err
	}
	s.squares = eigen.Values(nil)
	slices.Reverse(s.squares)
	if k := p.keep(s, min(d.some-1, d.p)); !(s.squares[k-1] >= gramLeast*s.squares[0]) {
		return nil, nil
	}
	var v mat.Dense
	eigen.VectorsTo(&v)
	for k := range d.p {
		s.squares[k] = max(0, s.squares[k])
		s.vectors = append(s.vectors, mat.Col(nil, d.p-1-k, &v))
	}
	return s, nil
}

// full solves by the SVD of X, of its factor R where n ≥ p.
func (d *bound) full(ctx context.Context) (*spectrum, error) {
	s := &spectrum{}
	var err error
	if s.mean, err = d.means(ctx); err != nil {
		return nil, err
	}
	var x *mat.Dense
	if d.n >= d.p {
		r, err := d.triangle(ctx, s.mean)
		if err != nil {
			return nil, err
		}
		x = mat.NewDense(d.p, d.p, r)
	} else {
		data := make([]float64, d.n*d.p)
		if err := d.centred(data, s.mean, 0, d.n); err != nil {
			return nil, err
		}
		x = mat.NewDense(d.n, d.p, data)
	}
	if norm := mat.Norm(x, 2); !(norm <= math.Sqrt(math.MaxFloat64)) {
		return nil, tooLarge()
	}
	var svd mat.SVD
	if err := patiently(ctx, func() bool { return svd.Factorize(x, mat.SVDThinV) }); err != nil {
		return nil, err
	}
	s.squares = svd.Values(nil)
	for k, v := range s.squares {
		s.squares[k] = v * v
		s.total += s.squares[k]
	}
	var v mat.Dense
	svd.VTo(&v)
	for k := range s.squares {
		s.vectors = append(s.vectors, mat.Col(nil, k, &v))
	}
	return s, nil
}

// means returns the weighted means of the columns, each with the mean of what is left
// taken off once more: right to the last digits however far from 0 they lie.
func (d *bound) means(ctx context.Context) ([]float64, error) {
	columns, err := par.Map(ctx, d.p, func(_ context.Context, j int) (float64, error) {
		x, mean := make([]float64, d.n), 0.0
		d.rows.Values(j, x, 0, d.n)
		for range 2 {
			off := 0.0
			for i, v := range x {
				if v-v != 0 {
					return 0, d.rows.Bad("decompose", j, i, v)
				}
				off += float64(d.weight(i) * (v - mean))
			}
			mean += off / d.sum
		}
		if mean-mean != 0 {
			return 0, tooLarge()
		}
		return mean, nil
	})
	return columns, err
}

func tooLarge() error {
	return fmt.Errorf("decompose: numbers too large for the squares of their distances; scale or cap them")
}

// centred writes rows lo ≤ i < hi of X.
func (d *bound) centred(x, mean []float64, lo, hi int) error {
	if err := dense.FillRows(d.rows, "decompose", x, lo, hi); err != nil {
		return err
	}
	for i := lo; i < hi; i++ {
		row, root := x[(i-lo)*d.p:(i-lo+1)*d.p], math.Sqrt(d.weight(i))
		for j, m := range mean {
			row[j] = (row[j] - m) * root
		}
	}
	return nil
}

// triangle returns R of X = QR, p × p: piece by piece, each stacked under the R of
// those before it, in eight parts whose factors are stacked at last.
func (d *bound) triangle(ctx context.Context, mean []float64) ([]float64, error) {
	return triangle(ctx, d.n, d.p, func(x []float64, lo, hi int) error { return d.centred(x, mean, lo, hi) })
}

// triangle is R of the QR factors of n rows of p numbers that fill writes.
func triangle(ctx context.Context, n, p int, fill func(x []float64, lo, hi int) error) ([]float64, error) {
	piece := max(256, 4*p)
	each := par.Count(par.Count(n, piece), parts) // pieces a part
	factors, err := par.Map(ctx, par.Count(par.Count(n, piece), max(1, each)), func(ctx context.Context, part int) ([]float64, error) {
		f := newFactor(p, piece)
		for lo := part * each * piece; lo < min(n, (part+1)*each*piece); lo += piece {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			hi := min(n, lo+piece)
			if err := fill(f.next(hi-lo), lo, hi); err != nil {
				return nil, err
			}
			f.reduce(hi - lo)
		}
		return f.a[:p*p], nil
	})
	if err != nil {
		return nil, err
	}
	f := newFactor(p, p*len(factors))
	all := f.next(p * len(factors))
	for i, r := range factors {
		copy(all[i*p*p:], r)
	}
	f.reduce(p * len(factors))
	return f.a[:p*p], nil
}

// factor is an upper triangle of p lines with room for rows below it.
type factor struct {
	p            int
	a, tau, work []float64
}

func newFactor(p, rows int) *factor {
	f := &factor{p: p, a: make([]float64, (p+rows)*p), tau: make([]float64, p), work: make([]float64, 64*p)}
	return f
}

// next is the place of so many rows.
func (f *factor) next(rows int) []float64 { return f.a[f.p*f.p : (f.p+rows)*f.p] }

// reduce turns the triangle and the rows below it into the triangle of both.
func (f *factor) reduce(rows int) {
	a := blas64.General{Rows: f.p + rows, Cols: f.p, Stride: f.p, Data: f.a[:(f.p+rows)*f.p]}
	lapack64.Geqrf(a, f.tau, f.work, len(f.work))
	for i := range f.p {
		clear(f.a[i*f.p : i*f.p+i])
	}
}

// patiently runs what looks at no context and may take seconds; who gives up leaves it
// to end by itself.
func patiently(ctx context.Context, factorize func() bool) error {
	done := make(chan bool, 1)
	go func() { done <- factorize() }()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case ok := <-done:
		if !ok {
			return fmt.Errorf("decompose: no components were found: the iteration did not converge")
		}
	}
	return ctx.Err()
}

// axes are the unit vectors of p columns.
func axes(p int) [][]float64 {
	v := make([][]float64, p)
	for i := range v {
		v[i] = make([]float64, p)
		v[i][i] = 1
	}
	return v
}
