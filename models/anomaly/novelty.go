package anomaly

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Novelty makes a classifier of a detector, so that it stands in the same tables as
// supervised learners. It fits an Alarm on the training rows of the class Normal and does
// not look at the others, but for their shares: what rings is of another class. The zero
// value is ready to use.
//
// With two classes a row that rings scores above 0.5 for the other one, and of two rows
// the more unusual scores higher. The scores are no probabilities: they turn with the
// distance from the threshold, counted in that from the median training score,
// 1/2 + u/(2 + 2|u|). With more classes than two those that are not Normal share what is
// not its, as they share the training rows that are not; the commonest of them is the
// answer where the alarm rings. Trained on Normal alone it answers Normal or Other.
//
// Features are what the detector takes; put encode.Then before it. Weights are refused.
type Novelty struct {
	Detector Detector // nil means Forest{}
	Normal   string   // class of the usual rows; "" means "normal"
	Other    string   // class of the others where training has none of them; "" means "anomaly"
	Rate     float64  // share of normal rows that may ring, in (0, 1); 0 means 0.01
	K        int      // folds of the threshold; 0 means 5
	Seed     rng.Seed // of the folds
}

// Name says which detector it is: "novelty by isolation forest".
func (n Novelty) Name() string {
	if n.Detector == nil {
		n.Detector = Forest{}
	}
	return "novelty by " + n.Detector.Name()
}

// WithSeed returns the learner with another seed, from which the detector gets its own.
func (n Novelty) WithSeed(seed rng.Seed) models.Learner {
	n.Seed = seed
	if n.Detector == nil {
		n.Detector = Forest{}
	}
	if d, ok := n.Detector.(Seeded); ok {
		n.Detector = d.WithSeed(seed.At("detector"))
	}
	return n
}

// ThresholdRule says how the threshold is chosen, for audit.Threshold.
func (n Novelty) ThresholdRule() string {
	rate := n.Rate
	if rate == 0 {
		rate = 0.01
	}
	return fmt.Sprintf("at most %v %% of its normal training rows score above it out of fold", 100*rate)
}

// Fit chooses the threshold and fits the detector on the normal rows: K + 1 fits. It fails
// where there are fewer than two of them. The classifier is a Sounder.
func (n Novelty) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if n.Normal == "" {
		n.Normal = "normal"
	}
	if n.Other == "" {
		n.Other = "anomaly"
	}
	labels, classes, weights, err := models.Trainable("anomaly", train)
	if err != nil {
		return nil, err
	}
	at := slices.Index(classes, n.Normal)
	switch {
	case weights != nil:
		return nil, trainable(ctx, train) // which says why
	case at < 0:
		return nil, fmt.Errorf("anomaly: no row of %s is of class %q; name the class of its usual rows in Normal", train.Table().Name(), n.Normal)
	case n.Other == n.Normal:
		return nil, fmt.Errorf("anomaly: Normal and Other are both %q; want two classes", n.Normal)
	}
	var rows []int
	counts := make([]float64, len(classes))
	for i, c := range labels {
		counts[c]++
		if c == at {
			rows = append(rows, i)
		}
	}
	w, err := Alarm{Detector: n.Detector, Rate: n.Rate, K: n.K, Seed: n.Seed}.Fit(ctx, train.Take(rows))
	if err != nil {
		return nil, err
	}
	if len(classes) == 1 {
		classes, counts = []string{n.Normal, n.Other}, []float64{0, 1}
		if n.Other < n.Normal {
			slices.Reverse(classes)
			slices.Reverse(counts)
		}
		at = slices.Index(classes, n.Normal)
	}
	counts[at] = 0
	rest := float64(len(labels) - len(rows))
	for c := range counts {
		counts[c] /= max(1, rest)
	}
	return newSentry(classes, at, counts, w), nil
}

// Sounder is what Novelty fits: a classifier with an alarm inside.
type Sounder interface {
	models.Classifier
	Watch() *Watch
}

// sentry is a classifier that asks a Watch.
type sentry struct {
	classes []string
	normal  int
	shares  []float64 // of the classes that are not normal, by class; 0 of normal
	watch   *Watch
}

func newSentry(classes []string, normal int, shares []float64, w *Watch) models.Classifier {
	s := &sentry{classes, normal, shares, w}
	if sized, ok := w.model.(models.Sized); ok {
		return sizedSentry{s, sized}
	}
	return s
}

type sizedSentry struct {
	*sentry
	models.Sized
}

// Classes are those of training, or Normal and Other.
func (s *sentry) Classes() []string { return slices.Clone(s.classes) }

// Watch is the alarm.
func (s *sentry) Watch() *Watch { return s.watch }

// Predict turns the detector's scores into those of classes.
func (s *sentry) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	scores, err := s.watch.Score(ctx, rows)
	if err != nil {
		return models.Prediction{}, err
	}
	turn := 1 / (1 + slices.Max(s.shares)) // where the commonest other class is as likely as normal
	p := models.NewPrediction(s.Classes(), len(scores))
	for i, score := range scores {
		odd := s.watch.odd(score)
		if odd < 0.5 {
			odd *= 2 * turn
		} else {
			odd = turn + float64((1-turn)*(2*odd-1))
		}
		row := p.Row(i)
		for c, share := range s.shares {
			row[c] = share * odd
		}
		row[s.normal] = 1 - odd
	}
	return p, nil
}

// odd maps scores to (0, 1), rising, above 0.5 for those that ring.
func (w *Watch) odd(score float64) float64 {
	unit := w.threshold - w.middle
	if !(unit > 0) {
		unit = math.Abs(w.threshold)
	}
	if !(unit > 0) {
		unit = 1
	}
	u := (score - w.threshold) / min(unit, math.MaxFloat64)
	u = max(-math.MaxFloat64/4, min(u, math.MaxFloat64/4))
	p := 0.5 + 0.5*(u/(1+math.Abs(u)))
	if score > w.threshold {
		return max(p, math.Nextafter(0.5, 1))
	}
	return min(p, math.Nextafter(0.5, 0))
}
