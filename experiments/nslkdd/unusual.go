package main

import (
	"cmp"
	"fmt"
	"slices"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/anomaly"
	"flowbook/models/encode"
	"flowbook/reports"
)

// unusual are detectors of rows unlike the rest, and what stands before them.
func (r roster) unusual() []anomalies {
	scaled := []encode.Step{encode.Log1p{}, encode.OneHot{}, encode.MinMax{}}
	return []anomalies{
		{anomaly.Forest{Trees: r.budget.Pick(20, 100, 300)}, nil, 0},
		{anomaly.RobustZ{}, []encode.Step{encode.Log1p{}, encode.OneHot{}}, 0},
		{anomaly.Reconstruction{}, scaled, 0},
		{anomaly.LOF{}, scaled, r.budget.Pick(1000, 10000, 30000)},
		{anomaly.Autoencoder{Epochs: r.budget.Pick(2, 10, 50)}, scaled, 0},
	}
}

// anomalies is a detector with the steps before it; with a limit it meets a sample of the rows.
type anomalies struct {
	detector anomaly.Detector
	steps    []encode.Step
	rows     int
}

// learner is the detector as one that is taught normal rows only.
func (a anomalies) learner(few int) models.Learner {
	l := encode.Then(anomaly.Novelty{Detector: a.detector, K: 3}, a.steps...)
	if a.rows > 0 {
		l = eval.Sampled{Learner: l, Rows: a.rows}
	}
	return eval.Fewer(few, l)
}

func findUnusual(nb *reports.Notebook, c *contest, r roster) {
	// ## Detectors that are shown no attack
	//
	// A learner of classes knows the attacks it was shown. A detector of anomalies knows only what is usual, so an attack that nobody has seen is to it like any
	// other. Five of them: an isolation forest (rows that random cuts part from the others early [11]), the robust z-score (the value farthest from its feature's
	// median), the reconstruction error of principal components, the local outlier factor (thinner surroundings than the neighbours have [12]; on a sample of the rows)
	// and an autoencoder (a net with a narrow place that learns to repeat its input).
	//
	// ### Are attacks the unusual rows?
	//
	// First without any label at all: fitted to all training rows, attacks among them, does the score put attacks above normal traffic? It can only where attacks are rare
	// and unlike each other, and here nearly half of the rows are attacks.

	all := r.unusual()
	attacks := c.train.WithTarget("is_attack").Strings("is_attack")
	g := exhibit.Grid{Title: "Attacks by how unusual they are among all rows", Caption: fmt.Sprintf("ROC-AUC of the score, fitted to all %d training rows without labels, with DeLong's interval; 0.5 is chance, below it attacks are the more usual rows.", c.train.Rows()),
		Columns: []string{"detector", "ROC-AUC"}}
	var e exhibit.Exhibit
	for _, a := range all {
		m := blind(nb, a, c.train, attacks)
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(a.detector.Name()), exhibit.Between(m.Value, m.Low, m.High, m.Level)})
		e.Measures = append(e.Measures, m)
	}
	e.Grids = []exhibit.Grid{g}
	nb.Show(e)

	// ### Taught by normal traffic alone
	//
	// Now each meets the normal rows of the training folds only, and its threshold is where one in a hundred of them would raise an alarm, by scores out of fold within
	// them. No attack has a say in features, model or threshold. Judged on the folds' test rows as the learners before were.

	for _, a := range all {
		c.unusual = append(c.unusual, a.learner(r.few()))
	}
	labels, _, err := c.train.WithTarget("is_attack").Labels()
	reports.MustDo(err)
	folds := reports.Must(resample.StratifiedGroupKFold{K: nb.Budget().Pick(2, 3, 10), Seed: nb.Seed("folds of the unusual")}.Split(labels, resample.GroupsOf(c.train)))
	trial := eval.Trial{Name: "normal rows only", Target: "is_attack", Positive: "attack", Metrics: metric.Binary, Seed: nb.Seed("unusual")}
	c.untaught = reports.Must(trial.CrossValidate(nb.Context(), c.train, folds, append([]models.Learner{r.always, r.rule}, c.unusual...)...))
	nb.Show(c.untaught)
	best := c.bestUnusual()
	nb.Textf("Shown no attack, the best of them, %s, has an MCC of %.3f inside KDDTrain+ and finds %.1f %% of the attacks for false alarms on %.2f %% of normal rows; %s, shown them all, has an MCC of %.4f. Whether that price buys new attacks, the last chapter tells.",
		best, c.untaught.Mean(best, metric.MCC), 100*c.untaught.Mean(best, metric.Recall), 100*c.untaught.Mean(best, metric.FPR), c.best, c.cv.Mean(c.best, metric.MCC))
}

