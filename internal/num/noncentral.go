package num

import "math"

// NoncentralChiSquareCDF returns P(X ≤ x) of the noncentral chi-square
// distribution with df > 0 and noncentrality lambda ≥ 0: a Poisson(lambda/2)
// mixture of central ones (Patnaik 1949), summed over all terms that matter.
// Exact to about 1e-11; time O(√lambda).
func NoncentralChiSquareCDF(x, df, lambda float64) float64 {
	if x <= 0 {
		return 0
	}
	lo, hi := poissonReach(lambda / 2)
	// P(a, x/2) for the largest a, then downwards by P(a) = P(a+1) + x^a·e^-x/Γ(a+1),
	// in which nothing cancels.
	a := df/2 + hi
	p := math.Exp(LogGammaP(a, x/2))
	step := math.Exp(gammaPrefix(a, x/2)) / a // x^a·e^-x/Γ(a+1)
	sum := 0.0
	for j := hi; j >= lo; j-- {
		sum += poisson(j, lambda/2) * p
		step *= a / (x / 2)
		a--
		if j > lo {
			if step == 0 || math.IsInf(step, 0) {
				step = math.Exp(gammaPrefix(a, x/2)) / a
			}
			p = min(1, p+step)
		}
	}
	return min(1, sum)
}

// NoncentralFCDF returns P(F ≤ f) of the noncentral F distribution with d1 and d2
// degrees of freedom and noncentrality lambda ≥ 0, as a Poisson(lambda/2) mixture
// of beta distributions. Exact to about 1e-11; time O(√lambda).
func NoncentralFCDF(f, d1, d2, lambda float64) float64 {
	if f <= 0 {
		return 0
	}
	r := f * (d1 / d2)
	x, y := r/(1+r), 1/(1+r)
	b := d2 / 2
	lo, hi := poissonReach(lambda / 2)
	a := d1/2 + hi
	p := math.Exp(LogBetaInc(a, b, x, y))
	step := math.Exp(betaPrefix(a, b, x, y)) / a // x^a·y^b/(a·B(a,b)) = I(a) - I(a+1)
	sum := 0.0
	for j := hi; j >= lo; j-- {
		sum += poisson(j, lambda/2) * p
		a--
		if j > lo {
			step *= (a + 1) / (a + b) / x
			if step == 0 || math.IsInf(step, 0) {
				step = math.Exp(betaPrefix(a, b, x, y)) / a
			}
			p = min(1, p+step)
		}
	}
	return min(1, sum)
}

// poissonReach is the range of counts outside which Poisson(m) has less than 1e-15.
func poissonReach(m float64) (lo, hi float64) {
	w := 9*math.Sqrt(m) + 40
	return max(0, math.Floor(m-w)), math.Ceil(m + w)
}

// poisson is the probability of j under Poisson(m).
func poisson(j, m float64) float64 {
	switch {
	case m == 0 && j == 0:
		return 1
	case m == 0:
		return 0
	case j == 0:
		return math.Exp(-m)
	}
	// m^j·e^-m/Γ(j+1), Loader's form
	return math.Exp(gammaPrefix(j, m)) / j
}
