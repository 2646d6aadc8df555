package num

import "math"

// Quantile returns the q-quantile, 0 ≤ q ≤ 1, of sorted values without NaN, by
// linear interpolation between order statistics (type 7 of Hyndman and Fan 1996;
// numpy's and R's default). Between -Inf and a number it is -Inf, between a number
// and +Inf it is +Inf. It is NaN for no values.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	h := q * float64(len(sorted)-1)
	i := int(math.Floor(h))
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	a, b, part := sorted[i], sorted[i+1], h-float64(i)
	if a == b || part == 0 || math.IsInf(a, -1) { // Inf - Inf and 0·Inf are NaN
		return a
	}
	return a + part*(b-a)
}
