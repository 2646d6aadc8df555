package num

import "math"

// Tail is a tail probability: P, which underflows to 0 below 1e-308, and its
// decimal logarithm, which does not.
type Tail struct{ P, Log10 float64 }

// tail makes a Tail of a natural logarithm.
func tail(l float64) Tail { return Tail{math.Exp(l), l / math.Ln10} }

// Times returns the tail k times as large, at most 1: a Bonferroni or two-sided step.
func (t Tail) Times(k float64) Tail {
	if t.P*k >= 1 {
		return Tail{1, 0}
	}
	return Tail{t.P * k, t.Log10 + math.Log10(k)}
}

// NormalTail returns P(Z > z) of the standard normal distribution.
func NormalTail(z float64) Tail {
	if z < 5 || math.IsNaN(z) {
		p := 0.5 * math.Erfc(z/math.Sqrt2)
		return Tail{p, math.Log10(p)}
	}
	if math.IsInf(z, 1) {
		return Tail{0, math.Inf(-1)}
	}
	// Mills' ratio by its continued fraction 1/(z + 1/(z + 2/(z + …))), from the
	// back (Laplace; Abramowitz, Stegun 1964, 26.2.14).
	f := z
	for k := 80.0; k >= 1; k-- {
		f = z + k/f
	}
	l := -z*z/2 - 0.5*math.Log(2*math.Pi) - math.Log(f)
	return Tail{0.5 * math.Erfc(z/math.Sqrt2), l / math.Ln10}
}

// StudentTail returns P(T > t) of Student's t distribution with df > 0 degrees of
// freedom, which need not be whole; +Inf is the normal distribution.
func StudentTail(t, df float64) Tail {
	switch {
	case math.IsInf(df, 1):
		return NormalTail(t)
	case !(df > 0) || math.IsNaN(t):
		return Tail{math.NaN(), math.NaN()}
	case t < 0:
		u := StudentTail(-t, df)
		return Tail{1 - u.P, math.Log1p(-u.P) / math.Ln10}
	}
	return tail(studentLog(t, df))
}

// studentLog is log P(T > t) for t ≥ 0.
func studentLog(t, df float64) float64 {
	if t > 1e150 { // t² overflows: the tail is t^-df·df^(df/2)/(df·B(df/2,1/2))
		if math.IsInf(t, 1) {
			return math.Inf(-1)
		}
		return df*(0.5*math.Log(df)-math.Log(t)) - math.Log(df) - logBeta(df/2, 0.5)
	}
	r := t * (t / df)
	return LogBetaInc(df/2, 0.5, 1/(1+r), r/(1+r)) - math.Ln2
}

// logBeta is log B(a, b).
func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// ChiSquareTail returns P(X > x) of the chi-square distribution with df > 0
// degrees of freedom.
func ChiSquareTail(x, df float64) Tail {
	if df == 1 && x >= 0 { // two-sided normal: no series needed
		return NormalTail(math.Sqrt(x)).Times(2)
	}
	return tail(LogGammaQ(df/2, x/2))
}

// FTail returns P(X > f) of the F distribution with d1 and d2 degrees of freedom,
// both > 0.
func FTail(f, d1, d2 float64) Tail {
	switch {
	case math.IsNaN(f):
		return Tail{f, f}
	case f <= 0:
		return Tail{1, 0}
	case math.IsInf(f, 1):
		return Tail{0, math.Inf(-1)}
	case math.IsInf(d2, 1):
		return ChiSquareTail(f*d1, d1)
	}
	r := f * (d1 / d2)
	return tail(LogBetaInc(d2/2, d1/2, 1/(1+r), r/(1+r)))
}
