package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/models"
	"flowbook/plots"
	"flowbook/reports"
)

func leaveOut(nb *reports.Notebook, c *contest, r roster) {
	// ## What if training had lacked an attack type?
	//
	// KDDTest+ will ask about attack types that nobody was shown. The same can be asked inside KDDTrain+: take one type out of
	// training, fit on the rest, and look at the rows of that type. Each learner is fitted once for each type with enough rows. One tenth of
	// the normal rows is never learnt from, the same in every fit, and counts the false alarms. Rows with the features of a row that is
	// judged are not learnt from either. The threshold stays at one half.

	least := nb.Budget().Pick(200, 20, 2)
	detectors := append([]models.Learner{r.always, r.rule}, r.singles()[1:]...) // one logistic regression will do
	trial := eval.Trial{Name: "left out", Target: "is_attack", Positive: "attack", Seed: nb.Seed("left out")}
	c.leftOut = reports.Must(trial.LeaveOut(nb.Context(), c.train, "attack", nslkdd.Normal,
		resample.LeaveLabelOut{K: 10, MinRows: least, Seed: nb.Seed("left out folds")}, detectors...))
	nb.Show(c.leftOut)
	nb.Show(matrix(c.leftOut, fmt.Sprintf("Attack types with at least %d rows (their number in brackets), each left out of training in turn.", least)))
	nb.Show(novelty(c))

	best, taught := c.leftOut.Ranked()[1], bestSingle(c) // the first is always attack
	hard, easy := hardest(c.leftOut)
	nb.Textf("Of the %d types, each counting alike, most of what was not shown is found by %s: %.1f %% of the rows, with %.2f %% false alarms. The best in cross-validation, %s, finds %.1f %% with %.2f %%. Found for the most part by every learner: %s. By none: %s.",
		len(c.leftOut.Labels), best, 100*c.leftOut.MeanRecall(best), 100*c.leftOut.FalseAlarms(best).Recall,
		taught, 100*c.leftOut.MeanRecall(taught), 100*c.leftOut.FalseAlarms(taught).Recall, list(easy), list(hard))

	// ### A recipe, declared before the test files are opened
	//
	// A detector that ranks an attack above normal traffic and then leaves it below the threshold has thrown away what it knew: compare
	// the recall of a type that was not shown with its area under the ROC curve. So here is a detector made for new attacks, from training rows alone: the mean score of
	// the three single learners that did best in cross-validation, with the threshold where one in a hundred normal rows raises an alarm, in
	// folds inside the training rows. It is judged once, whatever comes of it.

	members := bestThree(c, r)
	c.recipe = r.recipe(members)
	nb.Textf("The recipe is the mean of %s.", list(names(members...)))
}

// bestThree are the single learners with the best MCC in cross-validation.
func bestThree(c *contest, r roster) []models.Learner {
	singles := r.singles()
	slices.SortStableFunc(singles, func(a, b models.Learner) int {
		return cmp.Compare(c.cv.Mean(b.Name(), metric.MCC), c.cv.Mean(a.Name(), metric.MCC))
	})
	return singles[:3]
}

// bestSingle is the learner that did best in cross-validation of those that were
// fitted without each type.
func bestSingle(c *contest) string {
	best, value := "", math.Inf(-1)
	for _, l := range c.leftOut.Learners() {
		if mcc := c.cv.Mean(l, metric.MCC); mcc > value {
			best, value = l, mcc
		}
	}
	return best
}

// hardest lists the types of which no learner finds half, and those of which every
// learner finds more; always attack, which finds all, does not count.
func hardest(o *eval.LeftOut) (hard, easy []string) {
	for _, label := range o.Labels {
		low, high := 1.0, 0.0
		for _, l := range o.Learners() {
			if l != "always attack" {
				recall := o.Recall(l, label).Recall
				low, high = min(low, recall), max(high, recall)
			}
		}
		switch {
		case high < 0.5:
			hard = append(hard, label)
		case low > 0.5:
			easy = append(easy, label)
		}
	}
	return hard, easy
}

// list writes names with commas.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// short is a learner's name for the edge of a heat map.
func short(learner string) string {
	return strings.Replace(learner, "logistic regression", "logistic", 1)
}

// matrix draws recall by type and learner, without always attack.
func matrix(o *eval.LeftOut, caption string) plots.HeatMap {
	h := plots.HeatMap{Name: "left-out", Title: "Recall of attack types that training lacked", Caption: caption, Unit: "recall", Decimals: 2}
	for _, label := range o.Labels {
		h.Rows = append(h.Rows, fmt.Sprintf("%s (%d)", label, o.Recall(o.Learners()[0], label).Rows))
		h.Values = append(h.Values, nil)
	}
	for _, l := range o.Ranked() {
		if l == "always attack" {
			continue
		}
		h.Columns = append(h.Columns, short(l))
		for i, label := range o.Labels {
			h.Values[i] = append(h.Values[i], o.Recall(l, label).Recall)
		}
	}
	return h
}

// novelty sets what the best learner of the cross-validation finds of a type that
// it was shown, out of fold, beside what it finds of it untaught.
func novelty(c *contest) exhibit.Exhibit {
	l := bestSingle(c)
	known := reports.Must(c.cv.RecallBy(l, "attack"))
	g := exhibit.Grid{Title: "What it costs not to know an attack: " + l,
		Caption: "Recall of each type by models that were shown other rows of it (out of fold) and by one that was shown none, with 95 % Wilson intervals; ROC-AUC of the latter against normal rows.",
		Columns: []string{"attack", "class", "rows", "recall, shown", "recall, not shown", "ROC-AUC, not shown"}}
	var e exhibit.Exhibit
	for _, label := range c.leftOut.Labels {
		for _, k := range known.Levels {
			if k.Level != label {
				continue
			}
			class := reports.Must(nslkdd.ClassOf(label))
			r := c.leftOut.Recall(l, label)
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(label), exhibit.Text(class), exhibit.Count(r.Rows),
				exhibit.Between(k.Recall, k.Low, k.High, 0.95), exhibit.Between(r.Recall, r.Low, r.High, 0.95), exhibit.Num(c.leftOut.AUC(l, label))})
			e.Measures = append(e.Measures, exhibit.Measure{ID: exhibit.ID("left out", l, "recall-shown", label), Value: k.Recall, Low: k.Low, High: k.High, Level: 0.95, Rows: k.Rows})
		}
	}
	e.Grids = []exhibit.Grid{g}
	return e
}
