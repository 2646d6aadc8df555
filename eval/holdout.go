package eval

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// Split is a test set and its name: {"KDDTest+", opened}.
type Split struct {
	Name string
	View table.View
}

// Holdout is the outcome of judging learners on test sets: learner × seed × split
// × metric. Methods that take a name or a metric panic if it took no part.
type Holdout struct {
	Trial   Trial
	Seeds   int      // fits of a learner that draws random numbers; others are fitted once
	Classes []string // of training and of all tests, sorted
	Unseen  []string // classes of a test that training never saw: always wrong

	learners []models.Learner
	names    []string
	train    table.View
	splits   []Split
	truth    [][]int // by split
	positive int
	runs     [][]run // by learner and seed

	audit  sync.Once
	checks []exhibit.Check
}

// run is one fit of a learner, judged on every split.
type run struct {
	values  [][]float64 // by split and metric
	right   [][]bool    // by split and row: was the class predicted?
	scores  [][]float64 // by split: n × k; of the first seed only
	cost    cost
	choice  string // what a Tuned learner chose
	fit     time.Duration
	predict []time.Duration // by split
}

// Holdout fits each learner once on all of train and judges it on test.
func (t Trial) Holdout(ctx context.Context, train, test table.View, split string, learners ...models.Learner) (*Holdout, error) {
	return t.HoldoutSeeds(ctx, train, []Split{{split, test}}, 1, learners...)
}

