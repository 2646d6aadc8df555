package main

import (
	"fmt"
	"slices"

	"flowbook/eval"
	"flowbook/eval/hypothesis"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/linear"
	"flowbook/reports"
)

// honestAndLeaky sets what was measured beside what careless protocols would have
// measured, for the same learners on the same rows of KDDTest+.
func honestAndLeaky(nb *reports.Notebook, c *contest, r roster, held *eval.Holdout, test table.View) (honest float64, careless [2]float64) {
	// ### What careless protocols would have reported
	//
	// Three habits make figures larger than they are. The first is to put both files together and to split the rows at random: then no attack type is new, and
	// near copies of the very rows that are asked for stand in training. The second is to choose the threshold on the test file. The third is to scale all rows before
	// they are split. Each is done here on purpose and judged on the same rows of KDDTest+ as the honest protocol. The first two by three learners, mixing with four fifths of
	// all rows to learn from in place of KDDTrain+; the third by plain logistic regression. (Rows of an attack are near copies of each other, so that the intervals are too narrow.)

	learners := []models.Learner{r.forest, r.boosting, r.logBytes()}
	both := reports.Must(table.Concat("KDDTrain+ and KDDTest+", c.train.WithTarget("is_attack").Materialize(), test.WithTarget("is_attack").Materialize())).View()
	folds := reports.Must(resample.KFold{K: nb.Budget().Pick(3, 5, 10), Seed: nb.Seed("leaky folds")}.Split(both.Rows()))
	mixed := reports.Must(eval.Trial{Name: "mixed files", Target: "is_attack", Positive: "attack", Metrics: []metric.Metric{metric.Accuracy}, Seed: nb.Seed("mixed")}.
		CrossValidate(nb.Context(), both, folds, learners...))

	g := exhibit.Grid{Title: "Honest and careless, on the same rows of KDDTest+",
		Caption: fmt.Sprintf("Accuracy on the %d rows of KDDTest+, one fit (mixed: one a fold). Optimism: careless less honest, with the adjusted Wald interval of paired rows.", test.Rows()),
		Columns: []string{"learner", "habit", "honest", "careless", "optimism"}}
	var e exhibit.Exhibit
	put := func(learner, habit string, straight, crooked []bool) {
		res := reports.Must(hypothesis.McNemar(crooked, straight))
		d := res.Extra[0]
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(learner), exhibit.Text(habit), exhibit.Num(mean(straight)), exhibit.Num(mean(crooked)), exhibit.Between(d.Value, d.Low, d.High, d.Level)})
		id := func(what string) string { return exhibit.ID("twins", learner, what, habit) }
		e.Measures = append(e.Measures, exhibit.Number(id("accuracy"), mean(crooked), len(straight)),
			exhibit.Measure{ID: id("optimism"), Value: d.Value, Low: d.Low, High: d.High, Level: d.Level, Rows: len(straight)})
	}
	for _, l := range learners {
		straight := rightRows(held.Outcome(l.Name(), "KDDTest+"))
		o := mixed.Pooled(l.Name())
		leaky := make([]bool, test.Rows())
		for i := range leaky {
			at := c.train.Rows() + i
			leaky[i] = o.Predicted(at) == o.Truth[at]
		}
		put(l.Name(), "files mixed", straight, leaky)
		cut := bestCut(held.Outcome(l.Name(), "KDDTest+"))
		put(l.Name(), "threshold of the test", straight, cut)
		if l.Name() == r.forest.Name() {
			honest, careless = mean(straight), [2]float64{mean(leaky), mean(cut)}
		}
	}
	plain := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})
	scaled := reports.Must(reports.Must(encode.Pipeline(encode.OneHot{}, encode.Standardize{}).Fit(nb.Context(), both)).Transform(nb.Context(), both.WithTarget("is_attack"))).View().WithTarget("is_attack")
	front, back := scaled.Take(between(0, c.train.Rows())), scaled.Take(between(c.train.Rows(), both.Rows()))
	trial := eval.Trial{Name: "scaled before", Target: "is_attack", Positive: "attack", Metrics: []metric.Metric{metric.Accuracy}, Seed: nb.Seed("scaled")}
	early := reports.Must(trial.Holdout(nb.Context(), front, back, "KDDTest+", linear.Logistic{}))
	straight, scaledFirst := rightRows(held.Outcome(plain.Name(), "KDDTest+")), rightRows(early.Outcome(linear.Logistic{}.Name(), "KDDTest+"))
	put(plain.Name(), "scaled before the split", straight, scaledFirst)
	e.Grids = []exhibit.Grid{g}
	nb.Show(e)
	nb.Textf("Mixing the files turns the random forest's %.1f %% into %.1f %%, a threshold picked on the test into %.1f %%; scaling first moves logistic regression by %.2f points. The honest recipe of this report has %.1f %%.",
		100*honest, 100*careless[0], 100*careless[1], 100*(mean(scaledFirst)-mean(straight)), 100*held.Score(c.recipe.Name(), metric.Accuracy, "KDDTest+"))
	return honest, careless
}

// rightRows says of each row whether its class was predicted.
func rightRows(o metric.Outcome) []bool {
	out := make([]bool, o.Rows())
	for i := range out {
		out[i] = o.Predicted(i) == o.Truth[i]
	}
	return out
}

// bestCut is rightRows at the threshold that is right most often on these very rows.
func bestCut(o metric.Outcome) []bool {
	k := len(o.Classes)
	order := between(0, o.Rows())
	score := func(i int) float64 { return o.P[i*k+o.Positive] }
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case score(a) > score(b):
			return -1
		case score(a) < score(b):
			return 1
		}
		return 0
	})
	right := 0 // of calling everything negative
	for _, t := range o.Truth {
		if t != o.Positive {
			right++
		}
	}
	most, cut := right, 0
	for n, i := range order {
		if o.Truth[i] == o.Positive {
			right++
		} else {
			right--
		}
		if last := n+1 == len(order); right > most && (last || score(order[n+1]) < score(i)) {
			most, cut = right, n+1
		}
	}
	out := make([]bool, o.Rows())
	for n, i := range order {
		out[i] = (n < cut) == (o.Truth[i] == o.Positive)
	}
	return out
}

func mean(right []bool) float64 {
	n := 0
	for _, r := range right {
		if r {
			n++
		}
	}
	return float64(n) / float64(len(right))
}

// between lists the numbers lo ≤ i < hi.
func between(lo, hi int) []int {
	out := make([]int, hi-lo)
	for i := range out {
		out[i] = lo + i
	}
	return out
}
