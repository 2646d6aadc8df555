package eval

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Sampled fits a learner on a random sample of the training rows, for one whose
// cost grows too fast with them. Each class keeps its share, rounded up, so that a
// rare one is not lost; with fewer rows than that all are used. Rows of weight 0 are
// not drawn and do not count. Its name says so: "RBF SVM (10,000 rows)".
type Sampled struct {
	Learner models.Learner
	Rows    int      // rows of the sample, at least 1; rounding adds at most one a class
	Seed    rng.Seed // of the sample and of the learner
}

// Name is the learner's, with the number of rows.
func (s Sampled) Name() string {
	return fmt.Sprintf("%s (%s rows)", s.Learner.Name(), thousands(s.Rows))
}

// Unwrap returns the learner itself.
func (s Sampled) Unwrap() models.Learner { return s.Learner }

// WithSeed returns the learner with another seed.
func (s Sampled) WithSeed(seed rng.Seed) models.Learner {
	s.Seed = seed
	return s
}

// Fit draws the rows and fits. The classifier is the learner's own.
func (s Sampled) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	labels, classes, weights, err := models.Trainable("eval", train)
	if err != nil {
		return nil, err
	}
	if s.Rows < 1 {
		return nil, fmt.Errorf("eval: %s: Rows is %d; want at least 1", s.Learner.Name(), s.Rows)
	}
	learner := models.WithSeed(s.Learner, s.Seed.At("learner"))
	of, n := make([][]int, len(classes)), 0
	for r, c := range labels {
		if weights == nil || weights[r] > 0 {
			of[c] = append(of[c], r)
			n++
		}
	}
	if n <= s.Rows {
		return learner.Fit(ctx, train)
	}
	var rows []int
	g := s.Seed.At("sample").Rand()
	for _, list := range of {
		g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		rows = append(rows, list[:(len(list)*s.Rows+n-1)/n]...)
	}
	slices.Sort(rows)
	return learner.Fit(ctx, train.Take(rows))
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
