package hypothesis

import (
	"math"

	"flowbook/internal/num"
)

// a12Interval is the interval of A12 (an area under the ROC curve).
func a12Interval(steps []step, a, m, n, level float64) (low, high float64, method string) {
	z := zOf(level)
	if v := delong(steps, a, m, n); a > 0 && a < 1 && v > 0 && min(m, n) >= 10 {
		// On the logit scale the interval stays inside (0, 1) (Pepe 2003, p. 107).
		l, half := math.Log(a/(1-a)), z*math.Sqrt(v)/(a*(1-a))
		return 1 / (1 + math.Exp(half-l)), 1 / (1 + math.Exp(-half-l)), "DeLong et al. (1988) on the logit scale"
	}
	low, high = newcombe5(a, m, n, z)
	return low, high, "Newcombe (2006), method 5"
}

// delong is the variance of A12 from its placements: the share of y below each x,
// and of x above each y.
func delong(steps []step, a, m, n float64) float64 {
	var sx, sy float64
	for _, s := range steps {
		px := (s.yBelow+s.y/2)/n - a
		py := (m-s.xBelow-s.x/2)/m - a
		sx += s.x * px * px
		sy += s.y * py * py
	}
	return sx/(m-1)/m + sy/(n-1)/n
}

// newcombe5 solves |A - θ| = z·√V(θ) with Hanley and McNeil's variance, in which
// both m-1 and n-1 are replaced by (m+n)/2 - 1.
func newcombe5(a, m, n, z float64) (low, high float64) {
	gap := func(t float64) float64 { // (A-θ)² - z²·V(θ)
		k := (m+n)/2 - 1
		v := t * (1 - t) * (1 + k*(1-t)/(2-t) + k*t/(1+t)) / (m * n)
		return (a-t)*(a-t) - z*z*v
	}
	low, high = 0, 1
	if a > 0 {
		low = num.Root(gap, 0, a, 1e-14)
		if a == 1 {
			low = num.Root(gap, 0, 1-1e-12, 1e-14)
		}
	}
	if a < 1 {
		high = num.Root(gap, a, 1, 1e-14)
		if a == 0 {
			high = num.Root(gap, 1e-12, 1, 1e-14)
		}
	}
	return low, high
}