// HoldoutSeeds fits each learner on all of train, once for each of a number of
// seeds (once in all where it is not models.Seeded, see also Fewer), and judges every fit on every
// test set. Tests must have been opened. Test labels are matched to the learners'
// classes by name; a row of a class that training never saw counts as wrong, and
// its class joins those that means over classes run over.
//
// Learner l gets the seed Seed.At(l.Name()).Index("seed", i). A learner that fails
// ends the call with its name and seed. What stays is each learner's scores from
// its first seed, one byte a row for each further one, and the metrics.
func (t Trial) HoldoutSeeds(ctx context.Context, train table.View, tests []Split, seeds int, learners ...models.Learner) (*Holdout, error) {
	h, err := t.newHoldout(train, tests, seeds, learners)
	if err != nil {
		return nil, err
	}
	type fit struct{ learner, seed int }
	var fits []fit
	for i := range seeds { // seeds outermost: all learners are seen to move on
		for l, learner := range learners {
			if i < seedsOf(learner, seeds) {
				fits = append(fits, fit{l, i})
			}
		}
	}
	task := par.Track(ctx, fmt.Sprintf("%s: %d learners, %d seeds", h.Trial.Name, len(learners), seeds), len(fits))
	defer task.Done()
	gate := make(chan struct{}, h.Trial.AtOnce)
	runs, err := par.Map(ctx, len(fits), func(ctx context.Context, i int) (run, error) {
		gate <- struct{}{}
		defer func() { <-gate }()
		r, err := h.run(ctx, fits[i].learner, fits[i].seed)
		if err != nil {
			return run{}, fmt.Errorf("eval: %s: %s with seed %d: %w", h.Trial.Name, h.names[fits[i].learner], fits[i].seed, err)
		}
		task.Add(1)
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	h.runs = make([][]run, len(learners))
	for i, r := range runs {
		h.runs[fits[i].learner] = append(h.runs[fits[i].learner], r)
	}
	return h, nil
}

// newHoldout checks what was given and lays out the classes.
func (t Trial) newHoldout(train table.View, tests []Split, seeds int, learners []models.Learner) (*Holdout, error) {
	t, err := t.withDefaults(learners)
	if err != nil {
		return nil, err
	}
	if seeds < 1 {
		return nil, fmt.Errorf("eval: %s: %d seeds; want at least 1", t.Name, seeds)
	}
	if len(tests) == 0 {
		return nil, fmt.Errorf("eval: %s: no test set was given", t.Name)
	}
	h := &Holdout{Trial: t, Seeds: seeds, learners: learners, names: names(learners), positive: -1}
	if t.Chosen != "" && !slices.Contains(h.names, t.Chosen) {
		return nil, fmt.Errorf("eval: %s: Chosen is %q; want one of %q", t.Name, t.Chosen, h.names)
	}
	if h.train, err = t.target(train); err != nil {
		return nil, err
	}
	_, known, err := h.train.Labels()
	if err != nil {
		return nil, fmt.Errorf("eval: %s: training rows: %w", t.Name, err)
	}
	h.Classes = known
	labels, classes := make([][]int, len(tests)), make([][]string, len(tests))
	for i, s := range tests {
		if slices.ContainsFunc(tests[:i], func(o Split) bool { return o.Name == s.Name }) {
			return nil, fmt.Errorf("eval: %s: two test sets are called %q", t.Name, s.Name)
		}
		if s.View, err = t.target(s.View); err != nil {
			return nil, err
		}
		if err := s.View.Unsealed(); err != nil {
			return nil, fmt.Errorf("eval: %s: %s: %w", t.Name, s.Name, err)
		}
		if s.View.Rows() == 0 {
			return nil, fmt.Errorf("eval: %s: %s has no rows", t.Name, s.Name)
		}
		if labels[i], classes[i], err = s.View.Labels(); err != nil {
			return nil, fmt.Errorf("eval: %s: %s: %w", t.Name, s.Name, err)
		}
		h.splits = append(h.splits, s)
		h.Classes = slices.Concat(h.Classes, classes[i])
	}
	slices.Sort(h.Classes)
	h.Classes = slices.Compact(h.Classes)
	for _, c := range h.Classes {
		if !slices.Contains(known, c) {
			h.Unseen = append(h.Unseen, c)
		}
	}
	for i := range labels {
		for r, c := range labels[i] {
			labels[i][r] = slices.Index(h.Classes, classes[i][c])
		}
	}
	h.truth = labels
	h.positive, err = t.positive(h.Classes)
	return h, err
}

// run fits learner l with one seed and judges it on every split.
func (h *Holdout) run(ctx context.Context, l, seed int) (run, error) {
	learner := models.WithSeed(h.learners[l], h.Trial.Seed.At(h.names[l]).Index("seed", seed))
	var r run
	start := time.Now()
	model, err := learner.Fit(ctx, h.train)
	if err != nil {
		return r, err
	}
	r.fit = time.Since(start)
	r.cost, r.choice = costOf(model), choiceOf(model)
	for i, split := range h.splits {
		start := time.Now()
		p, err := model.Predict(ctx, split.View)
		if err != nil {
			return r, fmt.Errorf("%s: %w", split.Name, err)
		}
		r.predict = append(r.predict, time.Since(start))
		o := metric.Outcome{Classes: h.Classes, Truth: h.truth[i], Positive: h.positive}
		if o.P, err = layOut(p, h.Classes, split.View.Rows()); err != nil {
			return r, fmt.Errorf("%s: %w", split.Name, err)
		}
		right := make([]bool, len(o.Truth))
		for row, c := range o.Truth {
			right[row] = o.Predicted(row) == c
		}
		r.right = append(r.right, right)
		r.values = append(r.values, measure(h.Trial.Metrics, o))
		if seed == 0 {
			r.scores = append(r.scores, o.P)
		}
	}
	return r, nil
}

// Learners returns the names in the order given, Splits those of the test sets.
func (h *Holdout) Learners() []string { return h.names }

// Splits returns the names of the test sets in the order given.
func (h *Holdout) Splits() []string {
	out := make([]string, len(h.splits))
	for i, s := range h.splits {
		out[i] = s.Name
	}
	return out
}

// Outcome is what a learner's first seed predicted of a test set, for confusions
// and curves.
func (h *Holdout) Outcome(learner, split string) metric.Outcome {
	return h.outcome(index("learner", learner, h.names), index("test set", split, h.Splits()))
}

func (h *Holdout) outcome(l, s int) metric.Outcome {
	return metric.Outcome{Classes: h.Classes, Truth: h.truth[s], P: h.runs[l][0].scores[s], Positive: h.positive}
}

// Prediction is the prediction of Outcome, over the classes of training and tests.
func (h *Holdout) Prediction(learner, split string) models.Prediction {
	return models.Prediction{Classes: h.Classes, P: h.Outcome(learner, split).P}
}

// Answers is what each learner's first seed said of every row of a test set, for
// predictions.json. It panics unless the trial has a positive class.
func (h *Holdout) Answers(split string) exhibit.Exhibit {
	if h.positive < 0 {
		panic("eval: Answers of " + h.Trial.Name + ", which has no positive class")
	}
	var e exhibit.Exhibit
	for _, name := range h.names {
		p := h.Prediction(name, split)
		a := exhibit.Answers{Learner: name, Split: split, Positive: h.Classes[h.positive], Said: make([]bool, p.Rows())}
		for i := range a.Said {
			a.Said[i] = p.Best(i) == h.positive
		}
		e.Answers = append(e.Answers, a)
	}
	return e
}

// Confusion counts the predictions of a learner's first seed.
func (h *Holdout) Confusion(learner, split string) metric.Confusion {
	return metric.NewConfusion(h.Trial.Name+": "+learner+" on "+split, h.Outcome(learner, split))
}

// Score is a metric on a test set, the mean over seeds.
func (h *Holdout) Score(learner string, m metric.Metric, split string) float64 {
	return num.Mean(h.BySeed(learner, m, split))
}

// BySeed returns a metric on a test set for each seed; one value where the
// learner draws no random numbers.
func (h *Holdout) BySeed(learner string, m metric.Metric, split string) []float64 {
	return h.bySeed(index("learner", learner, h.names), h.Trial.metricIndex(m), index("test set", split, h.Splits()))
}

func (h *Holdout) bySeed(l, m, s int) []float64 {
	out := make([]float64, len(h.runs[l]))
	for i, r := range h.runs[l] {
		out[i] = r.values[s][m]
	}
	return out
}

// Spread is a metric over seeds and rows.
type Spread struct {
	Mean      float64 // over seeds
	SD        float64 // over seeds; NaN for one
	Min, Max  float64 // over seeds
	Low, High float64 // interval for the rows drawn, see Holdout.Spread
	Seeds     int     // fits behind it
}

// Spread returns a metric on a test set with its two uncertainties. SD, Min and Max
// speak of the seeds drawn. Low and High speak of the test rows drawn: the metric's
// interval at the trial's level for the first seed, moved to the mean over seeds
// and cut to the metric's range.
func (h *Holdout) Spread(learner string, m metric.Metric, split string) Spread {
	l, s := index("learner", learner, h.names), index("test set", split, h.Splits())
	return h.spread(l, h.Trial.metricIndex(m), s)
}

func (h *Holdout) spread(l, m, s int) Spread {
	values := h.bySeed(l, m, s)
	the := h.Trial.Metrics[m]
	low, high := the.Interval(h.outcome(l, s), h.Trial.Level)
	out := Spread{Mean: num.Mean(values), SD: math.NaN(), Min: slices.Min(values), Max: slices.Max(values), Seeds: len(values)}
	if len(values) > 1 {
		out.SD = num.StdDev(values)
	}
	moved := out.Mean - values[0]
	out.Low, out.High = max(the.Low, low+moved), min(the.High, high+moved)
	return out
}

// Best returns the learner with the best mean over seeds on a test set, the first
// of a tie. To choose by it and then report it is to fool oneself: choose by
// cross-validation.
func (h *Holdout) Best(m metric.Metric, split string) models.Learner {
	return h.learners[h.order(h.Trial.metricIndex(m), index("test set", split, h.Splits()))[0]]
}

// order sorts the learners by mean over seeds on a split, best first.
func (h *Holdout) order(m, s int) []int {
	means := make([]float64, len(h.names))
	for l := range means {
		means[l] = num.Mean(h.bySeed(l, m, s))
	}
	return ordered(means, h.Trial.Metrics[m])
}