// bestUnusual is the detector of anomalies with the highest MCC in cross-validation.
func (c *contest) bestUnusual() string {
	return slices.MaxFunc(names(c.unusual...), func(a, b string) int {
		return cmp.Compare(c.untaught.Mean(a, metric.MCC), c.untaught.Mean(b, metric.MCC))
	})
}

// blind is how well a score that knows no label ranks attacks above normal rows.
func blind(nb *reports.Notebook, a anomalies, train table.View, attacks []string) exhibit.Measure {
	d := a.detector
	if s, ok := d.(anomaly.Seeded); ok {
		d = s.WithSeed(nb.Seed("blind").At(d.Name()))
	}
	rows := train
	if len(a.steps) > 0 {
		rows = reports.Must(reports.Must(encode.Pipeline(a.steps...).Fit(nb.Context(), rows)).Transform(nb.Context(), rows)).View()
	}
	taught := rows
	if a.rows > 0 {
		taught = rows.Take(sample(rows, a.rows, nb.Seed("blind sample")))
	}
	scores := reports.Must(reports.Must(d.FitDetector(nb.Context(), taught)).Score(nb.Context(), rows))
	o := metric.Outcome{Classes: []string{"attack", "normal"}, Truth: make([]int, len(scores)), P: make([]float64, 2*len(scores))}
	for i, s := range scores {
		o.P[2*i] = s // only the order of the attack's score counts
		if attacks[i] != "attack" {
			o.Truth[i] = 1
		}
	}
	low, high := metric.ROCAUC.Interval(o, 0.95)
	return exhibit.Measure{ID: exhibit.ID("unusual", d.Name(), "roc-auc", "train"), Value: metric.ROCAUC.Of(o), Low: low, High: high, Level: 0.95, Rows: len(scores)}
}

// judgeUnusual meets the detectors with the test files.
func judgeUnusual(nb *reports.Notebook, c *contest, tests []eval.Split, seeds int, everyone field) faced {
	// ### Detectors that were shown no attack, on the test file
	//
	// To them every attack is new, so what training showed makes no difference by itself; where seen and unseen types still differ, the types do. They are
	// to be set beside the learners above at like rates of false alarms.

	trial := c.untaught.Trial
	held := reports.Must(trial.HoldoutSeeds(nb.Context(), c.train, tests, seeds, c.unusual...))
	nb.Show(held)
	f := compareKinds(held, tests[0].View, nb.Seed("types"))
	nb.Show(f.named("normal rows only", "Seen and unseen attacks on KDDTest+, by detectors that were shown none"))
	best, rival := f.of(c.bestUnusual()), everyone.of(c.best)
	nb.Textf("Of the rows of attack types that training did not have, %s, the best inside KDDTrain+, finds %.1f %% and raises false alarms on %.2f %% of normal rows; %s finds %.1f %% for %.2f %%. Against normal rows the scores of the two reach areas of %.3f and %.3f on those types. All five find from %.1f to %.1f %%.",
		best.learner, 100*best.unseen.recall, 100*best.alarms, c.best, 100*rival.unseen.recall, 100*rival.alarms, best.unseen.auc.Value, rival.unseen.auc.Value,
		100*f[len(f)-1].unseen.recall, 100*f[0].unseen.recall)
	return best
}
