package glm

import (
	"fmt"
	"math"
	"slices"
)

// Logistic fits log(π/(1-π)) = offset + Xβ by maximum likelihood: Newton's method,
// which is iteratively reweighted least squares (McCullagh, Nelder 1989, ch. 4),
// with step halving.
//
// Where some combination of columns separates the classes there is no maximum
// (Albert, Anderson 1984): the likelihood approaches a limit while coefficients
// grow by about one a step. Then Separated names them, Converged is false, the
// log-likelihood is its limit to eight digits or so, and coefficients and errors
// mean nothing. Use Firth.
//
// ErrSingular where the columns are dependent. Time O(steps·n·P²), less for
// columns with zeros; the same bits at any number of cores.
func Logistic(p Problem, o Options) (Fit, error) { return fit(p, o, false) }

// Firth fits the same model by penalised maximum likelihood [1, 2]: the
// log-likelihood plus ½·log det I, Jeffreys' prior. It takes the first-order bias
// away and has a finite maximum also under separation. SE are those of the
// unpenalised information at the penalised estimate, as in R's logistf; the
// interval to quote is Profile's.
//
// [1] Firth (1993), Biometrika 80, 27-38.
// [2] Heinze, Schemper (2002), Statistics in Medicine 21, 2409-2419.
func Firth(p Problem, o Options) (Fit, error) { return fit(p, o, true) }

func fit(p Problem, o Options, firth bool) (Fit, error) {
	if err := p.check(); err != nil {
		return Fit{}, err
	}
	if o.Start != nil && len(o.Start) != p.P {
		return Fit{}, fmt.Errorf("glm: Start has %d coefficients; want %d", len(o.Start), p.P)
	}
	scaled, scale := p.scaled()
	if o.Start != nil {
		start := slices.Clone(o.Start)
		for j := range start {
			start[j] *= scale[j]
		}
		o.Start = start
	}
	f, s, err := scaled.newton(o.defaults(), firth, nil)
	if err != nil {
		return Fit{}, err
	}
	k := p.P
	f.Cov = inverse(s.chol, k)
	f.SE = make([]float64, k)
	for j := range k {
		f.Coef[j] /= scale[j]
		for m := range k {
			f.Cov[j*k+m] /= scale[j] * scale[m]
		}
		f.SE[j] = math.Sqrt(f.Cov[j*k+j])
	}
	if firth { // the determinant in the columns' own units
		for _, v := range scale {
			f.LogLik += math.Log(v)
		}
	}
	return f, nil
}

// scaled returns the problem with every column divided by its largest value, so
// that byte counts and rates stand beside each other.
func (p Problem) scaled() (Problem, []float64) {
	scale := make([]float64, p.P)
	for i, v := range p.X {
		scale[i%p.P] = max(scale[i%p.P], math.Abs(v))
	}
	same := true
	for j := range scale {
		if scale[j] == 0 {
			scale[j] = 1
		}
		same = same && scale[j] == 1
	}
	if !same {
		p.X = slices.Clone(p.X)
		for i := range p.X {
			p.X[i] /= scale[i%p.P]
		}
	}
	return p, scale
}

// newton climbs to the maximum; the fixed coefficients stay at their start.
func (p Problem) newton(o Options, firth bool, fixed []int) (Fit, state, error) {
	k := p.P
	beta := make([]float64, k)
	copy(beta, o.Start)
	s := p.at(beta, firth)
	if s.singular {
		return Fit{}, s, ErrSingular
	}
	f := Fit{Coef: beta, LogLik: s.target(firth), Penalised: firth}
	before := make([]float64, k) // the last step
	for f.Iterations = 1; f.Iterations <= o.MaxIter; f.Iterations++ {
		step := s.step(k, fixed)
		if firth {
			limit(step, 5)
		}
		next, at, ok := p.climb(beta, step, s, firth)
		if !ok { // no higher point along the step: at the maximum to rounding, or nowhere to go
			f.Converged = s.small(step, k, math.Sqrt(o.Tol))
			break
		}
		gain := at.target(firth) - f.LogLik
		beta, s = next, at
		f.Coef, f.LogLik = beta, s.target(firth)
		if s.small(step, k, o.Tol) {
			f.Converged = true
			break
		}
		if !firth && gain <= 1e-9*(1e-3+math.Abs(f.LogLik)) && f.Iterations > 6 {
			if f.Separated = runaway(step, before, beta); f.Separated != nil {
				break
			}
		}
		before = step
	}
	f.Iterations = min(f.Iterations, o.MaxIter)
	if !firth && !f.Converged && f.Separated == nil {
		f.Separated = runaway(s.step(k, fixed), before, beta)
	}
	return f, s, nil
}

// target is what the fit maximises.
func (s state) target(firth bool) float64 {
	if firth {
		return s.logLik + s.logDet/2
	}
	return s.logLik
}

// step is curve⁻¹U; with fixed coefficients, that of the others.
func (s state) step(k int, fixed []int) []float64 {
	curve, score := slices.Clone(s.curve), slices.Clone(s.score)
	for _, f := range fixed {
		for j := range k {
			curve[f*k+j], curve[j*k+f] = 0, 0
		}
		curve[f*k+f], score[f] = 1, 0
	}
	l, _ := cholesky(curve, k)
	return solve(l, score, k)
}

// small reports whether the step is below tol standard errors all told:
// step'·I·step ≤ tol².
func (s state) small(step []float64, k int, tol float64) bool {
	q := 0.0
	for i := range k {
		for j := range k {
			q += step[i] * s.info[i*k+j] * step[j]
		}
	}
	return q <= tol*tol
}

// climb halves the step until the target does not fall.
func (p Problem) climb(beta, step []float64, s state, firth bool) ([]float64, state, bool) {
	next := make([]float64, len(beta))
	slack := 1e-12 * (1 + math.Abs(s.target(firth))) // the sum's own rounding
	for half := 1.0; half > 1e-4; half /= 2 {
		for j := range beta {
			next[j] = beta[j] + half*step[j]
		}
		at := p.at(next, firth)
		if !at.singular && at.target(firth) >= s.target(firth)-slack {
			return next, at, true
		}
	}
	return beta, s, false
}

// limit shortens the step so that no coefficient moves by more than most.
func limit(step []float64, most float64) {
	top := 0.0
	for _, v := range step {
		top = max(top, math.Abs(v))
	}
	if top > most {
		for j := range step {
			step[j] *= most / top
		}
	}
}

// runaway lists the coefficients whose steps do not shrink though the likelihood
// stands still: near a maximum each step of Newton's is the square of the last,
// under separation it is always the same.
func runaway(step, before, beta []float64) []int {
	var out []int
	for j, v := range step {
		if v*before[j] > 0 && math.Abs(v) > 0.7*math.Abs(before[j]) && math.Abs(v) > 1e-3*math.Abs(beta[j]) && v*beta[j] > 0 {
			out = append(out, j)
		}
	}
	return out
}
