package eval

import (
	"fmt"
	"strings"

	"flowbook/eval/audit"
	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/models"
)

// Exhibit shows a leaderboard for each test set, sorted by the first metric, and
// behind it every metric with its interval and its spread over seeds; with a
// positive class also what share of alarms would be right at low prevalences. It
// carries measures, timings and the checks of package audit that apply.
//
// Measures are NAME/learner/metric/SPLIT (mean over seeds, interval, rows), and
// .../SPLIT/seed-sd, seed-min and seed-max where there are several seeds.
func (h *Holdout) Exhibit() exhibit.Exhibit {
	var e exhibit.Exhibit
	if len(h.Unseen) > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("Training has no row of class %s: rows of it always count as wrong.", strings.Join(h.Unseen, ", ")))
	}
	for l, name := range h.names {
		var chosen []string
		for _, r := range h.runs[l] {
			chosen = append(chosen, r.choice)
		}
		e.Notes = append(e.Notes, choices(name, chosen)...)
	}
	for s := range h.splits {
		spreads := make([][]Spread, len(h.names))
		par.Do(len(spreads), func(l int) {
			for m := range h.Trial.Metrics {
				spreads[l] = append(spreads[l], h.spread(l, m, s))
			}
		})
		e.Grids = append(e.Grids, h.board(s, spreads), h.detail(s, spreads))
		if h.positive >= 0 {
			grid, measures := h.baseRates(s)
			e.Grids = append(e.Grids, grid)
			e.Measures = append(e.Measures, measures...)
		}
		e.Measures = append(e.Measures, h.measures(s, spreads)...)
	}
	e.Checks = h.Checks()
	e.Timings = h.timings()
	return e
}

func (h *Holdout) board(s int, spreads [][]Spread) exhibit.Grid {
	t, split := h.Trial, h.splits[s]
	g := exhibit.Grid{
		Title: fmt.Sprintf("%s: %d learners on %s", t.Name, len(h.names), split.Name),
		Caption: fmt.Sprintf("Fitted on %d rows, judged on %d. Means over seeds, sorted by %s, which has its %g %% interval for the rows "+
			"drawn; the sd is over seeds.", h.train.Rows(), split.View.Rows(), t.Metrics[0].Title, 100*t.Level),
		Columns: []string{"learner"},
	}
	for i, m := range t.Metrics {
		g.Columns = append(g.Columns, m.Title)
		if i == 0 {
			g.Columns = append(g.Columns, "sd over seeds")
		}
	}
	g.Columns = append(g.Columns, "seeds", "rows", "size")
	for _, l := range h.order(0, s) {
		row := []exhibit.Cell{exhibit.Text(label(h.learners[l]))}
		for i, v := range spreads[l] {
			if i == 0 {
				row = append(row, exhibit.Between(v.Mean, v.Low, v.High, t.Level), exhibit.Num(v.SD))
			} else {
				row = append(row, exhibit.Num(v.Mean))
			}
		}
		g.Rows = append(g.Rows, append(row, exhibit.Count(len(h.runs[l])), exhibit.Count(split.View.Rows()), h.cost(l).cell()))
	}
	return g
}

func (h *Holdout) detail(s int, spreads [][]Spread) exhibit.Grid {
	t, split := h.Trial, h.splits[s]
	g := exhibit.Grid{
		Title: fmt.Sprintf("%s: every metric on %s", t.Name, split.Name),
		Caption: fmt.Sprintf("Mean over seeds with its %g %% interval for the rows drawn (the first seed's, moved to the mean); "+
			"standard deviation and range over seeds.", 100*t.Level),
		Columns: []string{"learner", "metric", "mean", "sd over seeds", "lowest", "highest", "seeds", "rows"},
		Folded:  true,
	}
	for _, l := range h.order(0, s) {
		for m, v := range spreads[l] {
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(h.names[l]), exhibit.Text(t.Metrics[m].Title),
				exhibit.Between(v.Mean, v.Low, v.High, t.Level), exhibit.Num(v.SD), exhibit.Num(v.Min), exhibit.Num(v.Max),
				exhibit.Count(v.Seeds), exhibit.Count(split.View.Rows())})
		}
	}
	return g
}

// baseRates shows PPV by learner and prevalence, from mean recall and false
// positive rate; a rate of 0 stays 0 here.
func (h *Holdout) baseRates(s int) (exhibit.Grid, []exhibit.Measure) {
	t, split := h.Trial, h.splits[s].Name
	g := exhibit.Grid{
		Title: fmt.Sprintf("%s: alarms that would be right, by prevalence, from %s", t.Name, split),
		Caption: fmt.Sprintf("Share of alarms that are right (PPV) where that share of rows is %s, by Bayes' rule from recall and "+
			"false positive rate on %s.", t.Positive, split),
		Columns: []string{"learner", "recall", "false positive rate"},
	}
	for _, p := range audit.Prevalences {
		g.Columns = append(g.Columns, fmt.Sprintf("PPV at %.0e", p))
	}
	var measures []exhibit.Measure
	for _, l := range h.order(0, s) {
		recall, fpr := h.mean(l, metric.Recall, s), h.mean(l, metric.FPR, s)
		row := []exhibit.Cell{exhibit.Text(label(h.learners[l])), exhibit.Num(recall), exhibit.Num(fpr)}
		for _, p := range audit.Prevalences {
			v := metric.PPVAt(recall, fpr, p)
			row = append(row, exhibit.Num(v))
			measures = append(measures, exhibit.Number(
				exhibit.ID(t.Name, h.names[l], fmt.Sprintf("ppv-at-%.0e", p), split), v, h.splits[s].View.Rows()))
		}
		g.Rows = append(g.Rows, row)
	}
	return g, measures
}

