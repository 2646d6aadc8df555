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

// Categorical takes each category as drawn from its class's own list of levels.
// The zero value is ready; its answers are those of scikit-learn's CategoricalNB.
//
//	p(level | c) = (n_level,c + Alpha) / (n_c + Alpha L)
//
// with the weights n of the class's rows that have a level, and L the levels that
// occur in the training rows. A level that does not occur there has the count 0 in
// every class. Missing values are left out. A numeric feature is an error: use
// Mixed, or cut it into levels first. Time O(n p).
type Categorical struct {
	Alpha  float64 // rows added to each level, above 0; 0 means 1
	Priors []Prior // one for each class, summing to 1; nil means the classes' shares of the training weight
}

// Name is "categorical naive Bayes".
func (Categorical) Name() string { return "categorical naive Bayes" }

// Fit counts levels.
func (l Categorical) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if err := laplace(&l.Alpha); err != nil {
		return nil, err
	}
	if _, _, _, err := models.Trainable("bayes", train); err != nil {
		return nil, err
	}
	plan := dense.Identity(train)
	for _, c := range plan.Columns {
		if c.Kind != dense.Category {
			return nil, fmt.Errorf("bayes: feature %q is a number; want categories; use bayes.Mixed, or cut it into levels", c.Name)
		}
	}
	t, err := begin(ctx, plan, train, l.Priors)
	if err != nil {
		return nil, err
	}
	t.categories(l.Alpha)
	return t.model, nil
}

// categories adds a chart for each categorical column.
func (t *task) categories(alpha float64) {
	sources := t.sources(dense.Category)
	first := len(t.model.charts)
	t.model.charts = append(t.model.charts, make([]chart, len(sources))...)
	par.Do(len(sources), func(i int) { t.model.charts[first+i] = t.levels(sources[i], alpha) })
}

func (t *task) levels(source int, alpha float64) chart {
	k, n := t.k(), t.counts[source]
	levels, total := 0.0, make([]float64, k)
	for code := 2; code < len(n)/k; code++ { // after unseen and missing
		line := n[code*k : (code+1)*k]
		if sum(line) > 0 {
			levels++
		}
		for c, v := range line {
			total[c] += v
		}
	}
	out := chart{source, make([]float64, len(n))}
	if levels == 0 {
		return out // nothing but gaps
	}
	for code := range len(n) / k {
		if code == 1 {
			continue // missing: a factor of 1
		}
		for c := range k {
			out.score[code*k+c] = math.Log(n[code*k+c]+alpha) - math.Log(total[c]+float64(alpha*levels))
		}
	}
	return out
}
