package num

import "math"

// LogGammaQ returns log Q(a, x), the upper regularised incomplete gamma function:
// the survival function of Gamma(a, 1). a > 0, x ≥ 0.
func LogGammaQ(a, x float64) float64 {
	switch {
	case !(a > 0) || math.IsNaN(x):
		return math.NaN()
	case x <= 0:
		return 0
	case math.IsInf(x, 1):
		return math.Inf(-1)
	}
	if x < a+1 {
		return log1mexp(min(0, gammaPrefix(a, x)+math.Log(gammaSeries(a, x)/a)))
	}
	return min(0, gammaPrefix(a, x)+math.Log(gammaFraction(a, x)))
}

// LogGammaP returns log P(a, x) = log(1 - Q(a, x)).
func LogGammaP(a, x float64) float64 {
	switch {
	case !(a > 0) || math.IsNaN(x):
		return math.NaN()
	case x <= 0:
		return math.Inf(-1)
	case math.IsInf(x, 1):
		return 0
	}
	if x < a+1 {
		return min(0, gammaPrefix(a, x)+math.Log(gammaSeries(a, x)/a))
	}
	return log1mexp(min(0, gammaPrefix(a, x)+math.Log(gammaFraction(a, x))))
}

// gammaPrefix is log(x^a·e^-x / Γ(a)).
func gammaPrefix(a, x float64) float64 {
	return a*logRatio((x-a)/a, x, a) + 0.5*math.Log(a/(2*math.Pi)) - stirlingRest(a)
}

// gammaSeries is a·(1/a + x/(a(a+1)) + …) (Press et al. 2007, eq. 6.2.5).
func gammaSeries(a, x float64) float64 {
	sum, t := 1.0, 1.0
	for k := 1.0; k < 1e6; k++ {
		t *= x / (a + k)
		sum += t
		if t < 1e-17*sum {
			break
		}
	}
	return sum
}

// gammaFraction is Q·Γ(a)/(x^a·e^-x) by Lentz's method (ibid., eq. 6.2.7).
func gammaFraction(a, x float64) float64 {
	const tiny = 1e-300
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	h := d
	for k := 1.0; k < 1e6; k++ {
		e := -k * (k - a)
		b += 2
		if d = e*d + b; math.Abs(d) < tiny {
			d = tiny
		}
		if c = b + e/c; math.Abs(c) < tiny {
			c = tiny
		}
		d = 1 / d
		h *= d * c
		if math.Abs(d*c-1) < 3e-16 {
			break
		}
	}
	return h
}
