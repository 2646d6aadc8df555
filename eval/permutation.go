package eval

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// Permuted is permutation importance: how much a fitted model loses where it is told
// another row's value of a feature (Breiman 2001, section 10; Fisher, Rudin, Dominici
// 2019, JMLR 20(177)). Methods that take a name panic if it took no part.
type Permuted struct {
	Trial    Trial
	Learner  string
	Split    string   // name of the table
	Rows     int      // judged
	Repeats  int      // shuffles of each feature
	Features []string // most important first by the first metric, equal ones by name

	base  []float64     // by metric: nothing shuffled
	drops [][][]float64 // by feature, metric and repeat
}

// Permute judges a fitted model on rows, then on the same rows with one feature's values
// shuffled among them, repeats times for each feature of the view (Select those that
// matter); 0 means 10. What the model loses by that is the feature's importance to this
// model on these rows. It says nothing of what another model could do without the
// feature: of two that say the same, either may look idle. A shuffled row may be one that
// cannot occur.
//
// Shuffles of a feature come from Seed.At("permute").At(feature).Index("repeat", i), so
// that other features do not move them. Rows are judged once each, whatever weights the
// table has, and must not be sealed. Intervals are for the mean over all shuffles, and
// leave out that other rows would judge otherwise. Time: a prediction of all rows for
// each feature and repeat, AtOnce of them at a time.
func (t Trial) Permute(ctx context.Context, learner string, model models.Classifier, rows table.View, repeats int) (*Permuted, error) {
	t, err := t.withDefaults([]models.Learner{named{name: learner}})
	if err != nil {
		return nil, err
	}
	if repeats < 0 {
		return nil, fmt.Errorf("eval: %s: %d repeats; want at least 1, or 0 for 10", t.Name, repeats)
	}
	if repeats == 0 {
		repeats = 10
	}
	if rows, err = t.target(rows); err != nil {
		return nil, err
	}
	if err := rows.Unsealed(); err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
	}
	if rows.Rows() == 0 || len(rows.Features()) == 0 {
		return nil, fmt.Errorf("eval: %s: %d rows of %d features; nothing to shuffle", t.Name, rows.Rows(), len(rows.Features()))
	}
	j, err := t.judge(rows, model)
	if err != nil {
		return nil, err
	}
	s := &Permuted{Trial: t, Learner: learner, Split: rows.Table().Name(), Rows: rows.Rows(), Repeats: repeats}
	data, err := everything(rows)
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
	}
	if s.base, err = j.values(ctx, data); err != nil {
		return nil, fmt.Errorf("eval: %s: %s: %w", t.Name, learner, err)
	}
	features := rows.Features()
	slices.SortFunc(features, func(a, b table.Column) int { return strings.Compare(a.Name, b.Name) })
	task := par.Track(ctx, fmt.Sprintf("%s: %d features shuffled", t.Name, len(features)), len(features)*repeats)
	defer task.Done()
	gate := make(chan struct{}, t.AtOnce)
	values, err := par.Map(ctx, len(features)*repeats, func(ctx context.Context, i int) ([]float64, error) {
		gate <- struct{}{}
		defer func() { <-gate }()
		name := features[i/repeats].Name
		order := t.Seed.At("permute").At(name).Index("repeat", i%repeats).Rand().Perm(s.Rows)
		shuffled, err := data.With(data.Column(name).Pick(order))
		if err != nil {
			return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
		}
		v, err := j.values(ctx, shuffled)
		if err != nil {
			return nil, fmt.Errorf("eval: %s: %s with %q shuffled: %w", t.Name, learner, name, err)
		}
		task.Add(1)
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	s.fill(features, values)
	return s, nil
}

// everything is a table of the view's rows with all columns, for the model may look at
// more than the features that are shuffled.
func everything(rows table.View) (*table.Table, error) {
	data := rows.Materialize()
	var others []table.Column
	for _, c := range rows.Table().Columns() {
		if _, err := data.Lookup(c.Name); err != nil {
			others = append(others, c.Pick(rows.Index()))
		}
	}
	return data.With(others...)
}

// fill takes what the model was worth with each feature shuffled, repeat by repeat, and
// sorts the features.
func (s *Permuted) fill(features []table.Column, values [][]float64) {
	drops := make([][][]float64, len(features))
	first := make([]float64, len(features))
	for f := range features {
		for m, metric := range s.Trial.Metrics {
			own := make([]float64, s.Repeats)
			for i := range own {
				own[i] = s.base[m] - values[f*s.Repeats+i][m]
				if !metric.HigherIsBetter {
					own[i] = -own[i]
				}
			}
			drops[f] = append(drops[f], own)
		}
		first[f] = num.Mean(drops[f][0])
	}
	for _, f := range ordered(first, metric.Metric{HigherIsBetter: true}) {
		s.Features = append(s.Features, features[f].Name)
		s.drops = append(s.drops, drops[f])
	}
}

// judged is what a model is held against: the rows' classes, in the model's order.
type judged struct {
	trial   Trial
	model   models.Classifier
	outcome metric.Outcome
}

// judge lays the rows' labels over the classes that they or the model have.
func (t Trial) judge(rows table.View, model models.Classifier) (*judged, error) {
	labels, known, err := rows.Labels()
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
	}
	classes := append(slices.Clone(known), model.Classes()...)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	positive, err := t.positive(classes)
	if err != nil {
		return nil, err
	}
	j := &judged{trial: t, model: model, outcome: metric.Outcome{Classes: classes, Positive: positive, Truth: make([]int, len(labels))}}
	for i, l := range labels {
		j.outcome.Truth[i], _ = slices.BinarySearch(classes, known[l])
	}
	return j, nil
}

