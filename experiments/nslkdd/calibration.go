package main

import (
	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/models"
	"flowbook/models/ensemble"
	"flowbook/plots"
	"flowbook/reports"
)

func calibrate(nb *reports.Notebook, c *contest, r roster, folds resample.Folds) {
	// ### What is a score worth?
	//
	// Whoever acts on a score of .9 expects to be right nine times in ten. Naive Bayes takes features that repeat each other for
	// separate evidence and is far too sure; AdaBoost and the support vector machine rank and promise nothing. Here each of the three
	// meets its own calibrated twin [7], whose scores go through a logistic curve of the log-odds found in folds inside the training
	// rows; boosted trees, which minimise log loss by themselves, stand beside them. Log loss and Brier score punish a wrong promise;
	// the area under the ROC curve sees only the order, which a curve leaves alone. These learners meet the first of the folds only.

	var learners []models.Learner
	for _, l := range []models.Learner{r.bayes, r.adaboost, r.svm()} {
		learners = append(learners, l, ensemble.Calibrated{Learner: l, LogOdds: true, K: 3})
	}
	trial := eval.Trial{Name: "calibration", Target: "is_attack", Positive: "attack", Seed: nb.Seed("calibration"),
		Metrics: []metric.Metric{metric.LogLoss, metric.Brier, metric.ROCAUC, metric.MCC, metric.Recall, metric.FPR}}
	cv := reports.Must(trial.CrossValidate(nb.Context(), c.train, folds, append([]models.Learner{r.majority, r.boosting}, learners...)...))
	nb.Show(cv)
	nb.Show(plots.Line{Name: "calibration", Title: "What a score is worth, out of fold", XLabel: "score (mean of each tenth of the range)", YLabel: "share of attacks",
		Series: reliability(cv, names(learners...)), Dots: true, Percent: true,
		Caption: "Rows in ten equal parts of the score; parts with fewer than 20 rows left out. On the diagonal a score is what it promises."})
	nb.Textf("Calibration takes the log loss of naive Bayes from %.3f to %.3f, of AdaBoost from %.3f to %.3f, and of the support vector machine from %.3f to %.3f; boosted trees have %.4f as they are.",
		losses(cv, append(learners, r.boosting))...)
}

// losses lists the log loss of the learners in order.
func losses(cv *eval.Scores, learners []models.Learner) (out []any) {
	for _, l := range learners {
		out = append(out, cv.Mean(l.Name(), metric.LogLoss))
	}
	return out
}

// reliability is the share of attacks by score, for rows that no model was fitted
// on, and the diagonal.
func reliability(cv *eval.Scores, learners []string) []plots.Series {
	out := []plots.Series{{Name: "as promised", X: []float64{0, 1}, Y: []float64{0, 1}}}
	for _, l := range learners {
		o := cv.Pooled(l)
		var rows, attacks, sum [10]float64
		for i, truth := range o.Truth {
			p := o.P[i*len(o.Classes)+o.Positive]
			part := min(9, int(10*p))
			rows[part]++
			sum[part] += p
			if truth == o.Positive {
				attacks[part]++
			}
		}
		s := plots.Series{Name: l}
		for part, n := range rows {
			if n >= 20 {
				s.X, s.Y = append(s.X, sum[part]/n), append(s.Y, attacks[part]/n)
			}
		}
		out = append(out, s)
	}
	return out
}
