package metric

// BalancedAccuracy is the mean of the recalls of the classes that occur, in
// [0, 1]; guessing gives 1/k. Interval: bootstrap over cells.
var BalancedAccuracy = overCells(
	Metric{Name: "balanced-accuracy", Title: "balanced accuracy", Low: 0, High: 1, HigherIsBetter: true},
	func(c cells, _ int) float64 { return c.mean(c.occurs, recall) })
