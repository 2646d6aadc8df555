// Package baseline answers: what does a model score that has learnt next to nothing?
//
// Every comparison carries these floors, for accuracy means nothing without them:
//
//	baseline.Majority{}              // the shares of the classes, whatever the row
//	baseline.Always{Class: "attack"} // one class, whatever the row
//	baseline.OneRule{}               // the best rule on one feature
package baseline

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
)

// Majority gives every row the class shares of training (weighted, if there are
// weights), so that its answer is the commonest class, the first of a tie, and its
// log loss is that of the prior. Time O(n).
type Majority struct{}

// Name returns "majority".
func (Majority) Name() string { return "majority" }

// Fit counts the classes.
func (Majority) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	labels, classes, weights, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	shares := make([]float64, len(classes))
	for i, c := range labels {
		shares[c] += weightOf(weights, i)
	}
	normalize(shares)
	return constant{classes, shares, table.SchemaOf(train)}, nil
}

// Always gives one class a score of 1 in every row. It is a hand-made rule: fitting
// learns nothing but the names of the classes.
type Always struct {
	Class string // the class to answer; it need not occur in training
}

// Name returns "always CLASS".
func (a Always) Name() string { return "always " + a.Class }

// Fit notes the classes. It fails if Class is empty.
func (a Always) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if a.Class == "" {
		return nil, fmt.Errorf(`baseline: Always has no Class; name the class to answer, as in Always{Class: "attack"}`)
	}
	_, classes, _, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	i, found := slices.BinarySearch(classes, a.Class)
	if !found {
		classes = slices.Insert(classes, i, a.Class)
	}
	shares := make([]float64, len(classes))
	shares[i] = 1
	return constant{classes, shares, table.SchemaOf(train)}, nil
}

// constant answers the same scores for every row.
type constant struct {
	classes []string
	shares  []float64
	schema  table.Schema
}

func (c constant) Classes() []string { return slices.Clone(c.classes) }

func (c constant) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ready(ctx, c.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(c.Classes(), rows.Rows())
	for i := range rows.Rows() {
		copy(p.Row(i), c.shares)
	}
	return p, nil
}

func begin(ctx context.Context, train table.View) ([]int, []string, []float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, nil, fmt.Errorf("baseline: %w", err)
	}
	return models.Trainable("baseline", train)
}

func ready(ctx context.Context, schema table.Schema, rows table.View) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	return models.Predictable("baseline", schema, rows)
}

// weightOf is the weight of row i; nil weights are all 1.
func weightOf(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

// normalize turns counts into shares of 1.
func normalize(counts []float64) {
	total := 0.0
	for _, v := range counts {
		total += v
	}
	for i := range counts {
		counts[i] /= total
	}
}
