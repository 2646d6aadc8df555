package hypothesis

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// Permutation tests whether two groups have the same distribution by dealing their
// values anew: how often is a statistic as extreme then? It assumes that values could
// change places under the null hypothesis (independent, or whole units: not rows of one
// attack), and nothing else. All ways of dealing are tried where there are no more of
// them than Draws; otherwise so many are drawn, and p = (1 + extreme)/(1 + draws), which
// is never 0 [1].
//
// [1] Phipson, Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, 39.
type Permutation struct {
	Of          func(x, y []float64) float64 // the statistic, which must not change its input; nil means the difference of means
	Name        string                       // its name; "" means "mean difference"
	Alternative Alternative                  // TwoSided counts |statistic|
	Draws       int                          // 0 means 9999
	Seed        rng.Seed
}

// Test deals. The statistic stands in Statistic; there is no effect size. NaN are dropped
// with a warning; an empty group, an infinite value, or a statistic that is NaN of the
// groups as they are is an error. A deal of which it is NaN counts as extreme. Draws are
// cut into blocks with seeds of their own: the same p at any number of cores. Time
// O(Draws · rows).
func (o Permutation) Test(x, y []float64) (Result, error) {
	if o.Draws == 0 {
		o.Draws = 9999
	}
	if o.Draws < 1 || o.Alternative > Less {
		return Result{}, fmt.Errorf("hypothesis: Permutation: Draws is %d, Alternative %d; want at least 1 draw, and TwoSided, Greater or Less", o.Draws, o.Alternative)
	}
	meanDifference := o.Of == nil
	if meanDifference {
		o.Of, o.Name = func(x, y []float64) float64 { return num.Mean(x) - num.Mean(y) }, "mean difference"
	}
	r := blank("permutation", "the values could change groups")
	x, y, err := r.pair("Permutation", x, y, 1)
	if err != nil {
		return Result{}, err
	}
	all := append(append([]float64{}, x...), y...)
	seen := o.Of(x, y)
	if math.IsNaN(seen) {
		return Result{}, fmt.Errorf("hypothesis: Permutation: the statistic of the groups as they are is NaN; want a number")
	}
	limit := o.extremity(seen)
	limit -= 1e-12 * math.Abs(limit) // the same groups, added up in another order
	if meanDifference {              // of large values close together rounding weighs more
		limit -= 1e-15 * max(math.Abs(slices.Max(all)), math.Abs(slices.Min(all)))
	}
	extreme := func(v float64) bool { return !(o.extremity(v) < limit) }
	ways := math.Exp(lchoose(float64(len(all)), float64(len(x))))
	if ways <= float64(o.Draws)+0.5 {
		as, tried := 0, 0
		deals(len(all), len(x), func(first []bool) {
			tried++
			if extreme(o.Of(dealt(all, first))) {
				as++
			}
		})
		r.Extra = []Number{{Name: "ways of dealing", Value: float64(tried)}}
		p := float64(as) / float64(tried)
		r.setTail(num.Tail{P: p, Log10: math.Log10(p)})
	} else {
		const block = 256
		counts := make([]int, par.Count(o.Draws, block))
		par.Blocks(o.Draws, block, func(b, lo, hi int) {
			g, mine := o.Seed.Index("permutation", b).Rand(), append([]float64{}, all...)
			for range hi - lo {
				for i := range min(len(x), len(mine)-1) {
					j := i + g.IntN(len(mine)-i)
					mine[i], mine[j] = mine[j], mine[i]
				}
				if extreme(o.Of(mine[:len(x)], mine[len(x):])) {
					counts[b]++
				}
			}
		})
		as := 1
		for _, c := range counts {
			as += c
		}
		r.Extra = []Number{{Name: "draws", Value: float64(o.Draws)}}
		p := float64(as) / float64(o.Draws+1)
		r.setTail(num.Tail{P: p, Log10: math.Log10(p)})
	}
	if ways < 40 {
		r.warn("there are %.0f ways of dealing %d and %d values: p is at least %.2g", ways, len(x), len(y), 1/ways)
	}
	r.StatisticName, r.Statistic = o.Name, seen
	if r.StatisticName == "" {
		r.StatisticName = "statistic"
	}
	r.says = permutationSays{}
	return r, nil
}

func (o Permutation) extremity(v float64) float64 {
	switch o.Alternative {
	case Greater:
		return v
	case Less:
		return -v
	}
	return math.Abs(v)
}

// deals calls f for every choice of k of n places.
func deals(n, k int, f func([]bool)) {
	first := make([]bool, n)
	var choose func(from, left int)
	choose = func(from, left int) {
		if left == 0 {
			f(first)
			return
		}
		for i := from; i <= n-left; i++ {
			first[i] = true
			choose(i+1, left-1)
			first[i] = false
		}
	}
	choose(0, k)
}

func dealt(all []float64, first []bool) (x, y []float64) {
	for i, v := range all {
		if first[i] {
			x = append(x, v)
		} else {
			y = append(y, v)
		}
	}
	return x, y
}

type permutationSays struct{}

func (permutationSays) sentence(r Result) string {
	return fmt.Sprintf("the %s of %s between %s and %s is %s (permutation test, %s), which is %s.",
		r.StatisticName, r.subject(), r.group(0), r.group(1), sig(r.Statistic), r.pText(), r.verdict())
}
