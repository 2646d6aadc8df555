package bayes

import (
	"context"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Mixed takes numbers as Gaussian and categories as Categorical, in one model and
// as they are. The zero value is ready.
//
// It departs from Gaussian in one thing: ε is Smoothing times the column's own
// variance, not the largest of all columns, so that units do not matter and no
// scaling is needed. The probabilities are those of scikit-learn's GaussianNB on
// standardised numbers, times the factors of its CategoricalNB. A number that is
// constant in training says nothing and is left out.
//
// Missing values are left out; a level that training did not know counts as one
// with no rows; an infinite number is an error. One-hot columns put before it
// (which it does not need) count as numbers. Time O(n p).
type Mixed struct {
	Smoothing float64 // of numbers, at least 0; 0 means 1e-9
	Alpha     float64 // rows added to each level, above 0; 0 means 1
	Priors    []Prior // one for each class, summing to 1; nil means the classes' shares of the training weight
}

// Name is "naive Bayes".
func (Mixed) Name() string { return "naive Bayes" }

// Fit learns means, variances and counts of levels.
func (m Mixed) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("bayes", train); err != nil {
		return nil, err
	}
	return m.FitPlan(ctx, dense.Identity(train), train)
}

// FitPlan fits the columns of a plan; encode.Then calls it.
func (m Mixed) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	if err := smoothing(&m.Smoothing); err != nil {
		return nil, err
	}
	if err := laplace(&m.Alpha); err != nil {
		return nil, err
	}
	t, err := begin(ctx, plan, train, m.Priors)
	if err != nil {
		return nil, err
	}
	if err := t.bells(ctx); err != nil {
		return nil, err
	}
	kept := t.model.bells[:0]
	for _, b := range t.model.bells {
		if b.spread > 0 {
			b.finish(m.Smoothing * b.spread)
			kept = append(kept, b)
		}
	}
	t.model.bells = kept
	for _, s := range t.sources(dense.Hot) {
		t.model.charts = append(t.model.charts, t.hot(s, ownSpread(m.Smoothing)))
	}
	t.categories(m.Alpha)
	return t.model, nil
}

// ownSpread is normal with each column's own ε.
func ownSpread(smoothing float64) func(c dense.Column, on, n []float64) ([]float64, []float64) {
	return func(c dense.Column, on, n []float64) ([]float64, []float64) {
		eps := smoothing * spread(c, sum(on), sum(n))
		if eps == 0 {
			return make([]float64, len(n)), make([]float64, len(n))
		}
		return normal(eps)(c, on, n)
	}
}
