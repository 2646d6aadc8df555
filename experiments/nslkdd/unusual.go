package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
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
	l := encode.Then(anomaly.Novelty{Detector: a.detector, Other: "attack", K: 3}, a.steps...)
	if a.rows > 0 {
		l = eval.Sampled{Learner: l, Rows: a.rows}
	}
	return eval.Fewer(few, normalOnly{l})
}

// normalOnly hands a learner the normal rows of its training data: neither encoders nor
// model nor threshold see another one.
type normalOnly struct{ models.Learner }

func (n normalOnly) Unwrap() models.Learner { return n.Learner }

func (n normalOnly) WithSeed(seed rng.Seed) models.Learner {
	return normalOnly{models.WithSeed(n.Learner, seed)}
}

func (n normalOnly) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	var rows []int
	for i, s := range train.Strings("is_attack") {
		if s == "normal" {
			rows = append(rows, i)
		}
	}
	return n.Learner.Fit(ctx, train.Take(rows))
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
	// First without any label at all: fitted to all training rows, attacks among them, does the score put attacks above normal traffic? One would not expect it where
	// nearly half of the rows are attacks and many of them near copies of each other. (The intervals take rows for independent; near copies are not, and they are too narrow.)

	all := r.unusual()
	attacks := c.train.WithTarget("is_attack").Strings("is_attack")
	g := exhibit.Grid{Title: "Attacks by how unusual they are among all rows", Caption: fmt.Sprintf("ROC-AUC of the score, fitted to the %d training rows without labels (the local outlier factor to a sample of them), with DeLong's interval; 0.5 is chance, below it attacks are the more usual rows.", c.train.Rows()),
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
	// Now each meets the normal rows of the training folds only, encoders included, and its threshold is where one in a hundred of them would raise an alarm, by scores out
	// of fold within them. No attack has a say in encoders, model or threshold. (The folds are fewer than those of the learners before, and cut anew.)

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
	nb.Textf("Shown no attack, the best of them, %s, has an MCC of %.3f inside KDDTrain+ and finds %.1f %% of the attacks for false alarms on %.2f %% of normal rows; one rule, which was shown attacks, has an MCC of %.3f, %s %.4f. Whether that price buys new attacks, the last chapter tells.",
		best, c.untaught.Mean(best, metric.MCC), 100*c.untaught.Mean(best, metric.Recall), 100*c.untaught.Mean(best, metric.FPR), c.untaught.Mean(r.rule.Name(), metric.MCC), c.best, c.cv.Mean(c.best, metric.MCC))
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
func judgeUnusual(nb *reports.Notebook, c *contest, r roster, tests []eval.Split, seeds int, everyone field) faced {
	// ### Detectors that were shown no attack, on the test file
	//
	// To them every attack is new, so a gap between seen and unseen types is no price of novelty: it is the types that differ. The last column of the table sets
	// everybody at one rate of false alarms, one in a hundred normal rows of KDDTest+ itself: that threshold looks at the test file and serves the comparison only.

	trial := c.untaught.Trial
	held := reports.Must(trial.HoldoutSeeds(nb.Context(), c.train, tests, seeds, append([]models.Learner{r.always, r.rule}, c.unusual...)...))
	nb.Show(held)
	f := slices.DeleteFunc(compareKinds(held, tests[0].View, nb.Seed("types")), func(a faced) bool { return a.learner == r.always.Name() || a.learner == r.rule.Name() })
	nb.Show(f.named("normal rows only", "Seen and unseen attacks on KDDTest+, by detectors that were shown none"))
	best, rival := f.of(c.bestUnusual()), everyone.of(c.best)
	var gaps, areas []string
	for _, a := range f {
		gaps = append(gaps, fmt.Sprintf("%s %.1f", strings.TrimPrefix(a.learner, "novelty by "), 100*(a.seen.recall-a.unseen.recall)))
		areas = append(areas, fmt.Sprintf("%s %.3f", strings.TrimPrefix(a.learner, "novelty by "), a.unseen.auc.Value))
	}
	nb.Textf("Of the rows of attack types that training did not have, %s, the best of the five inside KDDTrain+, finds %.1f %% (95 %% interval over types %.0f to %.0f %%) and raises false alarms on %.2f %% of normal rows; %s finds %.1f %% for %.2f %%. At one false alarm in a hundred the two find %.1f and %.1f %%.",
		best.learner, 100*best.unseen.recall, 100*best.unseen.low, 100*best.unseen.high, 100*best.alarms, c.best, 100*rival.unseen.recall, 100*rival.alarms, 100*best.unseen.atOne, 100*rival.unseen.atOne)
	nb.Textf("Areas under the ROC curve, unseen types against normal rows: %s; %s %.3f. Points by which more of the seen types is found: %s; %s %.1f. Where detectors that know no type have such a gap too, that of %s cannot all be the price of novelty.",
		strings.Join(areas, ", "), c.best, rival.unseen.auc.Value, strings.Join(gaps, ", "), c.best, 100*(rival.seen.recall-rival.unseen.recall), c.best)
	return best
}
