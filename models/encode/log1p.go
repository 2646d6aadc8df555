package encode

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Log1p replaces x by log(1+x), for sizes, counts and durations whose largest
// values would drown the rest.
type Log1p struct {
	// Columns names the features; each must be numeric and at least 0 in the
	// training rows. None means every numeric feature with a heavy tail there: at
	// least 0, above 10 somewhere, and a skewness above 2.
	Columns []string
}

// Name is "log1p".
func (Log1p) Name() string { return "log1p" }

// Fit chooses the columns. In later rows a number below 0 counts as 0; missing
// values stay missing, in training an infinite one is an error.
func (s Log1p) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	return fitStep(s, train)
}

func (s Log1p) extend(r *dense.Rows) (*dense.Plan, error) {
	for _, name := range s.Columns {
		k := slices.Index(r.Plan().Names(), name)
		if k < 0 {
			return nil, fmt.Errorf("encode: log1p: there is no feature %q", name)
		}
		if r.Plan().Columns[k].Kind == dense.Category {
			return nil, fmt.Errorf("encode: log1p: feature %q is categorical; want a number", name)
		}
	}
	negative := make([]bool, r.Plan().Width())
	plan, err := numeric(r, s.Name(), func(c dense.Column, m moments, _ []float64) dense.Column {
		named := slices.Contains(s.Columns, c.Name)
		if named && m.min < 0 {
			negative[slices.Index(r.Plan().Names(), c.Name)] = true
		}
		if named || len(s.Columns) == 0 && m.n > 0 && m.min >= 0 && m.max > 10 && m.skew > 2 {
			return c.With(dense.Op{Kind: dense.Log1p}, "log1p "+c.Unit)
		}
		return c
	})
	if j := slices.Index(negative, true); j >= 0 {
		return nil, fmt.Errorf("encode: log1p: feature %q has values below 0; want at least 0", r.Plan().Columns[j].Name)
	}
	return plan, err
}
