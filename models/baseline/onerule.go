package baseline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// OneRule learns the rule on a single feature that is right for most training rows
// (1R, Holte 1993). A category answers the commonest class of its level; a number
// answers one class up to a threshold and another above it, or, with Bucket set,
// one class for each of Holte's intervals. Missing is a level of its own; a level
// that training did not know, and missing values if training had none, get the
// class shares of all rows. Scores are the class shares of the training rows that
// the same part of the rule holds for. Equally good features: the first by name.
//
// Time O(p n log n). Several cores work on the features.
//
// [1] Holte (1993), Very simple classification rules perform well on most commonly
// used datasets, Machine Learning 11, 63-91.
type OneRule struct {
	// Bucket, if above 0, cuts numbers into intervals in which the commonest class
	// has at least that many rows (Holte's SMALL; he uses 6), neighbours that answer
	// the same class joined. 0 means a single threshold, the best one.
	Bucket int
}

// Name returns "one rule".
func (OneRule) Name() string { return "one rule" }

// Fit tries every feature. It fails if Bucket is negative.
func (o OneRule) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if o.Bucket < 0 {
		return nil, fmt.Errorf("baseline: Bucket is %d; want at least 0", o.Bucket)
	}
	labels, classes, weights, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	schema := table.SchemaOf(train)
	d := rows{labels, weights, len(classes)}
	rules, err := par.Map(ctx, len(schema), func(_ context.Context, k int) (*Rule, error) {
		if schema[k].Kind == table.CodeKind {
			return d.levels(schema.Codes(train, k), len(schema[k].Levels)), nil
		}
		return d.intervals(schema.Floats(train, k), o.Bucket), nil
	})
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	for k, r := range rules {
		r.schema, r.classes = schema[k:k+1], classes
	}
	best := slices.MaxFunc(rules, func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(a.right, b.right), strings.Compare(b.Feature(), a.Feature()))
	})
	best.train = schema
	return best, nil
}

// Rule is a fitted OneRule.
type Rule struct {
	classes []string
	schema  table.Schema // the one field
	train   table.Schema // all fields of training
	cuts    []float64    // of a number: interval j holds values up to cuts[j], the last one the rest
	parts   [][]float64  // class shares by interval, or by code of training from 1
	missing []float64    // class shares where the value is missing
	rest    []float64    // class shares of all training rows
	right   float64      // training rows it is right for, in weight
	total   float64
}

// Feature names the column that the rule looks at.
func (r *Rule) Feature() string { return r.schema[0].Name }

// Accuracy is the share of training rows that the rule is right for. It is an
// optimistic figure: the rule was chosen on the same rows.
func (r *Rule) Accuracy() float64 { return r.right / r.total }

// Cuts are the thresholds of a rule on a number, ascending; nil for a category. A
// value belongs to the first interval whose cut it does not exceed.
func (r *Rule) Cuts() []float64 { return slices.Clone(r.cuts) }

// String says the rule: "src_bytes ≤ 28.5: attack; else normal".
func (r *Rule) String() string {
	answer := func(shares []float64) string { return r.classes[most(shares)] }
	var b strings.Builder
	if r.schema[0].Kind == table.CodeKind {
		b.WriteString(r.Feature())
		for l, name := range r.schema[0].Levels {
			if r.parts[l+1] != nil {
				fmt.Fprintf(&b, " %s: %s;", name, answer(r.parts[l+1]))
			}
		}
		fmt.Fprintf(&b, " else %s", answer(r.rest))
		return b.String()
	}
	for j, cut := range r.cuts {
		fmt.Fprintf(&b, "%s ≤ %v: %s; ", r.Feature(), cut, answer(r.parts[j]))
	}
	fmt.Fprintf(&b, "else %s", answer(r.parts[len(r.cuts)]))
	return b.String()
}

// Classes are the classes of training, sorted.
func (r *Rule) Classes() []string { return slices.Clone(r.classes) }

// Size is the number of intervals or levels that the rule tells apart.
func (r *Rule) Size() (int, string) {
	n := 0
	for _, p := range r.parts {
		if p != nil {
			n++
		}
	}
	return n, "parts"
}

// Predict looks each row up.
func (r *Rule) Predict(ctx context.Context, v table.View) (models.Prediction, error) {
	if err := ready(ctx, r.train, v); err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(r.Classes(), v.Rows())
	fill := func(i, part int) {
		shares := r.rest
		switch {
		case part == missingPart && r.missing != nil:
			shares = r.missing
		case part >= 0 && r.parts[part] != nil:
			shares = r.parts[part]
		}
		copy(p.Row(i), shares)
	}
	if r.schema[0].Kind == table.CodeKind {
		for i, c := range r.schema.Codes(v, 0) {
			if c == 0 {
				c = missingPart
			} else if c == table.Unseen {
				c = unseenPart
			}
			fill(i, int(c))
		}
		return p, nil
	}
	for i, x := range r.schema.Floats(v, 0) {
		if x != x {
			fill(i, missingPart)
			continue
		}
		j, _ := slices.BinarySearch(r.cuts, x) // the first cut ≥ x
		fill(i, j)
	}
	return p, nil
}

const (
	missingPart = -1
	unseenPart  = -2
)
