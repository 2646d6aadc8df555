package hypothesis

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
)

// Wilcoxon is the signed-rank test of pairs (x[i], y[i]): are the differences x-y
// spread evenly around 0 [1]? Statistic: V, the sum of the ranks of |x-y| where x is
// larger. Equal pairs are left out with a warning, as scipy's "wilcox" does. p is exact
// for at most 50 pairs of which none is equal and no two differ by as much; otherwise
// normal with the tie correction and no continuity correction.
//
// Effect: the matched-pairs rank-biserial correlation (V₊ - V₋)/(V₊ + V₋) in [-1, 1]
// [2]; 0 is none. Its interval is Fisher's z of a t interval, with the variance of V as
// a U-statistic of pairs of differences [3, p. 349]; NaN where all differences have one
// sign. (Of normal differences 0.8 sd off, it holds the truth in 91 % of draws of 10, 93 %
// of 20, 95 % of 60; with a normal quantile in 90, 90 and 94 %.) Extra: the median difference.
//
// Pairs with a missing value are dropped with a warning. Different lengths, an infinite
// value, or no pair that differs are errors. Time O(n log n).
//
// [1] Wilcoxon (1945). [2] Kerby (2014), Comprehensive Psychology 3, 11.IT.3.1. [3]
// Lehmann (1975), Nonparametrics.
func Wilcoxon(x, y []float64) (Result, error) {
	r := blank("Wilcoxon signed-rank", "the differences are symmetric around 0")
	all, _, err := r.differences("Wilcoxon", x, y, 1)
	if err != nil {
		return Result{}, err
	}
	d := slices.DeleteFunc(slices.Clone(all), func(v float64) bool { return v == 0 })
	if equal := len(all) - len(d); equal > 0 {
		r.warn("%d pairs are equal and were left out", equal)
	}
	if len(d) == 0 {
		return Result{}, fmt.Errorf("hypothesis: Wilcoxon: no pair differs; want some difference")
	}
	size := make([]float64, len(d))
	for i, v := range d {
		size[i] = math.Abs(v)
	}
	ranks, ties := num.Ranks(size)
	plus := 0.0
	for i, v := range d {
		if v > 0 {
			plus += ranks[i]
		}
	}
	n := float64(len(d))
	total := n * (n + 1) / 2
	r.StatisticName, r.Statistic = "V", plus
	if len(d) <= 50 && ties == 0 && len(d) == len(all) {
		r.setTail(signedRanks(len(d), plus))
	} else {
		sd := math.Sqrt((n*(n+1)*(2*n+1) - ties/2) / 24)
		r.setTail(num.NormalTail(math.Abs(plus-total/2) / sd).Times(2))
	}
	r.EffectName, r.Effect, r.EffectNull, r.Level = "rank-biserial correlation", 2*plus/total-1, 0, DefaultLevel
	if r.Effect > -1 && r.Effect < 1 && len(d) > 2 {
		se := walshError(d)
		half := -num.StudentQuantile((1-DefaultLevel)/2, n-1) * se / (1 - r.Effect*r.Effect)
		r.EffectLow, r.EffectHigh = math.Tanh(math.Atanh(r.Effect)-half), math.Tanh(math.Atanh(r.Effect)+half)
		r.IntervalMethod = "U-statistic variance on Fisher's z"
	}
	r.Extra = []Number{{Name: "median difference", Value: num.Median(all)}}
	if least := math.Pow(2, 1-n); least > 0.05 {
		r.warn("the smallest p that %g differences can give is %.2g: nothing can reach 0.05", n, least)
	}
	r.says = wilcoxonSays{}
	return r, nil
}

// signedRanks is the exact two-sided p of V for n differences: of 2^n sign patterns,
// the share that are as far from the middle.
func signedRanks(n int, v float64) num.Tail {
	top := n * (n + 1) / 2
	p := make([]float64, top+1)
	p[0] = 1
	for k := 1; k <= n; k++ {
		for s := top; s >= 0; s-- {
			p[s] /= 2
			if s >= k {
				p[s] += p[s-k] / 2
			}
		}
	}
	sum := 0.0
	for s := 0; s <= int(min(v, float64(top)-v)); s++ {
		sum += p[s]
	}
	return num.Tail{P: sum, Log10: math.Log10(sum)}.Times(2)
}

// walshError is the standard error of the rank-biserial correlation 2θ-1, θ being the
// chance that the sum of two differences is above 0: 4/n of the variance, over
// differences, of the share of others with which each one's sum is above 0.
func walshError(d []float64) float64 {
	s := num.Sorted(d)
	n := len(s)
	h := make([]float64, n)
	below, upTo := n, n // values below -v, and not above it, as v rises
	for i, v := range s {
		for below > 0 && s[below-1] >= -v {
			below--
		}
		for upTo > 0 && s[upTo-1] > -v {
			upTo--
		}
		above, at := n-upTo, upTo-below // others w with v + w above 0, and at 0, which count half
		h[i] = float64(above) + float64(at)/2
		if v > 0 { // v itself
			h[i]--
		}
		h[i] /= float64(n - 1)
	}
	return 2 * math.Sqrt(4*num.Variance(h)/float64(n))
}

type wilcoxonSays struct{}

func (wilcoxonSays) sentence(r Result) string {
	return fmt.Sprintf("the median difference of %s between %s and %s is %s (rank-biserial correlation %s; V %s, %s), which is %s.",
		r.subject(), r.group(0), r.group(1), sig(r.Get("median difference")), r.effectText(), fmt.Sprintf("%.10g", r.Statistic), r.pText(), r.verdict())
}
