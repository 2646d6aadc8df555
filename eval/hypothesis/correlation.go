package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// Pearson tests whether two variables are uncorrelated. Statistic t with n-2 degrees of
// freedom, exact for normal values. Effect: r in [-1, 1], its interval on Fisher's z [1].
//
// Pairs with a missing value are dropped with a warning. Different lengths, fewer than 4
// pairs, an infinite value, or a constant variable are errors.
//
// [1] Fisher (1921), Metron 1, 3-32.
func Pearson(x, y []float64) (Result, error) {
	return correlation("Pearson correlation", "r", "Pearson", x, y, num.Pearson, func(r, n float64) float64 { return 1 / math.Sqrt(n-3) })
}

// Spearman is Pearson of ranks, ties sharing their mean rank: does one variable rise
// with the other, by whatever curve? p by the t distribution (scipy's choice), rough
// below some ten pairs. Effect: ρ, its interval on Fisher's z with the standard error
// √((1+ρ²/2)/(n-3)) of Bonett and Wright (2000), Psychometrika 65, 23-28.
func Spearman(x, y []float64) (Result, error) {
	return correlation("Spearman correlation", "rho", "Spearman", x, y, num.Spearman, func(r, n float64) float64 { return math.Sqrt((1 + r*r/2) / (n - 3)) })
}

func correlation(test, effect, name string, x, y []float64, of func(x, y []float64) float64, se func(r, n float64) float64) (Result, error) {
	r := blank(test, "the two variables are not correlated")
	x, y, err := r.both(name, x, y, 4)
	if err != nil {
		return Result{}, err
	}
	if effect == "r" { // ranks are never large
		if err := squarable(name, x, y); err != nil {
			return Result{}, err
		}
	}
	n, c := float64(len(x)), of(x, y)
	if math.IsNaN(c) {
		return Result{}, fmt.Errorf("hypothesis: %s: one of the variables is constant; want some spread in both", name)
	}
	r.StatisticName, r.DF = "t", n-2
	r.Statistic = c * math.Sqrt((n-2)/((1-c)*(1+c)))
	r.setTail(num.StudentTail(math.Abs(r.Statistic), r.DF).Times(2))
	r.correlated(effect, c, se(c, n))
	if effect == "rho" && n < 10 {
		r.warn("%g pairs: p is rough below 10", n)
	}
	return r, nil
}

// correlated sets a correlation as the effect, with its interval on Fisher's z.
func (r *Result) correlated(effect string, c, se float64) {
	r.EffectName, r.Effect, r.EffectNull, r.Level = effect, c, 0, DefaultLevel
	half := zOf(DefaultLevel) * se
	r.EffectLow, r.EffectHigh = math.Tanh(math.Atanh(c)-half), math.Tanh(math.Atanh(c)+half)
	r.IntervalMethod = "Fisher's z"
	r.says = correlationSays{}
}

type correlationSays struct{}

func (correlationSays) sentence(r Result) string {
	word := "rises"
	if r.Effect < 0 {
		word = "falls"
	}
	return fmt.Sprintf("%s %s with %s (%s %s; %s %s, %s), which is %s.",
		r.group(0), word, r.group(1), r.EffectName, r.effectText(), r.StatisticName, sig(r.Statistic), r.pText(), r.verdict())
}
