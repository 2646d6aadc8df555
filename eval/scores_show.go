package eval

import (
	"fmt"

	"flowbook/eval/audit"
	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/models"
)

// Exhibit shows the leaderboard, sorted by the first metric, and behind it every
// metric with its interval and spread; it carries measures, the folds' fingerprint,
// timings and the checks of package audit that apply.
//
// Measures are NAME/learner/metric/cv (mean, interval, rows judged) and
// NAME/learner/metric/fold-I. Timings are the mean seconds of a fit and of a
// prediction by the clock, while other learners ran beside it.
func (s *Scores) Exhibit() exhibit.Exhibit {
	t := s.Trial
	first := t.Metrics[0]
	board := exhibit.Grid{
		Title: fmt.Sprintf("%s: %d learners, cross-validated", t.Name, len(s.names)),
		Caption: fmt.Sprintf("Means over %s of %d rows, sorted by %s, which has its %g %% interval (t, variance corrected after Nadeau "+
			"and Bengio 2003). Size is the mean over models.", s.Folds.Name, s.Rows(), first.Title, 100*t.Level),
		Columns: []string{"learner"},
	}
	for _, m := range t.Metrics {
		board.Columns = append(board.Columns, m.Title)
	}
	board.Columns = append(board.Columns, "rows", "size")
	detail := exhibit.Grid{
		Title:   fmt.Sprintf("%s: every metric, cross-validated", t.Name),
		Caption: fmt.Sprintf("Mean over %s with its %g %% interval, standard deviation and range over folds.", s.Folds.Name, 100*t.Level),
		Columns: []string{"learner", "metric", "mean", "sd over folds", "lowest", "highest", "rows"},
		Folded:  true,
	}
	var e exhibit.Exhibit
	for _, l := range s.order(0) {
		row := []exhibit.Cell{exhibit.Text(label(s.learners[l]))}
		for i, m := range t.Metrics {
			values := s.byFold(l, i)
			low, high := s.Interval(s.names[l], m)
			mean := exhibit.Between(num.Mean(values), low, high, t.Level)
			if i == 0 {
				row = append(row, mean)
			} else {
				row = append(row, exhibit.Num(mean.Value))
			}
			least, most := extent(values)
			detail.Rows = append(detail.Rows, []exhibit.Cell{exhibit.Text(s.names[l]), exhibit.Text(m.Title), mean,
				exhibit.Num(num.StdDev(values)), exhibit.Num(least), exhibit.Num(most), exhibit.Count(s.Rows())})
		}
		board.Rows = append(board.Rows, append(row, exhibit.Count(s.Rows()), s.cost(l).cell()))
	}
	e.Grids = []exhibit.Grid{board, detail}
	e.Checks = s.Checks()
	e.Measures = s.measures()
	mark := s.Folds.Fingerprint()
	mark.Name = s.Trial.Name + ": " + mark.Name // two trials may cut their folds alike in name only
	e.Fingerprints = []exhibit.Fingerprint{mark}
	for l, name := range s.names {
		var chosen []string
		for _, j := range s.jobs[l] {
			chosen = append(chosen, j.choice)
		}
		fit, predict := s.seconds(l)
		e.Notes = append(e.Notes, choices(name, chosen)...)
		e.Timings = append(e.Timings,
			exhibit.Timing{ID: exhibit.ID(t.Name, name, "cv", "fit"), Seconds: fit},
			exhibit.Timing{ID: exhibit.ID(t.Name, name, "cv", "predict"), Seconds: predict})
	}
	return e
}

// seconds is the mean time of a learner's fits and predictions by the clock.
func (s *Scores) seconds(l int) (fit, predict float64) {
	for _, j := range s.jobs[l] {
		fit += j.fit.Seconds() / float64(len(s.jobs[l]))
		predict += j.predict.Seconds() / float64(len(s.jobs[l]))
	}
	return fit, predict
}

// label marks baselines in tables.
func label(l models.Learner) string {
	if audit.IsBaseline(l) {
		return l.Name() + " (baseline)"
	}
	return l.Name()
}

func (c cost) cell() exhibit.Cell {
	cell := exhibit.Num(c.n)
	cell.Unit = c.unit
	return cell
}

// extent is the least and the greatest value, NaN where one is NaN.
func extent(values []float64) (least, most float64) {
	least, most = values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	return least, most
}

func (s *Scores) measures() (out []exhibit.Measure) {
	t := s.Trial
	for l, name := range s.names {
		for i, m := range t.Metrics {
			values := s.byFold(l, i)
			low, high := s.Interval(name, m)
			out = append(out, exhibit.Measure{ID: exhibit.ID(t.Name, name, m.Name, "cv"),
				Value: num.Mean(values), Low: low, High: high, Level: t.Level, Rows: s.Rows()})
			for f, v := range values {
				out = append(out, exhibit.Number(exhibit.ID(t.Name, name, m.Name, fmt.Sprintf("fold=%d", f)), v, len(s.Folds.Test[f])))
			}
		}
	}
	return out
}

// Checks returns the audits of this cross-validation. They look at the data, so
// the first call takes a moment; later ones do not. What one feature can do is held
// against the learner with the best ROC-AUC, the base rate against the best by the
// first metric that is not a baseline, both by their pooled predictions.
func (s *Scores) Checks() []exhibit.Check {
	s.audit.Do(func() {
		t := s.Trial
		list := checklist{trial: t.Name}
		list.add(audit.Baselines(s.learners), nil)
		list.add(audit.Metrics(t.Metrics, classCounts(s.truth, len(s.Classes))), nil)
		list.add(audit.Threshold(s.learners), nil)
		list.add(audit.FoldLeak(s.data, s.Folds))
		list.byGroup(s.data, s.Folds)
		list.add(audit.Conflicts(s.data, s.data.Table().Name()))
		if t.Positive != "" {
			aucs := make([]float64, len(s.names))
			par.Do(len(aucs), func(l int) { aucs[l] = metric.ROCAUC.Of(s.Pooled(s.names[l])) })
			ranker := ordered(aucs, metric.ROCAUC)[0]
			list.add(audit.Shortcut(s.data, s.data, t.Positive, s.names[ranker], aucs[ranker]))
			best := s.names[firstReal(s.learners, s.order(0))]
			o := s.Pooled(best)
			list.add(audit.BaseRate(best, metric.Recall.Of(o), metric.FPR.Of(o), negatives(o)), nil)
		}
		s.checks = list.checks
	})
	return s.checks
}

// checklist collects checks under ids of the trial's own. A check that could not
// be made is a warning that says why.
type checklist struct {
	trial, split string
	checks       []exhibit.Check
}

func (c *checklist) add(check exhibit.Check, err error) {
	if err != nil {
		check = exhibit.Check{ID: fmt.Sprintf("not-made-%d", len(c.checks)), Title: "Could every check be made?",
			Status: exhibit.Warn, Detail: "One could not: " + err.Error() + "."}
	}
	parts := []string{c.trial, check.ID}
	if c.split != "" {
		parts = append(parts, c.split)
	} else {
		parts = append(parts, "cv")
	}
	check.ID = exhibit.ID(parts...)
	c.checks = append(c.checks, check)
}

func classCounts(truth []int, k int) []int {
	counts := make([]int, k)
	for _, c := range truth {
		counts[c]++
	}
	return counts
}

// negatives counts the rows of all classes but the positive one.
func negatives(o metric.Outcome) int {
	n := 0
	for _, c := range o.Truth {
		if c != o.Positive {
			n++
		}
	}
	return n
}
