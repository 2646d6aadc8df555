package encode

import (
	"context"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Impute puts the median of the training rows' present values in the place of a
// missing number; 0 where training has none. Every numeric feature is covered,
// also one that lacks values in later rows only. Categories pass: OneHot has a
// place for a missing one.
type Impute struct{}

// Name is "impute".
func (Impute) Name() string { return "impute" }

// Fit learns the medians. An infinite number is an error.
func (s Impute) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	return fitStep(s, train)
}

func (s Impute) extend(r *dense.Rows) (*dense.Plan, error) {
	return numeric(r, s.Name(), func(c dense.Column, m moments, x []float64) dense.Column {
		if c.Kind == dense.Hot { // never missing
			return c
		}
		median := 0.0
		if m.n > 0 {
			x = slices.DeleteFunc(x, func(v float64) bool { return v != v })
			slices.Sort(x)
			median = num.Quantile(x, 0.5)
		}
		return c.With(dense.Op{Kind: dense.Fill, A: median}, c.Unit)
	})
}
