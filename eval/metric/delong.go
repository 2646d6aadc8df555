package metric

import (
	"math"

	"flowbook/internal/num"
)

// withDeLong gives the binary ROC-AUC its own interval.
func withDeLong(m Metric) Metric {
	rows := m.Interval
	m.Interval = func(o Outcome, level float64) (low, high float64) {
		if o.Positive < 0 {
			return rows(o, level)
		}
		if !o.check(m.Name) || o.Weights != nil {
			return math.NaN(), math.NaN()
		}
		r := rank(o, o.Positive)
		hits, rest := r.halves(r.sums(o))
		area := num.AUC(hits, rest)
		half := -num.NormalQuantile((1-level)/2) * math.Sqrt(num.DeLong(hits, rest, area))
		return max(0, area-half), min(1, area+half)
	}
	return m
}
