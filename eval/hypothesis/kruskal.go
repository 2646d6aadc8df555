package hypothesis

import (
	"fmt"
	"slices"

	"flowbook/internal/num"
)

// KruskalWallis tests whether several groups have the same distribution, against some
// tending to be larger [1]. Statistic: H with the tie correction, k-1 degrees of
// freedom; p by the chi-square distribution. Effect: ε² = H/(n-1) in [0, 1], the share of
// the variance of the ranks that lies between groups [2]; its interval inverts the
// noncentral chi-square distribution of H and is approximate.
//
// NaN are dropped with a warning. Fewer than two groups, an empty one, an infinite
// value, or values that are all equal are errors. Time O(n log n).
//
// [1] Kruskal, Wallis (1952), JASA 47, 583-621. [2] Kelley (1935); Tomczak, Tomczak
// (2014), Trends in Sport Sciences 1(21), 19-25.
func KruskalWallis(groups ...[]float64) (Result, error) {
	r := blank("Kruskal-Wallis", "all groups have the same distribution")
	groups, err := r.several("KruskalWallis", 1, groups)
	if err != nil {
		return Result{}, err
	}
	all := slices.Concat(groups...)
	ranks, ties := num.Ranks(all)
	n, k := float64(len(all)), float64(len(groups))
	tied := 1 - ties/(n*n*n-n)
	if !(tied > 0) {
		return Result{}, fmt.Errorf("hypothesis: KruskalWallis: all %g values are equal; want some spread", n)
	}
	between, at := 0.0, 0
	for _, g := range groups {
		mean := num.Mean(ranks[at : at+len(g)])
		between += float64(len(g)) * (mean - (n+1)/2) * (mean - (n+1)/2)
		at += len(g)
	}
	r.StatisticName, r.Statistic, r.DF = "H", 12/(n*(n+1))*between/tied, k-1
	r.setTail(num.ChiSquareTail(r.Statistic, r.DF))
	r.EffectName, r.Effect, r.EffectNull, r.Level = "epsilon2", r.Statistic/(n-1), 0, DefaultLevel
	lo, hi := noncentral(r.Statistic, DefaultLevel, func(l float64) float64 { return num.NoncentralChiSquareCDF(r.Statistic, r.DF, l) })
	r.EffectLow, r.EffectHigh = min(1, lo/(n-1)), min(1, hi/(n-1))
	r.IntervalMethod = "noncentral chi-square, approximate"
	if least := slices.Min(r.N); least < 5 {
		r.warn("the smallest group has %d values: the chi-square distribution of H is rough there", least)
	}
	r.says = kruskalSays{}
	return r, nil
}

type kruskalSays struct{}

func (kruskalSays) sentence(r Result) string {
	return fmt.Sprintf("group membership explains %.3g %% of the variance of the ranks of %s over %d groups (epsilon2 %s; H %s, df %s, %s), which is %s.",
		100*r.Effect, r.subject(), len(r.N), r.effectText(), sig(r.Statistic), sig(r.DF), r.pText(), r.verdict())
}
