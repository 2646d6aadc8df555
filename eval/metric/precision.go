package metric

import "math"

// Precision is tp/(tp+fp), the share of alarms that are right, in [0, 1]; NaN
// where nothing was predicted positive. It moves with the share of positives
// among the rows: see PPVAt. Interval: Wilson.
//
// Without a positive class it is the mean over all classes that occur or were
// predicted, 0 for one never predicted (as scikit-learn does); interval by
// bootstrap over cells.
var Precision = overShare(
	Metric{Name: "precision", Title: "precision", Low: 0, High: 1, HigherIsBetter: true},
	func(c cells, positive int) float64 {
		if positive >= 0 {
			b := c.against(positive)
			return ratio(b.tp, b.tp+b.fp, math.NaN())
		}
		return c.mean(c.appears, func(b binary) float64 { return ratio(b.tp, b.tp+b.fp, 0) })
	},
	func(c cells, positive int) (hits, n float64, ok bool) {
		if positive < 0 {
			return 0, 0, false
		}
		b := c.against(positive)
		return b.tp, b.tp + b.fp, true
	})
