// Package models answers: what is a learner, and what may be relied on?
//
// A Learner is a value with exported hyper-parameters whose zero value works. Fit
// leaves its input untouched and returns a Classifier that is immutable, safe for
// concurrent use, and gives one row alone the same answer, to the bit, as that row
// in a batch. The conformance suite in models/modeltest holds every learner to it.
//
//	forest, err := histtree.Forest{Trees: 100, Seed: seed}.Fit(ctx, train.WithTarget("class"))
//	p, err := forest.Predict(ctx, test)
package models

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Learner is an unfitted supervised model.
type Learner interface {
	// Name says what it is, in the field's words, and nothing of its settings:
	// "random forest". Within one comparison names are distinct.
	Name() string
	// Fit learns from the view's features and target. It refuses sealed rows.
	Fit(ctx context.Context, train table.View) (Classifier, error)
}

// Seeded is a Learner that draws random numbers. WithSeed returns it with another
// seed; whoever repeats a fit (folds, seeds) gives each its own.
type Seeded interface {
	Learner
	WithSeed(rng.Seed) Learner
}

// WithSeed gives l a seed if it takes one.
func WithSeed(l Learner, seed rng.Seed) Learner {
	if s, ok := l.(Seeded); ok {
		return s.WithSeed(seed)
	}
	return l
}

// Classifier is a fitted model.
type Classifier interface {
	// Classes are the classes it can answer, sorted.
	Classes() []string
	// Predict scores rows whose table has the columns of training, by name. It
	// refuses sealed rows that have not been opened.
	Predict(ctx context.Context, rows table.View) (Prediction, error)
}

// RegressionLearner is an unfitted model of a number.
type RegressionLearner interface {
	Name() string
	// FitRegression learns from the view's features and a numeric target without
	// gaps. It refuses sealed rows.
	FitRegression(ctx context.Context, train table.View) (Regressor, error)
}

// Regressor is a fitted model of a number, under the rules of a Classifier:
// immutable, safe for concurrent use, one row alone as in a batch, to the bit.
type Regressor interface {
	// Estimate returns a number a row.
	Estimate(ctx context.Context, rows table.View) ([]float64, error)
}

// Sized is a Classifier that knows a deterministic cost of itself, for tables
// that may not show seconds: nodes, iterations, rows kept.
type Sized interface {
	Size() (n int, unit string)
}

// Prediction is n rows by k classes of scores, row-major. Scores of a row are at
// least 0 and sum to 1; the larger the likelier. They are probabilities as far as
// the model is calibrated.
type Prediction struct {
	Classes []string
	P       []float64 // len = rows × len(Classes)
}

// NewPrediction returns zero scores for n rows.
func NewPrediction(classes []string, n int) Prediction {
	return Prediction{Classes: classes, P: make([]float64, n*len(classes))}
}

// Rows is the number of rows.
func (p Prediction) Rows() int {
	if len(p.Classes) == 0 {
		return 0
	}
	return len(p.P) / len(p.Classes)
}

// Row returns the scores of row i. Callers only read.
func (p Prediction) Row(i int) []float64 {
	k := len(p.Classes)
	return p.P[i*k : (i+1)*k]
}

// Best returns the index of the highest score of row i, the lowest index of a tie.
func (p Prediction) Best(i int) int {
	best := 0
	for c, v := range p.Row(i) {
		if v > p.Row(i)[best] {
			best = c
		}
	}
	return best
}

// Scores returns the column of one class; it panics if the model does not know it.
func (p Prediction) Scores(class string) []float64 {
	k := len(p.Classes)
	for c, name := range p.Classes {
		if name == class {
			out := make([]float64, p.Rows())
			for i := range out {
				out[i] = p.P[i*k+c]
			}
			return out
		}
	}
	panic(fmt.Sprintf("models: no class %q among %q", class, p.Classes))
}

// Transformer is a fitted encoder: it makes a table of other columns from rows
// whose table has the columns it was fitted on.
type Transformer interface {
	Transform(ctx context.Context, rows table.View) (*table.Table, error)
}

// Clusterer is an unfitted clustering; the view's target is not looked at.
type Clusterer interface {
	Name() string
	Cluster(ctx context.Context, rows table.View) (Clustering, error)
}

// Clustering is the outcome: a cluster for each row.
type Clustering struct {
	Labels  []int       // 0 … K-1 in canonical order (largest first); -1 is noise
	K       int         // number of clusters
	Centers [][]float64 // K rows in the feature space clustered; nil where there are none
	Inertia float64     // sum of squared distances to the centers; NaN where there are none
	Rounds  int         // iterations of the start that won
}

// Trainable checks what every Fit checks first: rows, features, a categorical
// target without gaps, usable weights, no seal. It returns them.
func Trainable(pkg string, train table.View) (labels []int, classes []string, weights []float64, err error) {
	if err := fittable(pkg, train); err != nil {
		return nil, nil, nil, err
	}
	if labels, classes, err = train.Labels(); err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", pkg, err)
	}
	weights, err = weightsOf(pkg, train)
	return labels, classes, weights, err
}

// TrainableNumber is Trainable for every FitRegression: the target is numeric, finite
// and has no gaps.
func TrainableNumber(pkg string, train table.View) (target, weights []float64, err error) {
	if err := fittable(pkg, train); err != nil {
		return nil, nil, err
	}
	c, ok := train.Target()
	if !ok {
		return nil, nil, fmt.Errorf("%s: no target is set; use WithTarget", pkg)
	}
	if !c.Numeric() {
		return nil, nil, fmt.Errorf("%s: target %q of %s is of kind %v; regression needs a numeric column", pkg, c.Name, train.Table().Name(), c.Kind)
	}
	target = make([]float64, train.Rows())
	for i := range target {
		target[i] = c.At(i)
		if math.IsNaN(target[i]) || math.IsInf(target[i], 0) {
			return nil, nil, fmt.Errorf("%s: %s: row %d has %q of %v; want a finite number, drop rows without one", pkg, train.Table().Name(), train.Row(i)+1, c.Name, target[i])
		}
	}
	weights, err = weightsOf(pkg, train)
	return target, weights, err
}

// fittable checks that there are rows and features, and no seal.
func fittable(pkg string, train table.View) error {
	if err := train.Unsealed(); err != nil {
		return fmt.Errorf("%s: %w", pkg, err)
	}
	if train.Rows() == 0 {
		return fmt.Errorf("%s: no rows to fit on", pkg)
	}
	if len(train.Features()) == 0 {
		return fmt.Errorf("%s: no features to fit on; give a column the role feature", pkg)
	}
	return nil
}

// weightsOf returns the weights, nil if there are none, of which some must count.
func weightsOf(pkg string, train table.View) ([]float64, error) {
	weights, err := train.Weights()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pkg, err)
	}
	if weights != nil {
		total := 0.0
		for _, w := range weights {
			total += w
		}
		switch {
		case total == 0:
			return nil, fmt.Errorf("%s: all rows have weight 0", pkg)
		case math.IsInf(total, 0):
			return nil, fmt.Errorf("%s: the weights add up to more than a float64 holds; divide them all by one number", pkg)
		}
	}
	return weights, nil
}

// Predictable checks what every Predict checks first: no unopened seal, and the
// columns of the schema present by name and kind.
func Predictable(pkg string, schema table.Schema, rows table.View) error {
	if err := rows.Unsealed(); err != nil {
		return fmt.Errorf("%s: %w", pkg, err)
	}
	if err := schema.Check(rows); err != nil {
		return fmt.Errorf("%s: %w", pkg, err)
	}
	return nil
}
