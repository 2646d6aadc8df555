package num

import "math"

// Glossary, after DiDonato and Morris (1992, ACM Algorithm 708):
//
//	I_x(a,b)  regularised incomplete beta function, the CDF of Beta(a, b); y = 1 - x
//	P(a,x)    regularised lower incomplete gamma function; Q = 1 - P
//	δ(a)      log Γ(a) minus Stirling's main terms (a-½)·log a - a + ½·log 2π
//	φ₁(x)     x - log(1+x), without cancellation near 0
//
// All work is done on logarithms, so that no tail underflows; prefactors are
// written with δ and φ₁, so that nothing large cancels.

// LogBetaInc returns log I_x(a, b) for a, b > 0. x and y must both be given, each
// to full precision, with x + y = 1. The result is exact to about 1e-13 relative
// in I (in its complement, where I is close to 1). NaN in gives NaN out.
func LogBetaInc(a, b, x, y float64) float64 {
	switch {
	case !(a > 0 && b > 0) || math.IsNaN(x) || math.IsNaN(y):
		return math.NaN()
	case x <= 0:
		return math.Inf(-1)
	case y <= 0:
		return 0
	}
	if x > (a+1)/(a+b+2) {
		return log1mexp(betaPrefix(b, a, y, x) + math.Log(betaFraction(b, a, y, x)))
	}
	return min(0, betaPrefix(a, b, x, y)+math.Log(betaFraction(a, b, x, y)))
}

// betaPrefix is log(x^a·y^b / B(a,b)).
func betaPrefix(a, b, x, y float64) float64 {
	lambda := betaLambda(a, b, x, y)
	return a*logRatio(-lambda/a, x, a/(a+b)) + b*logRatio(lambda/b, y, b/(a+b)) +
		0.5*math.Log(a/(a+b)*b/(2*math.Pi)) + stirlingRest(a+b) - stirlingRest(a) - stirlingRest(b)
}

// logRatio is log(v/mean) - e with e = v/mean - 1: the part of the logarithm that
// is left when the first-order terms of a·log(x/x₀) and b·log(y/y₀) have cancelled.
func logRatio(e, v, mean float64) float64 {
	if math.Abs(e) < 0.5 {
		return -phi1(e)
	}
	return math.Log(v/mean) - e
}

// phi1 is x - log(1+x) for x > -1.
func phi1(x float64) float64 {
	if math.Abs(x) > 0.3 {
		return x - math.Log1p(x)
	}
	// With r = x/(2+x): log(1+x) = 2·artanh(r), so that
	// x - log(1+x) = x·r - 2·(r³/3 + r⁵/5 + …); no term cancels another by much.
	r := x / (2 + x)
	r2 := r * r
	sum, power := 0.0, r2
	for k := 3.0; ; k += 2 {
		t := power / k
		sum += t
		if t <= 1e-18*sum || t == 0 {
			break
		}
		power *= r2
	}
	return r * (x - 2*sum)
}

// betaFraction is I_x(a,b)·B(a,b)/(x^a·y^b) for x below the mean: the even part of
// the usual continued fraction, written with λ and y so that no digit is lost where
// x is close to 1 (Algorithm 708, BFRAC). It takes some √max(a,b) steps.
func betaFraction(a, b, x, y float64) float64 {
	c := 1 + betaLambda(a, b, x, y)
	c1 := 1 + 1/a
	p, s := 1.0, a+1
	an, bn, an1, bn1 := 0.0, 1.0, 1.0, c/c1
	r := c1 / c
	for n := 1.0; n < 1e6; n++ {
		t, w, e := n/a, n*(b-n)*x, a/s
		alpha := p * (p + b/a) * e * e * w * x
		beta := n + w/s + (t+1)/(c1+2*t)*(c+n*(y+1))
		p, s = t+1, s+2
		an, an1 = an1, alpha*an+beta*an1
		bn, bn1 = bn1, alpha*bn+beta*bn1
		before := r
		r = an1 / bn1
		if math.Abs(r-before) <= 2e-16*r {
			break
		}
		an, bn, an1, bn1 = an/bn1, bn/bn1, r, 1
	}
	return r
}

// betaLambda is λ = a - (a+b)·x, the distance from the mean times a+b.
func betaLambda(a, b, x, y float64) float64 {
	if a > b {
		return (a+b)*y - b
	}
	return a - (a+b)*x
}

// stirlingRest is δ(a) for a > 0.
func stirlingRest(a float64) float64 {
	if a < 10 {
		l, _ := math.Lgamma(a)
		return l - ((a-0.5)*math.Log(a) - a + 0.5*math.Log(2*math.Pi))
	}
	// Abramowitz, Stegun (1964), 6.1.41.
	z := 1 / (a * a)
	return (1.0/12 - z*(1.0/360-z*(1.0/1260-z*(1.0/1680-z*(1.0/1188-z*(691.0/360360-z*(1.0/156-z*3617.0/122400))))))) / a
}

// log1mexp is log(1 - exp(l)) for l ≤ 0 (Mächler 2012).
func log1mexp(l float64) float64 {
	if l > -math.Ln2 {
		return math.Log(-math.Expm1(l))
	}
	return math.Log1p(-math.Exp(l))
}
