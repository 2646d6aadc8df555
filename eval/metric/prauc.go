package metric

import "math"

// PRAUC is average precision, the step-wise area under the precision-recall curve:
// Σ (R_b - R_{b-1}) P_b over the distinct scores b, best first, without
// interpolation (scikit-learn's definition; the trapezoid is too kind [1]). It is in
// (0, 1]; guessing gives the share of positives. NaN where no row is positive.
// Interval: stratified percentile bootstrap over rows, 200 resamples, fixed seed.
//
// Without a positive class it is the mean over the classes that occur.
//
// [1] Davis, Goadrich (2006), ICML, "The relationship between precision-recall
// and ROC curves".
var PRAUC = overRanking(
	Metric{Name: "pr-auc", Title: "PR-AUC", Low: 0, High: 1, HigherIsBetter: true}, averagePrecision)

func averagePrecision(hits, rest []float64) float64 {
	sum, above, answers := 0.0, 0.0, 0.0
	for b, h := range hits {
		above += h
		answers += h + rest[b]
		if h > 0 {
			sum += h * (above / answers)
		}
	}
	if above == 0 {
		return math.NaN()
	}
	return sum / above
}
