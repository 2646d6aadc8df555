package metric

// Brier is the mean squared distance between scores and truth; lower is better.
// With a positive class it looks at that class's score alone, in [0, 1]; without
// one it sums over the classes, in [0, 2] [1]. Interval: the mean's, by the
// normal approximation.
//
// [1] Brier (1950), Monthly Weather Review 78, 1-3.
var Brier = perRow(
	Metric{Name: "brier", Title: "Brier score", Low: 0, High: 2, HigherIsBetter: false},
	func(o Outcome, i int, row []float64) float64 {
		if o.Positive >= 0 {
			d := row[o.Positive]
			if o.Truth[i] == o.Positive {
				d -= 1
			}
			return d * d
		}
		sum := 0.0
		for c, v := range row {
			if o.Truth[i] == c {
				v -= 1
			}
			sum += float64(v * v)
		}
		return sum
	})
