package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// ANOVA tests whether several groups have the same mean (one-way analysis of
// variance; it assumes equal variances). Statistic F with k-1 and n-k degrees of
// freedom. Effect: η², the share of the variance that lies between groups, in
// [0, 1], with the interval of the noncentral F distribution (Steiger 2004,
// Psychological Methods 9, 164-182). η² of a sample is a little too large; Extra
// has ω², which is not.
//
// NaN are dropped with a warning. Fewer than two groups, an empty one, no more
// values than groups, an infinite value, or groups that are all constant are errors.
func ANOVA(groups ...[]float64) (Result, error) {
	r := blank("one-way ANOVA", "all groups have the same mean")
	groups, err := r.several("ANOVA", 1, groups)
	if err != nil {
		return Result{}, err
	}
	if err := squarable("ANOVA", groups...); err != nil {
		return Result{}, err
	}
	n := float64(r.Rows())
	k := float64(len(groups))
	if n <= k {
		return Result{}, fmt.Errorf("hypothesis: ANOVA: %g values in %g groups; want more values than groups", n, k)
	}
	means := make([]float64, len(groups))
	var inside, lowVar, highVar = 0.0, math.Inf(1), 0.0
	all := make([]float64, 0, int(n))
	for i, g := range groups {
		m, v := num.MeanVariance(g)
		means[i] = m
		all = append(all, g...)
		if len(g) > 1 {
			inside += float64(len(g)-1) * v
			lowVar, highVar = min(lowVar, v), max(highVar, v)
		}
	}
	if inside == 0 {
		return Result{}, fmt.Errorf("hypothesis: ANOVA: every group is constant; want some spread")
	}
	grand := num.Mean(all)
	between := 0.0
	for i, g := range groups {
		between += float64(len(g)) * (means[i] - grand) * (means[i] - grand)
	}
	r.DF, r.DF2 = k-1, n-k
	r.StatisticName, r.Statistic = "F", between/r.DF/(inside/r.DF2)
	r.setTail(num.FTail(r.Statistic, r.DF, r.DF2))
	r.EffectName, r.Effect, r.EffectNull = "eta2", between/(between+inside), 0
	lo, hi := noncentral(r.Statistic*r.DF, DefaultLevel, func(l float64) float64 {
		return num.NoncentralFCDF(r.Statistic, r.DF, r.DF2, l)
	})
	r.EffectLow, r.EffectHigh, r.Level = lo/(lo+n), hi/(hi+n), DefaultLevel
	r.IntervalMethod = "noncentral F (Steiger 2004)"
	r.Extra = []Number{{Name: "omega2", Value: max(0, (between-r.DF*inside/r.DF2)/(between+inside+inside/r.DF2))}}
	if highVar > 4*lowVar {
		r.warn("the largest group variance is %.3g times the smallest: F assumes equal ones", highVar/lowVar)
	}
	r.says = anovaSays{}
	return r, nil
}

// noncentral inverts cdf, which falls in the noncentrality, at both ends of the
// level. guess is a noncentrality near the middle. Beyond 10^8 the sums get long
// and the interval is left out (NaN): there it is narrower than four digits show.
func noncentral(guess, level float64, cdf func(lambda float64) float64) (low, high float64) {
	if guess > 1e8 {
		return math.NaN(), math.NaN()
	}
	end := func(p float64) float64 {
		if cdf(0) <= p {
			return 0
		}
		hi := guess + 10
		for cdf(hi) > p {
			hi *= 1.5
		}
		return num.Root(func(l float64) float64 { return cdf(l) - p }, 0, hi, 1e-9*hi)
	}
	return end((1 + level) / 2), end((1 - level) / 2)
}

type anovaSays struct{}

func (anovaSays) sentence(r Result) string {
	return fmt.Sprintf("group membership explains %.3g %% of the variance of %s over %d groups (%s %s; F %s, df %s and %s, %s), which is %s.",
		100*r.Effect, r.subject(), len(r.N), r.EffectName, r.effectText(), sig(r.Statistic), sig(r.DF), sig(r.DF2), r.pText(), r.verdict())
}
