package metric

import "math"

// F1 is 2tp/(2tp+fp+fn), the harmonic mean of precision and recall, in [0, 1]; 0
// where positives exist and none was found, NaN where none exists and none was
// predicted. It does not see the true negatives: MCC does. Without a positive
// class it is MacroF1. Interval: bootstrap over cells.
var F1 = overCells(
	Metric{Name: "f1", Title: "F1", Low: 0, High: 1, HigherIsBetter: true},
	func(c cells, positive int) float64 {
		if positive < 0 {
			return macroF1(c, positive)
		}
		return f1(c.against(positive))
	})

func f1(b binary) float64 { return ratio(2*b.tp, 2*b.tp+b.fp+b.fn, math.NaN()) }
