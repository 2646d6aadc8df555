package ensemble

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Method is how scores become probabilities.
type Method string

const (
	Platt    Method = "platt"    // a logistic curve of the score: two numbers, good for few rows
	Isotonic Method = "isotonic" // any curve that never falls: wants a thousand rows or more
)

// Calibrated learns what a learner's scores are worth: in rows that it was not
// fitted on, out of K stratified folds, how often did a score come true? Then the
// learner is fitted again, on all rows, and its scores go through the curve found:
// scikit-learn's CalibratedClassifierCV with ensemble=False.
//
// With two classes there is one curve, from the second one's score. With more, each
// class has its curve against all others, and a row's values are divided by their
// sum (Zadrozny, Elkan 2002); a row whose values are all 0 gets equal shares.
// Isotonic curves give chances of exactly 0 and 1, which log loss punishes without
// bound. Rows with equal features stay in one fold.
//
// Platt's curve in the score itself cannot leave a probability as it is. For a
// learner whose log-odds are what it adds up (logistic regression, boosting) LogOdds
// can, and is what scikit-learn does where there is a decision function.
//
// Time K+1 fits of the learner, as many at the same time as there are cores.
type Calibrated struct {
	Learner models.Learner // whose scores are calibrated; there is no default
	Method  Method         // "" means Platt
	LogOdds bool           // Platt: the curve is one of log(p/(1-p)), p no closer to 0 and 1 than 1e-12
	K       int            // folds, at least 2, no more than rows are used; 0 means 5
	Seed    rng.Seed       // of the folds and the learner
}

// Name returns "calibrated X" for a learner called X.
func (c Calibrated) Name() string {
	if c.Learner == nil {
		return "calibrated"
	}
	return "calibrated " + c.Learner.Name()
}

// WithSeed returns it with another seed.
func (c Calibrated) WithSeed(seed rng.Seed) models.Learner { c.Seed = seed; return c }

// Fit scores the rows out of fold, fits the curves and the learner on all rows. It
// fails where there is no Learner, where Method or K is out of range, and where the
// learner fails.
func (c Calibrated) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	switch {
	case c.Learner == nil:
		return nil, fmt.Errorf("ensemble: Calibrated has no Learner; name the one whose scores to calibrate")
	case c.Method != "" && c.Method != Platt && c.Method != Isotonic:
		return nil, fmt.Errorf(`ensemble: Method is %q; want "platt" or "isotonic"`, c.Method)
	case c.LogOdds && c.Method == Isotonic:
		return nil, fmt.Errorf("ensemble: LogOdds is set with Method isotonic, whose curve is the same for them; leave it out")
	}
	t, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	scores, members, err := t.outOfFold(ctx, c.Name(), []models.Learner{c.Learner}, c.K, c.Seed)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, within(err)
	}
	return &Calibration{
		schema: t.schema, classes: t.classes, member: members[0], logOdds: c.LogOdds,
		curves: c.curves(scores[0], t.labels, t.weights, len(t.classes)),
	}, nil
}

// curve gives the chance that a score comes true.
type curve interface{ at(score float64) float64 }

// curves fits the curve of the second of two classes, or one for each of more.
// scores are rows by k classes.
func (c Calibrated) curves(scores []float64, labels []int, weights []float64, k int) []curve {
	if k == 1 {
		return nil
	}
	out := make([]curve, k)
	par.Do(k, func(class int) {
		if k == 2 && class == 0 {
			return
		}
		f, hit := make([]float64, len(labels)), make([]bool, len(labels))
		for i, l := range labels {
			f[i], hit[i] = scores[i*k+class], l == class
			if c.LogOdds {
				f[i] = logOdds(f[i])
			}
		}
		if c.Method == Isotonic {
			out[class] = fitSteps(f, hit, weights)
		} else {
			out[class] = fitSigmoid(f, hit, weights)
		}
	})
	return out
}

func logOdds(p float64) float64 {
	p = min(max(p, 1e-12), 1-1e-12)
	return math.Log(p / (1 - p))
}

// Calibration is a fitted Calibrated. It is immutable and safe for concurrent use.
type Calibration struct {
	schema  table.Schema
	classes []string
	member  member
	logOdds bool
	curves  []curve // by class; the first of two has none
}

// Classes are the classes of training, sorted.
func (c *Calibration) Classes() []string { return slices.Clone(c.classes) }

// Unwrap returns the classifier whose scores are calibrated.
func (c *Calibration) Unwrap() models.Classifier { return c.member.Classifier }

// Size is that of the classifier, or 1 model where it has none.
func (c *Calibration) Size() (int, string) { return size([]member{c.member}) }

// Curve returns the chance that a score of a class comes true, before the classes'
// values are made to sum to 1. The score is one of the classifier, from 0 to 1. It
// panics if training had no such class.
func (c *Calibration) Curve(class string, score float64) float64 {
	i, ok := slices.BinarySearch(c.classes, class)
	switch {
	case !ok:
		panic(fmt.Sprintf("ensemble: no class %q among %q", class, c.classes))
	case len(c.classes) == 1:
		return 1
	case len(c.classes) == 2 && i == 0:
		return 1 - c.at(1, 1-score)
	}
	return c.at(i, score)
}

func (c *Calibration) at(class int, score float64) float64 {
	if c.logOdds {
		score = logOdds(score)
	}
	return c.curves[class].at(score)
}

// Predict gives probabilities.
func (c *Calibration) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ready(ctx, c.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	k := len(c.classes)
	p, err := c.member.predict(ctx, rows, k)
	if err != nil {
		return models.Prediction{}, within(err)
	}
	out := models.Prediction{Classes: c.Classes(), P: slices.Clone(p)}
	if k == 1 {
		return out, nil
	}
	par.Blocks(rows.Rows(), 4096, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			c.calibrate(out.Row(i))
		}
	})
	return out, nil
}

// calibrate puts a row's scores through the curves, in place.
func (c *Calibration) calibrate(row []float64) {
	if len(row) == 2 {
		row[1] = c.at(1, row[1])
		row[0] = 1 - row[1]
		return
	}
	sum := 0.0
	for class, v := range row {
		row[class] = c.at(class, v)
		sum += row[class]
	}
	for class := range row {
		if sum > 0 {
			row[class] /= sum
		} else {
			row[class] = 1 / float64(len(row))
		}
	}
}
