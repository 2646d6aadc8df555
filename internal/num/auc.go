package num

import "math"

// AUC is the area under the ROC curve: the chance that a random positive outranks a
// random negative, ties counting one half, in [0, 1]. hits and rest are the weights of
// positives and negatives in blocks of equal score, best first. NaN where a class is
// absent. Time O(blocks).
func AUC(hits, rest []float64) float64 {
	area, above, positives, negatives := 0.0, 0.0, 0.0, 0.0
	for b, h := range hits {
		area += float64(rest[b] * (above + h/2))
		above += h
		positives += h
		negatives += rest[b]
	}
	if positives == 0 || negatives == 0 {
		return math.NaN()
	}
	return area / positives / negatives
}

// DeLong is the variance of AUC's estimate area [1], from the same blocks, whose
// weights must be counts of rows.
//
// The placement of a positive is the share of negatives it outranks (ties one
// half), that of a negative the share of positives that outrank it. Both average to
// the area A, and Var A = S₁/m + S₀/n with their sample variances over the m
// positives and n negatives. One pass over the sorted blocks gives all of them:
// the midranks of Sun and Xu (2014, IEEE SPL 21, 1389-1393) without ranking
// twice. NaN where a class has fewer than two rows.
//
// [1] DeLong, DeLong, Clarke-Pearson (1988), Biometrics 44, 837-845.
func DeLong(hits, rest []float64, area float64) float64 {
	m, n := 0.0, 0.0
	for b := range hits {
		m += hits[b]
		n += rest[b]
	}
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
	return s1/(m-1)/m + s0/(n-1)/n
}
