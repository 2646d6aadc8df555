package eval

import (
	"context"
	"fmt"
	"slices"

	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/decision"
)

// Tuned is a learner that chooses among candidates by cross-validation inside its
// own training rows, then fits the winner on all of them. Cross-validating it is
// nested cross-validation: what is measured includes the choice, and no row that
// is judged had a say in it (Varma, Simon 2006, BMC Bioinformatics 7:91).
//
//	eval.Tuned{Label: "tuned tree", Candidates: []models.Learner{tree(4), tree(8), tree(16)}, Positive: "attack"}
//
// Inner folds are stratified and keep rows with equal features together. A fit
// costs K × candidates + 1 fits.
type Tuned struct {
	Label      string           // name in tables; "" means "tuned " and the first candidate's name
	Candidates []models.Learner // at least one; they may share a name; ties go to the first
	Metric     metric.Metric    // what decides; the zero value means metric.MCC
	Positive   string           // class counted as positive; "" means multi-class
	K          int              // inner folds, at least 2; 0 means 3
	Seed       rng.Seed         // of the inner folds and of the candidates
}

// Name returns Label.
func (t Tuned) Name() string {
	if t.Label == "" && len(t.Candidates) > 0 {
		return "tuned " + t.Candidates[0].Name()
	}
	return t.Label
}

// WithSeed returns the learner with another seed.
func (t Tuned) WithSeed(seed rng.Seed) models.Learner {
	t.Seed = seed
	return t
}

// Fit chooses and fits. The classifier says what was chosen by Chosen() string,
// which Scores and Holdout show.
func (t Tuned) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if len(t.Candidates) == 0 {
		return nil, fmt.Errorf("eval: %s has no candidates", t.Name())
	}
	if t.Metric.Of == nil {
		t.Metric = metric.MCC
	}
	named := make([]models.Learner, len(t.Candidates))
	for i, c := range t.Candidates {
		named[i] = Named(fmt.Sprintf("%s, candidate %d", c.Name(), i+1), c)
	}
	trial := Trial{Name: t.Name(), Positive: t.Positive, Metrics: []metric.Metric{t.Metric}, Seed: t.Seed}
	scores, err := trial.inside(ctx, train, t.K, named...)
	if err != nil {
		return nil, err
	}
	best := named[0]
	if scores != nil {
		best = scores.Best(t.Metric)
	}
	model, err := models.WithSeed(best, t.Seed.At("final")).Fit(ctx, train)
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %s: %w", t.Name(), best.Name(), err)
	}
	return decision.Chosen(model, best.Name()), nil
}

// inside cross-validates learners on the training rows of a fit, in k stratified
// folds (0 means 3) that keep rows with equal features together. It returns nil
// where there is nothing to learn from it: one class, or fewer distinct rows than
// folds.
func (t Trial) inside(ctx context.Context, train table.View, k int, learners ...models.Learner) (*Scores, error) {
	labels, classes, _, err := models.Trainable("eval", train)
	if err != nil {
		return nil, err
	}
	if k == 0 {
		k = 3
	}
	if k < 2 {
		return nil, fmt.Errorf("eval: %s: K is %d; want at least 2 inner folds", t.Name, k)
	}
	groups := resample.GroupsOf(train)
	if len(classes) < 2 || slices.Max(groups)+1 < k {
		return nil, nil
	}
	folds, err := resample.StratifiedGroupKFold{K: k, Seed: t.Seed.At("inner folds")}.Split(labels, groups)
	if err != nil {
		return nil, fmt.Errorf("eval: %s: inner folds: %w", t.Name, err)
	}
	t.Target, t.Seed = "", t.Seed.At("inner")
	quiet := par.WithProgress(ctx, nil) // one bar for the outer fits is enough
	return t.CrossValidate(quiet, train, folds, learners...)
}

// choiceOf is what a fitted model chose, "" where it chose nothing.
func choiceOf(model models.Classifier) string {
	if c, ok := model.(decision.Chooser); ok {
		return c.Chosen()
	}
	return ""
}

// choices says how often a learner chose what, in the order of first choice.
func choices(learner string, list []string) (notes []string) {
	var order []string
	times := map[string]int{}
	for _, c := range list {
		if c == "" {
			continue
		}
		if times[c]++; times[c] == 1 {
			order = append(order, c)
		}
	}
	for _, c := range order {
		notes = append(notes, fmt.Sprintf("%s chose %s in %d of %d fits.", learner, c, times[c], len(list)))
	}
	return notes
}
