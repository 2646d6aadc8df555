package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// ChiSquare tests whether two categorical variables are independent, given row by
// row; "" is missing and dropped with a warning. See ChiSquareOf.
func ChiSquare(a, b []string) (Result, error) {
	c, err := Crosstab(a, b)
	if err != nil {
		return Result{}, err
	}
	return ChiSquareOf(c)
}

// ChiSquareOf tests independence in a table of counts: Pearson's chi2 with
// (r-1)(c-1) degrees of freedom and no continuity correction (scipy's default has
// one for 2 x 2). Effect: Cramér's V = √(chi2/(n·(min(r,c)-1))) in [0, 1]; its
// interval is that of the noncentral chi-square [1] for the V of the population.
// V of a sample is biased upwards, so that it can lie above its own interval where
// there are many cells and few rows; Extra has the bias-corrected V [2].
//
// Warnings name the share of expected counts below 5 (Cochran 1954 allows a fifth,
// and none below 1). Fewer than 2 x 2 levels, or a level without rows, is an error.
//
// [1] Smithson (2003), Confidence Intervals, p. 39. [2] Bergsma (2013), J. Korean
// Stat. Soc. 42, 323-328.
func ChiSquareOf(c Contingency) (Result, error) {
	r := blank("chi-square of independence", "the two variables are independent")
	if err := c.check("ChiSquare"); err != nil {
		return Result{}, err
	}
	rows, cols, n := c.margins()
	x2, small, least := 0.0, 0, math.Inf(1)
	for i := range c.Count {
		for j, k := range c.Count[i] {
			e := rows[i] * cols[j] / n
			d := float64(k) - e
			x2 += d * d / e
			least = min(least, e)
			if e < 5 {
				small++
			}
		}
	}
	nr, nc := float64(len(rows)), float64(len(cols))
	r.N = []int{int(n)}
	r.DF = (nr - 1) * (nc - 1)
	r.StatisticName, r.Statistic = "chi2", x2
	r.setTail(num.ChiSquareTail(x2, r.DF))
	scale := n * (min(nr, nc) - 1)
	r.EffectName, r.Effect, r.EffectNull = "Cramer's V", math.Sqrt(x2/scale), 0
	lo, hi := noncentral(x2, DefaultLevel, func(l float64) float64 { return num.NoncentralChiSquareCDF(x2, r.DF, l) })
	r.EffectLow, r.EffectHigh, r.Level = math.Sqrt(lo/scale), min(1, math.Sqrt(hi/scale)), DefaultLevel
	r.IntervalMethod = "noncentral chi-square (Smithson 2003)"
	r.Extra = []Number{{Name: "V bias-corrected", Value: bergsma(x2, n, nr, nc)}}
	if c.Dropped > 0 {
		r.warn("%d rows with a missing level were dropped", c.Dropped)
	}
	if cells := len(rows) * len(cols); float64(small) > 0.2*float64(cells) || least < 1 {
		r.warn("%d of %d cells expect fewer than 5 rows (least %.2g): p is approximate", small, cells, least)
	}
	if r.Effect > r.EffectHigh || r.Effect < r.EffectLow {
		r.warn("V lies outside its interval: with so many cells for so few rows it is mostly bias")
	}
	r.says = chiSays{}
	return r, nil
}

func bergsma(x2, n, nr, nc float64) float64 {
	phi2 := max(0, x2/n-(nr-1)*(nc-1)/(n-1))
	r := nr - (nr-1)*(nr-1)/(n-1)
	c := nc - (nc-1)*(nc-1)/(n-1)
	return math.Sqrt(phi2 / (min(r, c) - 1))
}

type chiSays struct{}

func (chiSays) sentence(r Result) string {
	what := r.subject() + " and the class"
	if len(r.Groups) == 2 {
		what = r.Groups[0] + " and " + r.Groups[1]
	}
	return fmt.Sprintf("The association of %s is %s (Cramer's V %s; %s %s, df %s, %s), which is %s.",
		what, strength(r.Effect), r.effectText(), r.StatisticName, fmt.Sprintf("%.8g", r.Statistic), sig(r.DF), r.pText(), r.verdict())
}

// strength puts V into Cohen's words (1988, p. 227, for a table with two columns).
func strength(v float64) string {
	switch {
	case v < 0.1:
		return "negligible"
	case v < 0.3:
		return "small"
	case v < 0.5:
		return "medium"
	}
	return "large"
}
