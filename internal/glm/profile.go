package glm

import (
	"errors"
	"math"
	"slices"

	"flowbook/internal/num"
)

// Profile returns the profile-likelihood interval of coefficient j at the given
// level (penalised, where the fit is Firth's): all values that the likelihood-ratio
// test of that coefficient does not reject [1]. An end is infinite where the
// likelihood never falls far enough (separation). Time: some ten fits from close by.
//
// [1] Venzon, Moolgavkar (1988), Applied Statistics 37, 87-94; for Firth's
// penalty Heinze, Schemper (2002).
func Profile(p Problem, f Fit, j int, level float64) (low, high float64, err error) {
	target := f.LogLik - num.ChiSquareQuantile(level, 1)/2
	if low, err = profileEnd(p, f, j, target, -1); err != nil {
		return math.NaN(), math.NaN(), err
	}
	high, err = profileEnd(p, f, j, target, 1)
	return low, high, err
}

// Ratio returns the likelihood-ratio statistic and its tail for the hypothesis that
// the given coefficients are all 0, one degree of freedom each. Where the fit is
// Firth's both likelihoods are penalised with the whole model's information.
func Ratio(p Problem, f Fit, zero ...int) (lr float64, tail num.Tail, err error) {
	var start []float64
	if len(zero) == 1 {
		start = f.along(zero[0], 0)
	} else {
		start = make([]float64, p.P)
	}
	at, err := profileAt(p, f, start, zero...)
	if err != nil {
		return math.NaN(), num.Tail{P: math.NaN(), Log10: math.NaN()}, err
	}
	lr = max(0, 2*(f.LogLik-at))
	return lr, num.ChiSquareTail(lr, float64(len(zero))), nil
}

// profileAt maximises from start over the coefficients that are not held.
func profileAt(p Problem, f Fit, start []float64, held ...int) (float64, error) {
	scaled, scale := p.scaled()
	o := Options{Tol: 1e-8}.defaults()
	o.Start = make([]float64, p.P)
	for m := range o.Start {
		o.Start[m] = start[m] * scale[m]
	}
	g, _, err := scaled.newton(o, f.Penalised, held)
	if errors.Is(err, ErrSingular) { // too far out to begin from: begin in the middle
		for m := range o.Start {
			if !slices.Contains(held, m) {
				o.Start[m] = 0
			}
		}
		g, _, err = scaled.newton(o, f.Penalised, held)
	}
	if err != nil {
		return 0, err
	}
	lik := g.LogLik
	if f.Penalised { // the determinant in the columns' own units
		for _, v := range scale {
			lik += math.Log(v)
		}
	}
	return lik, nil
}

// along moves coefficient j to v and the others with it, as their covariance has
// it: to the maximum over the others, were the likelihood a paraboloid.
func (f Fit) along(j int, v float64) []float64 {
	k := len(f.Coef)
	out := slices.Clone(f.Coef)
	for m := range out {
		out[m] += f.Cov[m*k+j] / f.Cov[j*k+j] * (v - f.Coef[j])
	}
	out[j] = v
	return out
}

// profileEnd finds where the profile crosses target on one side of the estimate.
func profileEnd(p Problem, f Fit, j int, target, side float64) (float64, error) {
	var trouble error
	g := func(d float64) float64 { // falls from positive, d ≥ 0 away from the estimate
		lik, err := profileAt(p, f, f.along(j, f.Coef[j]+side*d), j)
		if err != nil {
			if trouble == nil {
				trouble = err
			}
			return math.NaN()
		}
		// Square roots make the curve nearly straight.
		return math.Sqrt(2*(f.LogLik-target)) - math.Sqrt(2*max(0, f.LogLik-lik))
	}
	lo, hi := 0.0, 2*f.SE[j]
	for tries := 0; g(hi) > 0; tries++ {
		if tries == 40 {
			return side * math.Inf(1), trouble
		}
		lo, hi = hi, 1.7*hi
	}
	if trouble != nil {
		return math.NaN(), trouble
	}
	d := num.Root(g, lo, hi, 1e-9*f.SE[j])
	return f.Coef[j] + side*d, trouble
}
