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
	start     []int // vector v has the terms start[v] ≤ t < start[v+1], their lines rising
	term      []term
	intercept []float64 // by line
}

// term is a vector's part in one line.
type term struct {
	line  int
	coeff float64
}

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
	q := newPoints(x, nil)
	out := make([]float64, q.n()*len(e.intercept))
	const block = 256
	_, err = par.Map(ctx, par.Count(q.n(), block), func(_ context.Context, b int) (struct{}, error) {
		e.sums(q, b*block, min(q.n(), (b+1)*block), out)
		return struct{}{}, nil
	})
	return out, err
}

// sums adds up the vectors in order, four at a time.
func (e *expansion) sums(q *points, lo, hi int, out []float64) {
	n, lines := hi-lo, len(e.intercept)
	sum := make([]float64, lines*n)
	for l, b := range e.intercept {
		for k := range n {
			sum[l*n+k] = b
		}
	}
	k, rows := newKernelBlock(q.p, n), upTo(lo, hi)
	for v := 0; v < e.vectors.n(); v += 4 {
		four := upTo(v, min(v+4, e.vectors.n()))
		k.fill(e.vectors, four, q, rows, e.gamma)
		for lane, v := range four {
			values := k.k[lane]
			for _, t := range e.term[e.start[v]:e.start[v+1]] {
				line := sum[t.line*n : (t.line+1)*n]
				for i, kernel := range values {
					line[i] += float64(t.coeff * kernel)
				}
			}
		}
	}
	for l := range lines {
		for k := range n {
			out[(lo+k)*lines+l] = sum[l*n+k]
		}
	}
}

func upTo(lo, hi int) []int32 {
	list := make([]int32, hi-lo)
	for k := range list {
		list[k] = int32(lo + k)
	}
	return list
}

// kernelBlock computes the kernel of four rows against a block of others.
type kernelBlock struct {
	lanes lanes
	k     [4][]float64
}

func newKernelBlock(p, n int) *kernelBlock {
	b := &kernelBlock{lanes: newLanes(p)}
	for lane := range b.k {
		b.k[lane] = make([]float64, n)
	}
	return b
}

// fill leaves K of up to four rows of x and the rows of list in q in k.
func (b *kernelBlock) fill(x *points, four []int32, q *points, list []int32, gamma float64) {
	b.lanes.load(x, four)
	q.distances4(list, &b.lanes, &b.k)
	b.lanes.unload(x, four)
	for lane := range four {
		gauss(b.k[lane], b.k[lane], gamma)
	}
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
