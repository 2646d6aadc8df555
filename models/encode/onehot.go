package encode

import (
	"context"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// OneHot replaces each categorical feature by one column of 0 and 1 for each
// level that occurs in the training rows, named "service=http", levels sorted, in
// the feature's place. A level not seen in training gives zeros in all of them,
// and so does a missing value unless Missing is set. Numeric features pass.
//
// The names and values are those of scikit-learn's OneHotEncoder with
// handle_unknown="ignore".
type OneHot struct {
	// Missing adds a column "service=?" to each feature that lacks values in training.
	Missing bool
}

// Name is "one-hot".
func (OneHot) Name() string { return "one-hot" }

// Fit learns the levels of the training rows.
func (s OneHot) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	return fitStep(s, train)
}

func (s OneHot) extend(r *dense.Rows) (*dense.Plan, error) {
	plan := &dense.Plan{Source: r.Plan().Source}
	for _, c := range r.Plan().Columns {
		if c.Kind != dense.Category {
			plan.Columns = append(plan.Columns, c)
			continue
		}
		levels := plan.Source[c.Source].Levels
		count := counts(r, c.Source)
		if s.Missing && count[1] > 0 {
			plan.Columns = append(plan.Columns, dense.Column{Name: c.Name + "=?", Kind: dense.Hot, Source: c.Source, On: 1})
		}
		for l, name := range levels {
			if count[l+2] > 0 {
				plan.Columns = append(plan.Columns, dense.Column{Name: c.Name + "=" + name, Kind: dense.Hot, Source: c.Source, Code: int32(l + 1), On: 1})
			}
		}
	}
	return plan, nil
}

// counts counts a categorical source's rows: unseen, missing, level 0, level 1, …
func counts(r *dense.Rows, source int) []int {
	n := make([]int, len(r.Plan().Source[source].Levels)+2)
	for _, c := range r.Codes(source) {
		n[c+1]++
	}
	return n
}
