package metric

import "math"

// FPR is fp/(fp+tn), the share of negative rows that raise an alarm, in [0, 1];
// lower is better; NaN where no row is negative. Interval: Wilson.
//
// Without a positive class it is the mean over the classes that have rows of
// another class beside them; interval by bootstrap over cells.
var FPR = overShare(
	Metric{Name: "fpr", Title: "false positive rate", Low: 0, High: 1, HigherIsBetter: false},
	func(c cells, positive int) float64 {
		if positive >= 0 {
			return fpr(c.against(positive))
		}
		others := func(class int) bool { return c.appears(class) && c.total() > c.support(class) }
		return c.mean(others, fpr)
	},
	func(c cells, positive int) (hits, n float64, ok bool) {
		if positive < 0 {
			return 0, 0, false
		}
		b := c.against(positive)
		return b.fp, b.fp + b.tn, true
	})

func fpr(b binary) float64 { return ratio(b.fp, b.fp+b.tn, math.NaN()) }
