package metric

import "math"

// Wilson is the score interval of a share of hits among n rows at the level, in
// (0, 1). Unlike the textbook interval it stays in [0, 1] and is of sensible width
// for 0 or n hits. It is NaN, NaN for n = 0.
//
// Wilson (1927), JASA 22, 209-212; recommended by Brown, Cai, DasGupta (2001).
func Wilson(hits, n, level float64) (low, high float64) {
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	z := normalQuantile(level)
	p, zz := hits/n, float64(z*z)
	middle := (p + zz/(2*n)) / (1 + zz/n)
	half := z / (1 + zz/n) * math.Sqrt(p*(1-p)/n+zz/(4*n*n))
	low, high = max(0, middle-half), min(1, middle+half)
	if hits == 0 {
		low = 0 // exactly, where rounding leaves 1e-19
	}
	if hits == n {
		high = 1
	}
	return low, high
}

// normalQuantile is the z with a share of level between -z and z: 1.96 for 0.95.
func normalQuantile(level float64) float64 { return math.Sqrt2 * math.Erfinv(level) }
