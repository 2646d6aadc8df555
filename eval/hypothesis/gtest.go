package hypothesis

import (
	"math"

	"flowbook/internal/num"
)

// GTest is ChiSquare by the likelihood ratio: G = 2 Σ O log(O/E), the same degrees of
// freedom [1]. The effect stays Cramér's V with its interval, so that the two tests
// can stand side by side.
//
// [1] Sokal, Rohlf (1995), Biometry, 3rd ed., ch. 17.
func GTest(a, b []string) (Result, error) {
	c, err := Crosstab(a, b)
	if err != nil {
		return Result{}, err
	}
	return GTestOf(c)
}

// GTestOf is GTest of a table of counts.
func GTestOf(c Contingency) (Result, error) {
	r, err := ChiSquareOf(c)
	if err != nil {
		return Result{}, err
	}
	rows, cols, n := c.margins()
	g := 0.0
	for i, line := range c.Count {
		for j, k := range line {
			if k > 0 {
				g += float64(k) * math.Log(float64(k)*n/(rows[i]*cols[j]))
			}
		}
	}
	r.Test, r.StatisticName, r.Statistic = "G test of independence", "G", max(0, 2*g)
	r.setTail(num.ChiSquareTail(r.Statistic, r.DF))
	return r, nil
}
