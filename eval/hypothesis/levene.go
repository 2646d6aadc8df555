package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// Levene tests whether several groups have the same variance: an ANOVA of the distances
// |v - mean of the group| [1]. BrownForsythe takes the group's median, which stands
// skewed groups better [2]. Statistic F with k-1 and n-k degrees of freedom. Effect: η² of
// the distances, as in ANOVA. Extra: the largest standard deviation over the smallest.
//
// NaN are dropped with a warning. Errors are those of ANOVA.
//
// [1] Levene (1960). [2] Brown, Forsythe (1974), JASA 69, 364-367.
func Levene(groups ...[]float64) (Result, error) { return spread("Levene", num.Mean, groups) }

// BrownForsythe is Levene's test around medians.
func BrownForsythe(groups ...[]float64) (Result, error) {
	return spread("Brown-Forsythe", num.Median, groups)
}

func spread(name string, centre func([]float64) float64, groups [][]float64) (Result, error) {
	var given Result
	groups, err := given.several(name, 2, groups)
	if err == nil {
		err = squarable(name, groups...)
	}
	if err != nil {
		return Result{}, err
	}
	off := make([][]float64, len(groups))
	low, high := math.Inf(1), 0.0
	for i, g := range groups {
		c := centre(g)
		off[i] = make([]float64, len(g))
		for k, v := range g {
			off[i][k] = math.Abs(v - c)
		}
		sd := num.StdDev(g)
		low, high = min(low, sd), max(high, sd)
	}
	r, err := ANOVA(off...)
	if err != nil {
		return Result{}, fmt.Errorf("hypothesis: %s: of the distances: %w", name, err)
	}
	r.Test, r.Null = name, "all groups have the same variance"
	r.Extra = []Number{{Name: "largest sd over smallest", Value: high / low}}
	r.Warnings = given.Warnings // that distances vary unequally is what is asked
	r.says = leveneSays{}
	return r, nil
}

type leveneSays struct{}

func (leveneSays) sentence(r Result) string {
	return fmt.Sprintf("the standard deviation of %s is up to %s times as large in one of %d groups as in another (F %s, df %s and %s, %s), which is %s.",
		r.subject(), sig(r.Get("largest sd over smallest")), len(r.N), sig(r.Statistic), sig(r.DF), sig(r.DF2), r.pText(), r.verdict())
}
