package ensemble

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// ClassWeighted multiplies the weight of each row by that of its class and fits a
// learner to them: scikit-learn's class_weight, for every learner that heeds row
// weights. With encoders, put it around them: ClassWeighted{Learner: encode.Then(…)}.
//
// Without Weights the classes are balanced: a row of class c weighs n / (k n_c), for
// n rows of k classes of which n_c are of c, so that all classes weigh the same and the
// rows as much as before. n and n_c are sums of the rows' own weights.
//
// What Fit returns is the learner's own classifier. Weights shift its scores towards
// rare classes: they are no longer probabilities among rows as they come.
type ClassWeighted struct {
	Learner models.Learner     // what is fitted; there is no default
	Weights map[string]float64 // by class, above 0; a class not named weighs 1; nil balances them
}

// Name is the learner's, followed by what is done to the classes.
func (c ClassWeighted) Name() string {
	what := "balanced classes"
	if c.Weights != nil {
		what = "weighted classes"
	}
	if c.Learner == nil {
		return what
	}
	return c.Learner.Name() + ", " + what
}

// WithSeed returns it with another seed for the learner.
func (c ClassWeighted) WithSeed(seed rng.Seed) models.Learner {
	if c.Learner != nil {
		c.Learner = models.WithSeed(c.Learner, seed)
	}
	return c
}

// Unwrap returns the learner.
func (c ClassWeighted) Unwrap() models.Learner { return c.Learner }

// Fit fits the learner to the rows under their new weights. It fails where there is
// no Learner, where a weight is not a number above 0 or names a class that the target
// does not have, and where the learner fails.
func (c ClassWeighted) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if c.Learner == nil {
		return nil, fmt.Errorf("ensemble: ClassWeighted has no Learner; name the one to fit")
	}
	labels, classes, weights, err := models.Trainable("ensemble", train)
	if err != nil {
		return nil, err
	}
	factor, err := c.factors(train, labels, classes, weights)
	if err != nil {
		return nil, err
	}
	column := make([]float64, train.Table().Rows())
	for i, l := range labels {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		column[train.Row(i)] = w * factor[l]
	}
	return c.Learner.Fit(ctx, reweigh(train, column))
}

// factors are the classes' weights.
func (c ClassWeighted) factors(train table.View, labels []int, classes []string, weights []float64) ([]float64, error) {
	factor := make([]float64, len(classes))
	if c.Weights == nil {
		total := 0.0
		for i, l := range labels {
			w := 1.0
			if weights != nil {
				w = weights[i]
			}
			factor[l] += w
			total += w
		}
		present := 0.0
		for _, n := range factor {
			if n > 0 {
				present++
			}
		}
		for l, n := range factor {
			if n > 0 {
				factor[l] = total / (present * n)
			}
		}
		return factor, nil
	}
	target, _ := train.Target()
	for _, name := range slices.Sorted(maps.Keys(c.Weights)) {
		if w := c.Weights[name]; !(w > 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("ensemble: Weights gives class %q the weight %v; want a number above 0", name, w)
		}
		if !slices.Contains(target.Levels(), name) {
			return nil, fmt.Errorf("ensemble: Weights names class %q, which column %q does not have", name, target.Name)
		}
	}
	for l, name := range classes {
		factor[l] = 1
		if w, ok := c.Weights[name]; ok {
			factor[l] = w
		}
	}
	return factor, nil
}
