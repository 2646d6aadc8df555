package num

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// NormalQuantile returns the z with P(Z ≤ z) = p for p in [0, 1]; NaN elsewhere.
// For an upper tail take -NormalQuantile(tail), which stays exact for tiny ones.
func NormalQuantile(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	}
	return mathext.NormalQuantile(p)
}

// StudentQuantile returns the t with P(T ≤ t) = p for df > 0 degrees of freedom.
func StudentQuantile(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0):
		return math.NaN()
	case math.IsInf(df, 1) || p == 0 || p == 1:
		return NormalQuantile(p)
	case p == 0.5:
		return 0
	case p > 0.5:
		return -StudentQuantile(1-p, df)
	}
	// Solved for log P(T > t) against log t, where the tail is nearly straight.
	want := math.Log(p)
	return -math.Exp(solve(func(u float64) float64 { return want - studentLog(math.Exp(u), df) },
		math.Log(-NormalQuantile(p)), 1))
}

// ChiSquareQuantile returns the x with P(X ≤ x) = p for df > 0 degrees of freedom.
func ChiSquareQuantile(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0):
		return math.NaN()
	case p == 0:
		return 0
	case p == 1:
		return math.Inf(1)
	}
	if p < 0.5 {
		want := math.Log(p)
		return math.Exp(solve(func(u float64) float64 { return LogGammaP(df/2, math.Exp(u)/2) - want }, math.Log(df), 1))
	}
	want := math.Log1p(-p)
	return math.Exp(solve(func(u float64) float64 { return want - LogGammaQ(df/2, math.Exp(u)/2) }, math.Log(df), 1))
}

// BetaQuantile returns the x with I_x(a, b) = p, the quantile of Beta(a, b).
func BetaQuantile(p, a, b float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(a > 0 && b > 0):
		return math.NaN()
	case p == 0 || p == 1:
		return p
	}
	// On the logit scale the quantile keeps its digits at both ends.
	want, wantUpper := math.Log(p), math.Log1p(-p)
	u := solve(func(u float64) float64 {
		x, y := 1/(1+math.Exp(-u)), 1/(1+math.Exp(u))
		if p < 0.5 {
			return LogBetaInc(a, b, x, y) - want
		}
		return wantUpper - LogBetaInc(b, a, y, x)
	}, math.Log(a/b), 1)
	return 1 / (1 + math.Exp(-u))
}

// solve returns the root of an increasing function near start by bracketing and
// Brent's method [1]; step is the first width of the bracket.
//
// [1] Brent (1973), Algorithms for Minimization without Derivatives, ch. 4.
func solve(f func(float64) float64, start, step float64) float64 {
	a, b := start, start
	fa := f(a)
	fb := fa
	for grow := step; fa > 0 && grow < 1e12; grow *= 2 {
		b, fb = a, fa
		a -= grow
		fa = f(a)
	}
	for grow := step; fb < 0 && grow < 1e12; grow *= 2 {
		a, fa = b, fb
		b += grow
		fb = f(b)
	}
	return Root(f, a, b, 0)
}

// Root returns a root of f between a and b, where f must have opposite signs (NaN
// if it has not), by Brent's method, to within tol and a few rounding errors.
func Root(f func(float64) float64, a, b, tol float64) float64 {
	fa, fb := f(a), f(b)
	if !(fa*fb <= 0) && !(math.Signbit(fa) != math.Signbit(fb)) {
		return math.NaN()
	}
	c, fc := a, fa
	d := b - a
	e := d
	for range 200 {
		if math.Signbit(fb) == math.Signbit(fc) {
			c, fc = a, fa
			d = b - a
			e = d
		}
		if math.Abs(fc) < math.Abs(fb) {
			a, b, c = b, c, b
			fa, fb, fc = fb, fc, fb
		}
		near := 2*2.2e-16*math.Abs(b) + tol/2
		m := (c - b) / 2
		if math.Abs(m) <= near || fb == 0 {
			return b
		}
		if math.Abs(e) < near || math.Abs(fa) <= math.Abs(fb) || math.IsInf(fa, 0) {
			d, e = m, m
		} else {
			var p, q float64
			s := fb / fa
			if a == c {
				p, q = 2*m*s, 1-s
			} else {
				u, r := fa/fc, fb/fc
				p = s * (2*m*u*(u-r) - (b-a)*(r-1))
				q = (u - 1) * (r - 1) * (s - 1)
			}
			if p > 0 {
				q = -q
			} else {
				p = -p
			}
			if 2*p < math.Min(3*m*q-math.Abs(near*q), math.Abs(e*q)) {
				e, d = d, p/q
			} else {
				d, e = m, m
			}
		}
		a, fa = b, fb
		if math.Abs(d) > near {
			b += d
		} else {
			b += math.Copysign(near, m)
		}
		fb = f(b)
	}
	return b
}
