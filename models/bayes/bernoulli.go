package bayes

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Bernoulli takes each number for a yes or no: above Threshold, or not. The zero
// value is ready; its answers are those of scikit-learn's BernoulliNB.
//
//	p(yes | c) = (n_yes,c + Alpha) / (n_c + 2 Alpha)
//
// with the weights n of the class's rows that have a value. Features must be
// numbers; one-hot columns of encode.OneHot count as 0 and 1 and cost one look-up
// a category. Missing values are left out, infinite ones are an error. Time O(n p).
type Bernoulli struct {
	Threshold float64 // any number
	Alpha     float64 // Laplace's rows added to each side, above 0; 0 means 1
	Priors    []Prior // one for each class, summing to 1; nil means the classes' shares of the training weight
}

// Name is "Bernoulli naive Bayes".
func (Bernoulli) Name() string { return "Bernoulli naive Bayes" }

// Fit learns the shares of yes of numeric features.
func (b Bernoulli) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("bayes", train); err != nil {
		return nil, err
	}
	return b.FitPlan(ctx, dense.Identity(train), train)
}

// FitPlan fits the columns of a plan; encode.Then calls it.
func (b Bernoulli) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	if err := laplace(&b.Alpha); err != nil {
		return nil, err
	}
	if b.Threshold-b.Threshold != 0 {
		return nil, fmt.Errorf("bayes: Threshold is %v; want a finite number", b.Threshold)
	}
	if err := plan.Numeric("bayes"); err != nil {
		return nil, err
	}
	t, err := begin(ctx, plan, train, b.Priors)
	if err != nil {
		return nil, err
	}
	columns := t.numbers()
	t.model.steps, err = par.Map(ctx, len(columns), func(_ context.Context, i int) (step, error) { return t.step(columns[i], b) })
	if err != nil {
		return nil, err
	}
	hot := t.sources(dense.Hot)
	t.model.charts = make([]chart, len(hot))
	par.Do(len(hot), func(i int) { t.model.charts[i] = t.hot(hot[i], b.sides) })
	return t.model, nil
}

func laplace(alpha *float64) error {
	if *alpha == 0 {
		*alpha = 1
	}
	if !(*alpha > 0) || math.IsInf(*alpha, 0) {
		return fmt.Errorf("bayes: Alpha is %v; want a number above 0", *alpha)
	}
	return nil
}

// step counts a column's rows on both sides of the threshold.
func (t *task) step(column int, b Bernoulli) (step, error) {
	yes, no := make([]float64, t.k()), make([]float64, t.k())
	x := make([]float64, tile)
	for lo := 0; lo < t.rows.Len(); lo += tile {
		x := x[:min(tile, t.rows.Len()-lo)]
		if err := finite(t.rows, column, x, lo, lo+len(x)); err != nil {
			return step{}, err
		}
		for i, v := range x {
			c := t.labels[lo+i]
			switch {
			case v > b.Threshold:
				yes[c] += t.weight(lo + i)
			case v <= b.Threshold:
				no[c] += t.weight(lo + i)
			}
		}
	}
	s := step{column: column, threshold: b.Threshold}
	s.off, s.on = b.logs(yes, no)
	return s, nil
}

// logs are the log shares of no and yes.
func (b Bernoulli) logs(yes, no []float64) (off, on []float64) {
	off, on = make([]float64, len(yes)), make([]float64, len(yes))
	for c := range yes {
		n := math.Log(yes[c] + no[c] + 2*b.Alpha)
		off[c], on[c] = math.Log(no[c]+b.Alpha)-n, math.Log(yes[c]+b.Alpha)-n
	}
	return off, on
}

// sides are the log factors of a one-hot column's two values.
func (b Bernoulli) sides(c dense.Column, on, n []float64) (offScore, onScore []float64) {
	yes, no := make([]float64, len(n)), make([]float64, len(n))
	for k := range n {
		for _, side := range []struct{ value, weight float64 }{{c.On, on[k]}, {c.Off, n[k] - on[k]}} {
			if side.value > b.Threshold {
				yes[k] += side.weight
			} else {
				no[k] += side.weight
			}
		}
	}
	noScore, yesScore := b.logs(yes, no)
	pick := func(value float64) []float64 {
		if value > b.Threshold {
			return yesScore
		}
		return noScore
	}
	return pick(c.Off), pick(c.On)
}
