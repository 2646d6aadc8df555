package eval

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/eval/metric"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/decision"
)

// Thresholded is a two-class learner that chooses its own threshold: it scores its
// training rows out of fold, takes the threshold on those scores with the best
// metric, and fits on all of them. No row that is judged later has a say in it.
//
// Its scores are the learner's, moved so that the threshold τ comes to lie at 0.5:
// s/2τ below it, (1 + (s-τ)/(1-τ))/2 above. Their order does not change, and so
// neither does ROC-AUC or PR-AUC; as probabilities they are no longer calibrated. A
// threshold chosen on training rows holds for their class shares and drifts with
// them: see audit.Drift. A fit costs K + 1 fits of the learner.
type Thresholded struct {
	Learner  models.Learner
	Positive string        // class whose score is cut; "" means the first of the two
	Metric   metric.Metric // what decides, of the predicted classes; the zero value means metric.MCC
	K        int           // inner folds, at least 2; 0 means 3
	Seed     rng.Seed      // of the inner folds and of the learner
}

// Name says that the threshold is the learner's own: "random forest, own threshold".
func (t Thresholded) Name() string { return t.Learner.Name() + ", own threshold" }

// WithSeed returns the learner with another seed.
func (t Thresholded) WithSeed(seed rng.Seed) models.Learner {
	t.Seed = seed
	return t
}

// ThresholdRule says how the threshold is chosen, for audit.Threshold.
func (t Thresholded) ThresholdRule() string {
	m := t.Metric
	if m.Of == nil {
		m = metric.MCC
	}
	return fmt.Sprintf("best %s of scores out of fold within its training rows", m.Title)
}

// Fit chooses the threshold and fits. Where training has one class, or too few
// distinct rows for the inner folds, the threshold is 0.5. It fails for three
// classes or more. The classifier is a decision.Thresholder.
func (t Thresholded) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	_, classes, _, err := models.Trainable("eval", train)
	if err != nil {
		return nil, err
	}
	if len(classes) > 2 {
		return nil, fmt.Errorf("eval: %s: %d classes; a threshold is for two", t.Name(), len(classes))
	}
	if t.Positive == "" {
		t.Positive = classes[0]
	}
	if t.Metric.Of == nil {
		t.Metric = metric.MCC
	}
	threshold := 0.5
	if len(classes) == 2 {
		trial := Trial{Name: t.Name(), Positive: t.Positive, Metrics: []metric.Metric{t.Metric}, Seed: t.Seed}
		scores, err := trial.inside(ctx, train, t.K, t.Learner)
		if err != nil {
			return nil, err
		}
		if scores != nil {
			threshold = bestThreshold(scores.Pooled(t.Learner.Name()), t.Metric)
		}
	}
	model, err := models.WithSeed(t.Learner, t.Seed.At("final")).Fit(ctx, train)
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name(), err)
	}
	return decision.Cut(model, t.Positive, threshold), nil
}

// bestThreshold tries 0.5 and the middles between the points of the ROC curve (at
// most 400), and returns the best, the nearest to 0.5 of a tie, then the lowest.
func bestThreshold(o metric.Outcome, m metric.Metric) float64 {
	candidates := []float64{0.5}
	points := metric.ROC(o, o.Positive).Threshold
	for i := 2; i < len(points); i++ { // the first point is +Inf
		candidates = append(candidates, (points[i-1]+points[i])/2)
	}
	slices.Sort(candidates)
	moved := o
	moved.P = make([]float64, len(o.P))
	best, bestValue := 0.5, math.NaN()
	for _, c := range candidates {
		for i := range o.Truth {
			decision.Move(o.P[2*i:2*i+2], moved.P[2*i:2*i+2], o.Positive, c)
		}
		v := m.Of(moved)
		nearer := v == bestValue && math.Abs(c-0.5) < math.Abs(best-0.5)
		if m.Better(v, bestValue) || nearer {
			best, bestValue = c, v
		}
	}
	return best
}
