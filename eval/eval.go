// Package eval answers: which learner is better, by how much, and how sure can one
// be?
//
// A Trial says what is predicted and how it is judged. CrossValidate lets every
// learner meet the same folds; Holdout fits on all training rows and judges on test
// sets opened once, over several seeds; LeaveOut hides one label after the other, an
// attack type, and asks what is made of it. All show themselves as tables with
// intervals and row counts, and carry the checks of package audit that apply.
//
//	trial := eval.Trial{Name: "binary", Target: "binary", Positive: "attack", Metrics: metric.Binary, Seed: seed}
//	folds, err := resample.StratifiedGroupKFold{K: 10, Seed: seed}.Split(labels, resample.GroupsOf(train))
//	cv, err := trial.CrossValidate(ctx, train, folds, baseline.Majority{}, histtree.Forest{})
//	best := cv.Best(metric.MCC)
//	test, err := trial.HoldoutSeeds(ctx, train, []eval.Split{{"KDDTest+", opened}}, 10, best)
//
// Permute asks which features a fitted model relies on.
//
// The predicted class is the one with the highest score (0.5 with two classes): no
// threshold is chosen on rows that are judged. Learners that choose do so inside
// their training rows: Tuned among candidates, Thresholded a threshold. Every row
// counts once, whatever weights training gives it.
package eval

import (
	"fmt"
	"math"
	"slices"

	"flowbook/eval/metric"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Trial is one question put to learners.
type Trial struct {
	Name     string          // first part of measure ids: "binary"; "" means "trial"
	Target   string          // column to predict; "" means the view's own target
	Positive string          // class counted as positive; "" means multi-class
	Metrics  []metric.Metric // the first one sorts the tables; nil means metric.Binary or metric.Multiclass
	Seed     rng.Seed        // each fit gets its own: Seed.At(learner).Index("fold", i)
	Level    float64         // confidence level of intervals, in (0, 1); 0 means 0.95
	Chosen   string          // learner picked before the test was opened: what the base-rate check of a hold-out speaks of; "" means the best one that is no baseline
	AtOnce   int             // fits under way at a time, which bounds memory; 0 means one a core, at most 8
}

// withDefaults fills the zero fields and checks the others.
func (t Trial) withDefaults(learners []models.Learner) (Trial, error) {
	if t.Name == "" {
		t.Name = "trial"
	}
	if t.Metrics == nil && t.Positive != "" {
		t.Metrics = metric.Binary
	}
	if len(t.Metrics) == 0 {
		t.Metrics = metric.Multiclass
	}
	if t.Level == 0 {
		t.Level = 0.95
	}
	if !(t.Level > 0 && t.Level < 1) {
		return t, fmt.Errorf("eval: %s: Level is %g; want a value in (0, 1)", t.Name, t.Level)
	}
	if t.AtOnce < 0 {
		return t, fmt.Errorf("eval: %s: AtOnce is %d; want at least 0", t.Name, t.AtOnce)
	}
	if t.AtOnce == 0 {
		t.AtOnce = 8
	}
	if len(learners) == 0 {
		return t, fmt.Errorf("eval: %s: no learners were given", t.Name)
	}
	for i, l := range learners {
		for _, other := range learners[:i] {
			if l.Name() == other.Name() {
				return t, fmt.Errorf("eval: %s: two learners are called %q; give one another name with eval.Named", t.Name, l.Name())
			}
		}
	}
	return t, nil
}

// target sets the trial's target on a view.
func (t Trial) target(v table.View) (table.View, error) {
	if v.Table() == nil {
		return v, fmt.Errorf("eval: %s: a view without a table was given", t.Name)
	}
	if t.Target == "" {
		return v, nil
	}
	if _, err := v.Table().Lookup(t.Target); err != nil {
		return v, fmt.Errorf("eval: %s: target: %w", t.Name, err)
	}
	return v.WithTarget(t.Target), nil
}

// positive is the index of the positive class, -1 for none.
func (t Trial) positive(classes []string) (int, error) {
	if t.Positive == "" {
		return -1, nil
	}
	if i := slices.Index(classes, t.Positive); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("eval: %s: positive class %q is not among %q", t.Name, t.Positive, classes)
}

// layOut lays a prediction, whose classes may be fewer and in another order, over
// the trial's classes; those that the model does not know score 0. It fails where
// the prediction breaks the learners' contract.
func layOut(p models.Prediction, classes []string, rows int) ([]float64, error) {
	if p.Rows() != rows {
		return nil, fmt.Errorf("it predicted %d rows of %d", p.Rows(), rows)
	}
	for i, v := range p.P {
		if math.IsNaN(v) || v < 0 {
			return nil, fmt.Errorf("it gave row %d the score %g for class %q; scores are at least 0", i/len(p.Classes), v, p.Classes[i%len(p.Classes)])
		}
	}
	if slices.Equal(p.Classes, classes) {
		return p.P, nil
	}
	to := make([]int, len(p.Classes))
	for c, name := range p.Classes {
		if to[c] = slices.Index(classes, name); to[c] < 0 {
			return nil, fmt.Errorf("it predicted class %q, which is not among %q", name, classes)
		}
	}
	out := make([]float64, rows*len(classes))
	for i := range rows {
		for c, v := range p.Row(i) {
			out[i*len(classes)+to[c]] = v
		}
	}
	return out, nil
}

// index of a learner or a split by name; asking for one that took no part is a
// mistake of the program.
func index(what, name string, names []string) int {
	i := slices.Index(names, name)
	if i < 0 {
		panic(fmt.Sprintf("eval: no %s %q among %q", what, name, names))
	}
	return i
}

// metricIndex is the place of a metric among the trial's.
func (t Trial) metricIndex(m metric.Metric) int {
	names := make([]string, len(t.Metrics))
	for i := range names {
		names[i] = t.Metrics[i].Name
	}
	return index("metric", m.Name, names)
}

func names(learners []models.Learner) []string {
	out := make([]string, len(learners))
	for i, l := range learners {
		out[i] = l.Name()
	}
	return out
}

// Named returns a learner under another name, for comparisons of one learner with
// several settings: eval.Named("boosting, 200 rounds", histtree.Boost{Trees: 200}).
func Named(name string, l models.Learner) models.Learner {
	if s, ok := l.(models.Seeded); ok {
		return namedSeeded{named{l, name}, s}
	}
	return named{l, name}
}

type named struct {
	models.Learner
	name string
}

func (n named) Name() string { return n.name }

// Unwrap returns the learner behind the name.
func (n named) Unwrap() models.Learner { return n.Learner }

type namedSeeded struct {
	named
	seeded models.Seeded
}

func (n namedSeeded) WithSeed(seed rng.Seed) models.Learner {
	return Named(n.name, n.seeded.WithSeed(seed))
}
