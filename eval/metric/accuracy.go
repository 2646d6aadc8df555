package metric

// Accuracy is the share of rows predicted right, in [0, 1]. On unbalanced classes
// it mostly repeats the share of the largest one, so it never stands alone.
// Interval: Wilson.
var Accuracy = overShare(
	Metric{Name: "accuracy", Title: "accuracy", Low: 0, High: 1, HigherIsBetter: true},
	func(c cells, _ int) float64 { return c.hits() / c.total() },
	func(c cells, _ int) (hits, n float64, ok bool) { return c.hits(), c.total(), true })
