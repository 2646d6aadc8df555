package eval

import (
	"context"
	"fmt"
	"math"
	"time"

	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// CrossValidate fits every learner on the training rows of every fold and judges
// it on the fold's test rows. Rows are numbered within the view.
//
// Learner l gets the seed Seed.At(l.Name()).Index("fold", i) in fold i, so that
// adding a learner or fold changes no other result. A learner that fails ends the
// call with its name and fold. Models are dropped as soon as they are judged; what
// stays is each learner's scores for each row (8 bytes times rows times classes)
// and the metrics.
func (t Trial) CrossValidate(ctx context.Context, data table.View, folds resample.Folds, learners ...models.Learner) (*Scores, error) {
	t, err := t.withDefaults(learners)
	if err != nil {
		return nil, err
	}
	if data, err = t.target(data); err != nil {
		return nil, err
	}
	if err := data.Unsealed(); err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
	}
	if err := folds.Check(data.Rows()); err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
	}
	truth, classes, err := data.Labels()
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
	}
	positive, err := t.positive(classes)
	if err != nil {
		return nil, err
	}

	s := &Scores{Trial: t, Folds: folds, Classes: classes, learners: learners, names: names(learners),
		data: data, truth: truth, positive: positive, owner: owners(folds, data.Rows())}
	s.pooled = make([][]float64, len(learners))
	for l := range learners {
		s.pooled[l] = make([]float64, data.Rows()*len(classes))
	}
	task := par.Track(ctx, fmt.Sprintf("%s: %d learners in %s", t.Name, len(learners), folds.Name), folds.Len()*len(learners))
	defer task.Done()
	gate := make(chan struct{}, t.AtOnce)
	jobs, err := par.Map(ctx, folds.Len()*len(learners), func(ctx context.Context, i int) (job, error) {
		gate <- struct{}{}
		defer func() { <-gate }()
		l, f := i%len(learners), i/len(learners)
		j, err := s.judge(ctx, l, f)
		if err != nil {
			return job{}, fmt.Errorf("eval: %s: %s in fold %d of %d: %w", t.Name, s.names[l], f, folds.Len(), err)
		}
		task.Add(1)
		return j, nil
	})
	if err != nil {
		return nil, err
	}
	s.jobs = make([][]job, len(learners))
	for i, j := range jobs {
		s.jobs[i%len(learners)] = append(s.jobs[i%len(learners)], j)
	}
	return s, nil
}

// job is what stays of one learner in one fold.
type job struct {
	values       []float64 // by metric
	cost         cost
	choice       string // what a Tuned learner chose
	fit, predict time.Duration
}

// judge fits learner l for fold f, keeps its scores of the test rows and measures them.
func (s *Scores) judge(ctx context.Context, l, f int) (job, error) {
	test := s.Folds.Test[f]
	learner := models.WithSeed(s.learners[l], s.Trial.Seed.At(s.names[l]).Index("fold", f))
	var j job
	start := time.Now()
	model, err := learner.Fit(ctx, s.data.Take(s.Folds.Train[f]))
	if err != nil {
		return j, err
	}
	j.fit = time.Since(start)
	start = time.Now()
	p, err := model.Predict(ctx, s.data.Take(test))
	if err != nil {
		return j, err
	}
	j.predict = time.Since(start)
	j.cost, j.choice = costOf(model), choiceOf(model)

	k := len(s.Classes)
	o := metric.Outcome{Classes: s.Classes, Truth: make([]int, len(test)), Positive: s.positive}
	if o.P, err = layOut(p, s.Classes, len(test)); err != nil {
		return j, err
	}
	for i, r := range test {
		o.Truth[i] = s.truth[r]
		if int(s.owner[r]) == f {
			copy(s.pooled[l][r*k:(r+1)*k], o.P[i*k:(i+1)*k])
		}
	}
	j.values = measure(s.Trial.Metrics, o)
	return j, nil
}

func measure(metrics []metric.Metric, o metric.Outcome) []float64 {
	values := make([]float64, len(metrics))
	for m := range metrics {
		values[m] = metrics[m].Of(o)
	}
	return values
}

// owners says which fold's prediction of a row is kept: the first that tests it,
// -1 where none does.
func owners(folds resample.Folds, n int) []int32 {
	owner := make([]int32, n)
	for i := range owner {
		owner[i] = -1
	}
	for f := folds.Len() - 1; f >= 0; f-- {
		for _, r := range folds.Test[f] {
			owner[r] = int32(f)
		}
	}
	return owner
}

// cost is the size of a model, where it tells.
type cost struct {
	n    float64 // mean over fits; NaN where the model does not tell
	unit string
}

func costOf(model models.Classifier) cost {
	if s, ok := model.(models.Sized); ok {
		n, unit := s.Size()
		return cost{float64(n), unit}
	}
	return cost{math.NaN(), ""}
}