// mean is a metric's mean over seeds, or the first seed's value where the trial
// does not measure it.
func (h *Holdout) mean(l int, want metric.Metric, s int) float64 {
	for i, m := range h.Trial.Metrics {
		if m.Name == want.Name {
			return num.Mean(h.bySeed(l, i, s))
		}
	}
	return want.Of(h.outcome(l, s))
}

func (h *Holdout) measures(s int, spreads [][]Spread) (out []exhibit.Measure) {
	t, split := h.Trial, h.splits[s]
	for l, name := range h.names {
		for m, v := range spreads[l] {
			id := func(more ...string) string {
				return exhibit.ID(append([]string{t.Name, name, t.Metrics[m].Name, split.Name}, more...)...)
			}
			out = append(out, exhibit.Measure{ID: id(), Value: v.Mean, Low: v.Low, High: v.High, Level: t.Level, Rows: split.View.Rows()})
			if v.Seeds > 1 {
				out = append(out, exhibit.Number(id("seed-sd"), v.SD, v.Seeds),
					exhibit.Number(id("seed-min"), v.Min, v.Seeds), exhibit.Number(id("seed-max"), v.Max, v.Seeds))
			}
		}
	}
	return out
}

func (h *Holdout) timings() (out []exhibit.Timing) {
	for l, name := range h.names {
		fit, predict := 0.0, make([]float64, len(h.splits))
		for _, r := range h.runs[l] {
			fit += r.fit.Seconds() / float64(len(h.runs[l]))
			for s, d := range r.predict {
				predict[s] += d.Seconds() / float64(len(h.runs[l]))
			}
		}
		out = append(out, exhibit.Timing{ID: exhibit.ID(h.Trial.Name, name, "holdout", "fit"), Seconds: fit})
		for s, v := range predict {
			out = append(out, exhibit.Timing{ID: exhibit.ID(h.Trial.Name, name, h.splits[s].Name, "predict"), Seconds: v})
		}
	}
	return out
}

// cost is the mean size of a learner's models.
func (h *Holdout) cost(l int) cost {
	c := cost{unit: h.runs[l][0].cost.unit}
	for _, r := range h.runs[l] {
		c.n += r.cost.n / float64(len(h.runs[l]))
	}
	return c
}

// Checks returns the audits of this holdout. They look at the data, so the first
// call takes a moment; later ones do not. What one feature can do is held against
// the learner with the best ROC-AUC, the base rate against Trial.Chosen, or else the
// best by the first metric that is not a baseline.
func (h *Holdout) Checks() []exhibit.Check {
	h.audit.Do(func() {
		t := h.Trial
		all := checklist{trial: t.Name, split: "holdout"}
		all.add(audit.Baselines(h.learners), nil)
		all.add(audit.Threshold(h.learners), nil)
		h.checks = all.checks
		for s, split := range h.splits {
			list := checklist{trial: t.Name, split: split.Name}
			list.add(audit.Metrics(t.Metrics, classCounts(h.truth[s], len(h.Classes))), nil)
			list.add(audit.Sealed(h.train, split.View, split.Name), nil)
			list.add(audit.Duplicates(h.train, split.View, split.Name))
			list.add(audit.Conflicts(split.View, split.Name))
			list.add(audit.Drift(h.train, split.View, split.Name))
			list.byRole(h.train, split.View, split.Name)
			if h.positive >= 0 {
				aucs := make([]float64, len(h.names))
				for l := range aucs {
					aucs[l] = h.mean(l, metric.ROCAUC, s)
				}
				ranker := ordered(aucs, metric.ROCAUC)[0]
				list.add(audit.Shortcut(h.train, split.View, t.Positive, h.names[ranker], aucs[ranker]))
				best := firstReal(h.learners, h.order(0, s))
				if h.Trial.Chosen != "" {
					best = index("learner", h.Trial.Chosen, h.names)
				}
				list.add(audit.BaseRate(h.names[best], h.mean(best, metric.Recall, s), h.mean(best, metric.FPR, s), negatives(h.outcome(best, s))), nil)
			}
			h.checks = append(h.checks, list.checks...)
		}
	})
	return h.checks
}

// firstReal is the first learner of the order that is not a baseline, or the first.
func firstReal(learners []models.Learner, order []int) int {
	for _, l := range order {
		if !audit.IsBaseline(learners[l]) {
			return l
		}
	}
	return order[0]
}
