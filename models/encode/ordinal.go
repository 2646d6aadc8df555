package encode

import (
	"context"
	"math"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Ordinal replaces each categorical feature by a number under the same name: 0
// for the first of the levels that occur in the training rows, sorted, 1 for the
// next. A level not seen in training is -1, a missing value stays missing (NaN).
// Numeric features pass. The order means nothing, so this suits trees.
type Ordinal struct{}

// Name is "ordinal".
func (Ordinal) Name() string { return "ordinal" }

// Fit learns the levels of the training rows.
func (s Ordinal) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	return fitStep(s, train)
}

func (Ordinal) extend(r *dense.Rows) (*dense.Plan, error) {
	plan := &dense.Plan{Source: r.Plan().Source}
	for _, c := range r.Plan().Columns {
		if c.Kind == dense.Category {
			count := counts(r, c.Source)
			values, next := make([]float64, len(count)), 0.0
			values[0], values[1] = -1, math.NaN()
			for l := 2; l < len(count); l++ {
				if values[l] = -1; count[l] > 0 {
					values[l] = next
					next++
				}
			}
			c = dense.Column{Name: c.Name, Kind: dense.Lookup, Source: c.Source, Table: values}
		}
		plan.Columns = append(plan.Columns, c)
	}
	return plan, nil
}
