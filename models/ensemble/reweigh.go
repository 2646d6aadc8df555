package ensemble

import (
	"context"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// A refit fits a learner to the same rows under other weights, one a row, and with
// another seed. It is safe for concurrent use.
type refit = func(ctx context.Context, weights []float64, seed rng.Seed) (models.Classifier, error)

// A preparer does once what hangs on the rows alone: a tree cuts columns into bins. To
// its refits a row of weight k is worth k rows.
type preparer interface {
	Prepare(ctx context.Context, train table.View) (func(ctx context.Context, weights []float64, seed rng.Seed) (models.Classifier, error), error)
}

// refitter returns the refit of any learner; those that cannot prepare get a view with
// other weights each time.
func (t training) refitter(ctx context.Context, l models.Learner) (refit, error) {
	if p, ok := l.(preparer); ok {
		return p.Prepare(ctx, t.rows)
	}
	return func(ctx context.Context, weights []float64, seed rng.Seed) (models.Classifier, error) {
		return models.WithSeed(l, seed).Fit(ctx, t.reweighed(weights))
	}, nil
}

// reweighed returns the rows with these weights, one for each. A row of the table
// that the view has more than once must have one weight in all its places.
func (t training) reweighed(w []float64) table.View {
	column := make([]float64, t.rows.Table().Rows())
	for i, v := range w {
		column[t.rows.Row(i)] = v
	}
	return reweigh(t.rows, column)
}

// reweigh returns the view with the weights of column, one for each row of the
// table behind it, in the place of its own. Its features share their storage.
func reweigh(v table.View, column []float64) table.View {
	t := v.Table()
	name := "weight"
	for {
		if _, err := t.Lookup(name); err != nil {
			break
		}
		name += "'"
	}
	// The last weight column is the one that a view uses.
	u := table.Must(t.With(table.Float(name, "", column).As(table.Weight))).View()
	if c, ok := v.Target(); ok {
		u = u.WithTarget(c.Name)
	}
	var features []string
	for _, c := range v.Features() {
		features = append(features, c.Name)
	}
	u = u.Select(features...)
	if rows := v.Index(); rows != nil {
		u = u.Take(rows)
	}
	return u
}
