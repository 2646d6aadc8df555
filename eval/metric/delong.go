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
		area, variance := delong(hits, rest)
		half := -num.NormalQuantile((1-level)/2) * math.Sqrt(variance)
		return max(0, area-half), min(1, area+half)
	}
	return m
}

// delong is the area under the ROC curve and the variance of its estimate, from
// the numbers of positives and negatives in blocks of equal score, best first.
//
// The placement of a positive is the share of negatives it outranks (ties one
// half), that of a negative the share of positives that outrank it. Both average to
// the area A, and Var A = S₁/m + S₀/n with their sample variances over the m
// positives and n negatives. One pass over the sorted blocks gives all of them:
// the midranks of Sun and Xu (2014, IEEE SPL 21, 1389-1393) without ranking
// twice. The variance is NaN where a class has fewer than two rows.
func delong(hits, rest []float64) (area, variance float64) {
	m, n := 0.0, 0.0
	for b := range hits {
		m += hits[b]
		n += rest[b]
	}
	area = auc(hits, rest)
	s1, s0 := 0.0, 0.0
	above, below := 0.0, n // positives in better blocks, negatives in this and worse ones
	for b, h := range hits {
		below -= rest[b]
		d1 := (below+rest[b]/2)/n - area
		d0 := (above+h/2)/m - area
		s1 += float64(h * d1 * d1)
		s0 += float64(rest[b] * d0 * d0)
		above += h
	}
	return area, s1/(m-1)/m + s0/(n-1)/n
}
