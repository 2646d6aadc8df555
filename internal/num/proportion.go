package num

import "math"

// Wilson returns the score interval (Wilson 1927) for a proportion of k in n at
// the given confidence level, without continuity correction. It covers close to
// its level on average. NaN for n = 0 or k outside [0, n].
func Wilson(k, n int, level float64) (low, high float64) {
	if n <= 0 || k < 0 || k > n || !(level > 0 && level < 1) {
		return math.NaN(), math.NaN()
	}
	z := -NormalQuantile((1 - level) / 2)
	m, p := float64(n), float64(k)/float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	low, high = max(0, centre-half), min(1, centre+half)
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return low, high
}

// ClopperPearson returns the exact interval (Clopper, Pearson 1934) for a
// proportion of k in n: it covers at least its level, often more. NaN as Wilson.
func ClopperPearson(k, n int, level float64) (low, high float64) {
	if n <= 0 || k < 0 || k > n || !(level > 0 && level < 1) {
		return math.NaN(), math.NaN()
	}
	a := (1 - level) / 2
	low, high = 0, 1
	if k > 0 {
		low = BetaQuantile(a, float64(k), float64(n-k+1))
	}
	if k < n {
		high = BetaQuantile(1-a, float64(k+1), float64(n-k))
	}
	return low, high
}
