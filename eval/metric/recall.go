package metric

import "math"

// Recall is tp/(tp+fn), the share of positive rows found (detection rate, tpr), in
// [0, 1]; NaN where no row is positive. Interval: Wilson.
//
// Without a positive class it is the mean over the classes that occur, which is
// balanced accuracy; interval by bootstrap over cells.
var Recall = overShare(
	Metric{Name: "recall", Title: "recall", Low: 0, High: 1, HigherIsBetter: true},
	func(c cells, positive int) float64 {
		if positive >= 0 {
			return recall(c.against(positive))
		}
		return c.mean(c.occurs, recall)
	},
	func(c cells, positive int) (hits, n float64, ok bool) {
		if positive < 0 {
			return 0, 0, false
		}
		b := c.against(positive)
		return b.tp, b.tp + b.fn, true
	})

func recall(b binary) float64 { return ratio(b.tp, b.tp+b.fn, math.NaN()) }
