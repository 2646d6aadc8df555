package svm

import (
	"context"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// expansion is one or more lines of Σ_v coeff_v K(x_v, ·) + intercept over the same
// vectors x_v: what both learners end in.
type expansion struct {
	plan    *dense.Plan
	classes []string
	base    []float64 // what the columns of vectors count from
	gamma   float64

	vectors   *points
	pack      *packed   // of the vectors
	intercept []float64 // by line
	segments  []segment // sorted by line
}

// segment is coefficients of one line for vectors in a row, from vector lo on.
type segment struct {
	line, lo int
	coeff    []float64
}

func (e *expansion) setVectors(q *points) { e.vectors, e.pack = q, q.pack(nil) }

// Classes are the classes of training, sorted.
func (e *expansion) Classes() []string { return slices.Clone(e.classes) }

// Gamma is the γ that was used.
func (e *expansion) Gamma() float64 { return e.gamma }

// values returns every line at every row, row-major.
func (e *expansion) values(ctx context.Context, rows table.View) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := e.plan.Bind("svm", rows)
	if err != nil {
		return nil, err
	}
	x, err := dense.CompactOn(r, "svm", e.base)
	if err != nil {
		return nil, err
	}
	all := make([]int, r.Len())
	for i := range all {
		all[i] = i
	}
	q, lines := newPoints(x, all), len(e.intercept)
	out := make([]float64, q.n()*lines)
	const block = 64
	_, err = par.Map(ctx, par.Count(q.n(), block), func(_ context.Context, b int) (struct{}, error) {
		k, line := make([]float64, e.pack.n), make([]float64, q.p)
		for i := b * block; i < min(q.n(), (b+1)*block); i++ {
			q.scatter(int32(i), line)
			kernel(e.pack, line, q.norm[i], e.gamma, 0, len(e.pack.start)-1, k)
			q.clear(int32(i), line)
			sum := out[i*lines : (i+1)*lines]
			copy(sum, e.intercept)
			for _, s := range e.segments {
				sum[s.line] += dense.Dot(s.coeff, k[s.lo:])
			}
		}
		return struct{}{}, nil
	})
	return out, err
}

// logistic is 1/(1+exp(-z)) without overflow.
func logistic(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

// softmax turns numbers into shares of 1, in place.
func softmax(z []float64) {
	top, sum := slices.Max(z), 0.0
	for c, v := range z {
		z[c] = math.Exp(v - top)
		sum += z[c]
	}
	for c := range z {
		z[c] /= sum
	}
}
