package histtree

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Refit fits a tree once more to rows that are in bins already, under other weights,
// one a row, and with another seed. It is safe for concurrent use.
type Refit = func(ctx context.Context, weights []float64, seed rng.Seed) (models.Classifier, error)

// Prepare cuts the view's columns into bins, once, for many fits under different
// weights: boosting, bagging, cross-validation by weight 0. It fails as Fit does.
//
// A refit is the Fit of that seed to the view with those weights in the place of its
// own, to the bit, wherever no numeric column has more distinct values than MaxBins,
// for then each has a bin and weights have no say in them. A column with more keeps the
// bins that the view's own weights cut, where Fit would cut them anew. Sums of weights
// that are no whole numbers may differ in their last bits if some of them are 0. Rows to
// which the view itself gives weight 0 are left out, whatever their new weight.
func (t Tree) Prepare(ctx context.Context, train table.View) (Refit, error) {
	b, lim, err := prepare(ctx, train, t)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, weights []float64, seed rng.Seed) (models.Classifier, error) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("histtree: %w", err)
		}
		b, err := b.reweighed(weights)
		if err != nil {
			return nil, err
		}
		t := t
		t.Seed = seed
		return t.fit(ctx, b, lim)
	}, nil
}

// reweighed returns the same bins under other weights, one a row of the view.
func (b *binned) reweighed(weights []float64) (*binned, error) {
	if len(weights) != len(b.place) {
		return nil, fmt.Errorf("histtree: %d weights for %d rows", len(weights), len(b.place))
	}
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("histtree: row %d has weight %v; want a number of at least 0", i+1, w)
		}
	}
	out := *b
	out.setWeights(weights)
	if out.total == 0 {
		return nil, fmt.Errorf("histtree: all rows have weight 0")
	}
	if math.IsInf(out.total, 0) {
		return nil, errTooHeavy
	}
	out.runs = appearance(len(b.classes), len(weights), func(i int) (int, bool) {
		if b.place[i] == 0 || weights[i] == 0 {
			return 0, false
		}
		run, _ := slices.BinarySearch(b.ends[1:], b.place[i])
		return run, true
	})
	out.answer = make([]int, len(b.answer))
	for c, run := range out.runs {
		out.answer[c] = b.answer[run]
	}
	return &out, nil
}
