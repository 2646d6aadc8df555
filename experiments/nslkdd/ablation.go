package main

import (
	"fmt"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/plots"
	"flowbook/reports"
)

// asTheyAre is the variant of a learner without engineered features, all the one
// with every group of them.
const (
	asTheyAre = "features as they are"
	all       = "all of these"
)

// ablated is a learner with its variants: as it is, with each group, with all.
type ablated struct {
	learner  string
	variants []models.Learner
	cv       *eval.Scores
	pairs    *eval.Pairs // of the variants with the learner as it is
}

func ablate(nb *reports.Notebook, c *contest, r roster) {
	// ## Do engineered features help?
	//
	// Papers add features made from the 41: how bytes divide between the two ends, bytes on a log scale, error rates of the last two
	// seconds set against those of the last hundred connections, families of services. Each group is added alone, then all
	// together, to three learners of different kinds: a smaller forest and boosted trees, which cut a feature anywhere and so cannot gain
	// from a log as such, and logistic regression, which can only add up what it is given. What a group needs to know of the data (how
	// common a service is) is counted in the training rows of each fold. The folds are the same for all, so differences are paired.

	forest := r.forest
	forest.Trees = nb.Budget().Pick(10, 50, 100)
	nb.Show(recipes())

	labels, _, err := c.train.WithTarget("is_attack").Labels()
	reports.MustDo(err)
	folds := reports.Must(resample.StratifiedGroupKFold{K: nb.Budget().Pick(2, 5, 10), Seed: nb.Seed("folds of the ablation")}.Split(labels, resample.GroupsOf(c.train)))
	for _, l := range []models.Learner{forest, once(r.boosting), r.logistic} {
		a := ablated{learner: l.Name(), variants: variants(eval.Fewer(r.few(), l), r.encoders(l))}
		trial := eval.Trial{Name: "engineered, " + a.learner, Target: "is_attack", Positive: "attack",
			Metrics: []metric.Metric{metric.MCC, metric.Recall, metric.FPR, metric.ROCAUC}, Seed: nb.Seed("engineered")}
		a.cv = reports.Must(trial.CrossValidate(nb.Context(), c.train, folds, a.variants...))
		a.pairs = a.cv.Against(asTheyAre, metric.MCC)
		c.ablations = append(c.ablations, a)
	}
	nb.Show(gains(c.ablations, folds))
	nb.Show(gainsDrawn(c.ablations))
	better, worse, tried := 0, 0, 0
	for _, a := range c.ablations {
		for _, p := range a.pairs.List {
			tried++
			if p.Holm.P < 0.05 && p.Difference > 0 {
				better++
			} else if p.Holm.P < 0.05 {
				worse++
			}
		}
	}
	nb.Textf("Of %d additions, %d raise the MCC and %d lower it by more than chance would (corrected for the folds' overlap and for the five additions to a learner). With all groups the MCC moves by %s.",
		tried, better, worse, moves(c.ablations))
}

// moves lists what all groups together do to each learner.
func moves(list []ablated) string {
	text := ""
	for i, a := range list {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%+.4f (%s)", a.pairs.Of(all, asTheyAre).Difference, a.learner)
	}
	return text
}

// variants are a learner under the names of what is added before its encoders.
func variants(l models.Learner, encoders []encode.Step) []models.Learner {
	out := []models.Learner{eval.Named(asTheyAre, encode.Then(l, encoders...))}
	for _, g := range groups {
		out = append(out, eval.Named("with "+g.name, encode.Then(l, append([]encode.Step{engineer{g}}, encoders...)...)))
	}
	return append(out, eval.Named(all, encode.Then(l, append([]encode.Step{engineer(groups)}, encoders...)...)))
}

// gains sets the learners side by side, a line a variant.
func gains(list []ablated, folds resample.Folds) exhibit.Exhibit {
	g := exhibit.Grid{Title: "Engineered features inside KDDTrain+",
		Caption: fmt.Sprintf("First line: MCC, the mean over %s. Below: the difference that a group makes, with its 95 %% interval "+
			"(corrected resampled t) and p after Holm for the five additions to a learner.", folds.Name),
		Columns: []string{"features"}}
	var e exhibit.Exhibit
	lines := [][]exhibit.Cell{{exhibit.Text(asTheyAre)}}
	for _, v := range list[0].variants[1:] {
		lines = append(lines, []exhibit.Cell{exhibit.Text(v.Name())})
	}
	for _, a := range list {
		g.Columns = append(g.Columns, a.learner, "p")
		low, high := a.cv.Interval(asTheyAre, metric.MCC)
		lines[0] = append(lines[0], exhibit.Between(a.cv.Mean(asTheyAre, metric.MCC), low, high, 0.95), exhibit.Text(""))
		for i, v := range a.variants[1:] {
			p := a.pairs.Of(v.Name(), asTheyAre)
			lines[1+i] = append(lines[1+i], exhibit.Between(p.Difference, p.Low, p.High, 0.95), exhibit.P(p.Holm.P, p.Holm.Log10))
		}
		full := a.cv.Exhibit()
		e.Measures = append(e.Measures, full.Measures...)
		e.Measures = append(e.Measures, a.pairs.Exhibit().Measures...)
		e.Timings = append(e.Timings, full.Timings...)
		e.Fingerprints = append(e.Fingerprints, full.Fingerprints...)
	}
	g.Rows = lines
	e.Grids = []exhibit.Grid{g}
	return e
}

// gainsDrawn draws the differences.
func gainsDrawn(list []ablated) plots.Dots {
	d := plots.Dots{Name: "engineered", Title: "What engineered features add inside KDDTrain+", XLabel: "difference in MCC",
		Reference: []float64{0}, Caption: "Each group against the 41 features as they are, over the same folds, with 95 % intervals (corrected resampled t)."}
	for _, a := range list {
		for _, v := range a.variants[1:] {
			p := a.pairs.Of(v.Name(), asTheyAre)
			d.Rows = append(d.Rows, plots.Estimate{Label: v.Name(), Group: a.learner, Value: p.Difference, Low: p.Low, High: p.High})
		}
	}
	return d
}

// recipes lists the groups.
func recipes() exhibit.Grid {
	g := exhibit.Grid{Title: "Engineered features", Caption: "Made row by row; only the share of a service is fitted.", Columns: []string{"group", "feature", "made of"}}
	for _, group := range groups {
		for _, f := range group.features {
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(group.name), exhibit.Text(f.name), exhibit.Text(f.recipe)})
		}
	}
	return g
}
