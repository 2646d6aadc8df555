package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// WelchANOVA tests whether several groups have the same mean without assuming that they
// have the same variance [1]. Statistic F with k-1 and Welch's degrees of freedom.
// Effect: ω² after Welch's F, (k-1)(F-1)/((k-1)(F-1)+n), cut at 0 [2]; its interval
// inverts the noncentral F distribution and is approximate.
//
// NaN are dropped with a warning. Fewer than two groups, a group of fewer than two
// values, an infinite value, or a constant group (it would weigh infinitely) are errors.
//
// [1] Welch (1951), Biometrika 38, 330-336. [2] Hays (1963), with Welch's F in place
// of Fisher's.
func WelchANOVA(groups ...[]float64) (Result, error) {
	r := blank("Welch ANOVA", "all groups have the same mean")
	groups, err := r.several("WelchANOVA", 2, groups)
	if err != nil {
		return Result{}, err
	}
	if err := squarable("WelchANOVA", groups...); err != nil {
		return Result{}, err
	}
	k, n := float64(len(groups)), float64(r.Rows())
	means, weights := make([]float64, len(groups)), make([]float64, len(groups))
	total, centre := 0.0, 0.0
	for i, g := range groups {
		m, v := num.MeanVariance(g)
		if v == 0 {
			return Result{}, fmt.Errorf("hypothesis: WelchANOVA: group %d is constant at %g; want some spread in each", i+1, m)
		}
		means[i], weights[i] = m, float64(len(g))/v
		total += weights[i]
	}
	for i, m := range means {
		centre += weights[i] / total * m
	}
	between, uneven := 0.0, 0.0
	for i, m := range means {
		between += weights[i] * (m - centre) * (m - centre)
		share := 1 - weights[i]/total
		uneven += share * share / (float64(len(groups[i])) - 1)
	}
	r.DF, r.DF2 = k-1, (k*k-1)/(3*uneven)
	r.StatisticName = "F"
	r.Statistic = between / (k - 1) / (1 + 2*(k-2)/(k*k-1)*uneven)
	r.setTail(num.FTail(r.Statistic, r.DF, r.DF2))
	gain := r.DF * (r.Statistic - 1)
	r.EffectName, r.Effect, r.EffectNull, r.Level = "omega2", max(0, gain/(gain+n)), 0, DefaultLevel
	lo, hi := noncentral(r.Statistic*r.DF, DefaultLevel, func(l float64) float64 { return num.NoncentralFCDF(r.Statistic, r.DF, r.DF2, l) })
	r.EffectLow, r.EffectHigh = lo/(lo+n), hi/(hi+n)
	r.IntervalMethod = "noncentral F, approximate"
	if math.IsNaN(lo) {
		r.IntervalMethod = ""
	}
	least := len(groups[0])
	for _, g := range groups {
		least = min(least, len(g))
	}
	if least < 10 {
		r.warn("the smallest group has %d values: F leans on a normal shape there", least)
	}
	r.says = anovaSays{}
	return r, nil
}

// Pairwise runs a test of two groups on every pair of several and corrects by Holm: the
// question after ANOVA or Kruskal-Wallis, which groups differ. WelchT needs neither equal
// variances nor equal sizes; MannWhitney compares ranks. The results name their groups.
// Fewer than two groups, or a pair that the test refuses, is an error.
func Pairwise(names []string, test func(x, y []float64) (Result, error), groups ...[]float64) ([]Result, error) {
	if len(groups) < 2 || len(names) != len(groups) {
		return nil, fmt.Errorf("hypothesis: Pairwise: %d names of %d groups; want as many, at least 2", len(names), len(groups))
	}
	var out []Result
	for i := range groups {
		for j := i + 1; j < len(groups); j++ {
			r, err := test(groups[i], groups[j])
			if err != nil {
				return nil, fmt.Errorf("hypothesis: Pairwise: %s and %s: %w", names[i], names[j], err)
			}
			r.Groups = []string{names[i], names[j]}
			out = append(out, r)
		}
	}
	return Holm(out), nil
}