// values is what the model is worth on a table, by metric.
func (j *judged) values(ctx context.Context, rows *table.Table) ([]float64, error) {
	p, err := j.model.Predict(ctx, rows.View())
	if err != nil {
		return nil, err
	}
	o := j.outcome
	if o.P, err = layOut(p, o.Classes, o.Rows()); err != nil {
		return nil, err
	}
	return measure(j.trial.Metrics, o), nil
}

// Base is what the model is worth with nothing shuffled.
func (s *Permuted) Base(m metric.Metric) float64 { return s.base[s.Trial.metricIndex(m)] }

// Drops returns what was lost in each repeat, by the metric's direction: above 0 where
// the shuffled feature made the model worse.
func (s *Permuted) Drops(feature string, m metric.Metric) []float64 {
	return s.drops[index("feature", feature, s.Features)][s.Trial.metricIndex(m)]
}

// Mean is the mean of Drops: the importance.
func (s *Permuted) Mean(feature string, m metric.Metric) float64 {
	return num.Mean(s.Drops(feature, m))
}

// Interval is Student's for the mean over all shuffles, at the trial's Level; NaN for
// a single repeat.
func (s *Permuted) Interval(feature string, m metric.Metric) (low, high float64) {
	drops := s.Drops(feature, m)
	n := float64(len(drops))
	half := num.StudentQuantile((1+s.Trial.Level)/2, n-1) * num.StdDev(drops) / math.Sqrt(n)
	mean := num.Mean(drops)
	return mean - half, mean + half
}

// Exhibit shows the features, most important first, with the loss by every metric.
//
// Measures are NAME/learner/permuted-METRIC/SPLIT/FEATURE.
func (s *Permuted) Exhibit() exhibit.Exhibit {
	t := s.Trial
	g := exhibit.Grid{
		Title: fmt.Sprintf("%s: what %s loses on %s where a feature is shuffled", t.Name, s.Learner, s.Split),
		Caption: fmt.Sprintf("Mean over %d shuffles of %d rows, with its %g %% interval (t, over shuffles alone). Above 0: worse with the feature shuffled. "+
			"Features that say the same hide each other.", s.Repeats, s.Rows, 100*t.Level),
		Columns: []string{"feature"},
	}
	base := []exhibit.Cell{exhibit.Text("none shuffled")}
	for m, metric := range t.Metrics {
		g.Columns = append(g.Columns, metric.Title)
		base = append(base, exhibit.Num(s.base[m]))
	}
	g.Rows = append(g.Rows, base)
	var e exhibit.Exhibit
	for _, f := range s.Features {
		row := []exhibit.Cell{exhibit.Text(f)}
		for _, m := range t.Metrics {
			low, high := s.Interval(f, m)
			mean := s.Mean(f, m)
			row = append(row, exhibit.Between(mean, low, high, t.Level))
			e.Measures = append(e.Measures, exhibit.Measure{ID: exhibit.ID(t.Name, s.Learner, "permuted-"+m.Name, s.Split, f),
				Value: mean, Low: low, High: high, Level: t.Level, Rows: s.Rows})
		}
		g.Rows = append(g.Rows, row)
	}
	e.Grids = []exhibit.Grid{g}
	return e
}
