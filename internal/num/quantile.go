package num

import "math"

// Quantile returns the q-quantile, 0 ≤ q ≤ 1, of sorted values without NaN, by
// linear interpolation between order statistics (type 7 of Hyndman and Fan 1996;
// numpy's and R's default). It is NaN for no values.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	h := q * float64(len(sorted)-1)
	i := int(math.Floor(h))
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	if sorted[i] == sorted[i+1] { // also keeps Inf - Inf away
		return sorted[i]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}
