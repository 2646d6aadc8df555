package metric

import "math"

// MCC is Matthews' correlation coefficient between truth and prediction, in
// [-1, 1]: 1 is perfect, 0 is no better than a guess that ignores the row. It is
// high only where both classes are predicted well, whatever their shares. With more
// than two classes it is Gorodkin's R_K [1]; a positive class then sets it
// against the rest. Where truth or prediction is of a single class it is 0, as
// scikit-learn has it [2]. Interval: bootstrap over cells.
//
// [1] Gorodkin (2004), Computational Biology and Chemistry 28, 367-374, eq. 8.
// [2] Chicco, Jurman (2020), BMC Genomics 21:6.
var MCC = overCells(
	Metric{Name: "mcc", Title: "MCC", Low: -1, High: 1, HigherIsBetter: true}, mcc)

func mcc(c cells, positive int) float64 {
	if positive >= 0 && c.k > 2 {
		b := c.against(positive)
		c = cells{2, []float64{b.tn, b.fp, b.fn, b.tp}}
	}
	// s rows, of which h are right; t and p are rows of a class and predicted so.
	s, h := c.total(), c.hits()
	tp, tt, pp := 0.0, 0.0, 0.0
	for class := range c.k {
		t, p := c.support(class), c.answers(class)
		tp += float64(t * p)
		tt += float64(t * t)
		pp += float64(p * p)
	}
	den := math.Sqrt(float64(s*s)-tt) * math.Sqrt(float64(s*s)-pp)
	return ratio(float64(h*s)-tp, den, 0)
}
