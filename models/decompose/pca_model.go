package decompose

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// PCAModel is a fitted PCA of k components over p columns. It is immutable and safe for
// concurrent use; a row alone gets the numbers that it gets in a batch, to the bit.
type PCAModel struct {
	plan       *dense.Plan
	mean       []float64 // p
	components []float64 // k × p, each of length 1
	squares    []float64 // k, squared singular values, falling
	total      float64   // sum of squares of the centred training rows
	weight     float64   // sum of the weights of training, the rows where there were none
}

// K is the number of components.
func (m *PCAModel) K() int { return len(m.squares) }

// Columns names the columns that the components combine.
func (m *PCAModel) Columns() []string { return m.plan.Names() }

// Mean is the mean of each column in training.
func (m *PCAModel) Mean() []float64 { return slices.Clone(m.mean) }

// Components are k unit vectors of a number a column, orthogonal to each other. Beyond
// the rank of the training rows they are arbitrary.
func (m *PCAModel) Components() [][]float64 {
	out := make([][]float64, m.K())
	for k := range out {
		out[k] = slices.Clone(m.component(k))
	}
	return out
}

func (m *PCAModel) component(k int) []float64 {
	p := len(m.mean)
	return m.components[k*p : (k+1)*p]
}

// Variance is the variance of the training rows along each component, falling.
func (m *PCAModel) Variance() []float64 {
	out := slices.Clone(m.squares)
	for k := range out {
		out[k] /= m.weight - 1
	}
	return out
}

// Ratio is the share of the variance of all columns that each component explains, in
// [0, 1]; 0 where the training rows are all equal.
func (m *PCAModel) Ratio() []float64 {
	out := make([]float64, m.K())
	if m.total > 0 {
		for k, v := range m.squares {
			out[k] = min(1, v/m.total)
		}
	}
	return out
}

// Singular are the singular values of the centred training rows, falling.
func (m *PCAModel) Singular() []float64 {
	out := slices.Clone(m.squares)
	for k, v := range out {
		out[k] = math.Sqrt(v)
	}
	return out
}

// TrainingError is the sum over the training rows of Errors: what the components
// leave out.
func (m *PCAModel) TrainingError() float64 {
	left := m.total
	for _, v := range m.squares {
		left -= v
	}
	return max(0, left)
}

// Transform returns the rows' scores in columns pc1 … pck, then the view's target and
// weights if it has them. The rows' seal is kept. It fails for rows without the columns
// of training, and for gaps and infinite values.
func (m *PCAModel) Transform(ctx context.Context, rows table.View) (*table.Table, error) {
	scores, err := m.Scores(ctx, rows)
	if err != nil {
		return nil, err
	}
	names, units := make([]string, m.K()), make([]string, m.K())
	for k := range names {
		names[k] = fmt.Sprintf("pc%d", k+1)
	}
	return m.tabulate(rows, scores, names, units)
}

// Reconstruct returns the rows as their scores tell them, in the columns of training.
func (m *PCAModel) Reconstruct(ctx context.Context, rows table.View) (*table.Table, error) {
	scores, err := m.Scores(ctx, rows)
	if err != nil {
		return nil, err
	}
	units := make([]string, len(m.plan.Columns))
	for j, c := range m.plan.Columns {
		units[j] = c.Unit
	}
	return m.tabulate(rows, m.Inverse(scores), m.Columns(), units)
}

func (m *PCAModel) tabulate(rows table.View, x []float64, names, units []string) (*table.Table, error) {
	rest := rows.Select().Materialize() // target and weights, with the seal
	width := len(names)
	columns := make([]table.Column, width)
	for k, name := range names {
		if _, err := rest.Lookup(name); err == nil {
			return nil, fmt.Errorf("decompose: %q is the name of the target or weight of %s; rename it", name, rows.Table().Name())
		}
		values := make([]float64, rows.Rows())
		for i := range values {
			values[i] = x[i*width+k]
		}
		columns[k] = table.Float(name, units[k], values)
	}
	return rest.With(columns...)
}

// Scores returns n × k numbers row-major: the coordinates of each row along the
// components, counted from the mean.
func (m *PCAModel) Scores(ctx context.Context, rows table.View) ([]float64, error) {
	out := make([]float64, rows.Rows()*m.K())
	err := m.each(ctx, rows, func(i int, _, scores []float64) { copy(out[i*m.K():], scores) })
	return out, err
}

// Inverse returns the rows that have these scores (n × k, row-major): n × p numbers.
// It panics where the length is no multiple of k.
func (m *PCAModel) Inverse(scores []float64) []float64 {
	k, p := m.K(), len(m.mean)
	if len(scores)%k != 0 {
		panic(fmt.Sprintf("decompose: %d scores of %d components", len(scores), k))
	}
	out := make([]float64, len(scores)/k*p)
	par.Blocks(len(scores)/k, pieceRows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := out[i*p : (i+1)*p]
			copy(row, m.mean)
			for c, s := range scores[i*k : (i+1)*k] {
				axpy(s, m.component(c), row)
			}
		}
	})
	return out
}

// Errors returns a number a row: the squared distance of the row from what its scores
// tell of it, its reconstruction error.
func (m *PCAModel) Errors(ctx context.Context, rows table.View) ([]float64, error) {
	out := make([]float64, rows.Rows())
	err := m.each(ctx, rows, func(i int, x, scores []float64) {
		for c, s := range scores {
			axpy(-s, m.component(c), x)
		}
		out[i] = dense.Dot(x, x)
	})
	return out, err
}

// pieceRows is how many rows are centred at a time.
const pieceRows = 256

// each calls f with every row less the mean, which f may overwrite, and its scores.
func (m *PCAModel) each(ctx context.Context, rows table.View, f func(i int, x, scores []float64)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := m.plan.Bind("decompose", rows)
	if err != nil {
		return err
	}
	p, k := len(m.mean), m.K()
	_, err = par.Map(ctx, par.Count(r.Len(), pieceRows), func(_ context.Context, b int) (struct{}, error) {
		lo, hi := b*pieceRows, min(r.Len(), (b+1)*pieceRows)
		x, scores := make([]float64, (hi-lo)*p), make([]float64, k)
		if err := dense.FillRows(r, "decompose", x, lo, hi); err != nil {
			return struct{}{}, err
		}
		for i := range hi - lo {
			row := x[i*p : (i+1)*p]
			for j, mean := range m.mean {
				row[j] -= mean
			}
			for c := range scores {
				scores[c] = dense.Dot(row, m.component(c))
			}
			f(lo+i, row, scores)
		}
		return struct{}{}, nil
	})
	return err
}

// axpy adds s x to y.
func axpy(s float64, x, y []float64) {
	y = y[:len(x)]
	for j, v := range x {
		y[j] += float64(s * v)
	}
}
