package hypothesis

import (
	"math"

	"flowbook/internal/num"
)

// a12Interval is the interval of A12 (an area under the ROC curve).
func a12Interval(steps []step, a, m, n, level float64) (low, high float64, method string) {
	z := zOf(level)
	if v := delong(steps, a); a > 0 && a < 1 && v > 0 && min(m, n) >= 10 {
		// On the logit scale the interval stays inside (0, 1) (Pepe 2003, p. 107).
		l, half := math.Log(a/(1-a)), z*math.Sqrt(v)/(a*(1-a))
		return 1 / (1 + math.Exp(half-l)), 1 / (1 + math.Exp(-half-l)), "DeLong et al. (1988) on the logit scale"
	}
	low, high = newcombe5(a, m, n, z)
	return low, high, "Newcombe (2006), method 5"
}

// delong is the variance of A12. Steps rise, so that y is the class that comes first.
func delong(steps []step, a float64) float64 {
	x, y := make([]float64, len(steps)), make([]float64, len(steps))
	for i, s := range steps {
		x[i], y[i] = s.x, s.y
	}
	return num.DeLong(y, x, a)
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
