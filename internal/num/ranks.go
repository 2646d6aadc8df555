package num

import (
	"cmp"
	"math"
	"slices"
)

// Ranks returns the ranks of x from 1, ties sharing their mean rank, and the tie
// term Σ(t³-t) over groups of t equal values. x must have no NaN. Time O(n log n).
func Ranks(x []float64) (ranks []float64, ties float64) {
	type at struct {
		v float64
		i int
	}
	order := make([]at, len(x))
	for i, v := range x {
		order[i] = at{v, i}
	}
	slices.SortFunc(order, func(a, b at) int { return cmp.Compare(a.v, b.v) })
	ranks = make([]float64, len(x))
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && order[hi].v == order[lo].v {
			hi++
		}
		for _, o := range order[lo:hi] {
			ranks[o.i] = float64(lo+hi+1) / 2
		}
		t := float64(hi - lo)
		ties += t*t*t - t
		lo = hi
	}
	return ranks, ties
}

// Pearson returns the correlation of x and y, in [-1, 1]. It is NaN for fewer than
// two pairs and where one of them is constant. It panics if the lengths differ.
func Pearson(x, y []float64) float64 {
	if len(x) != len(y) {
		panic("num: Pearson of slices of different length")
	}
	mx, my := Mean(x), Mean(y)
	var sxx, syy, sxy float64
	for i := range x {
		a, b := x[i]-mx, y[i]-my
		sxx += float64(a * a)
		syy += float64(b * b)
		sxy += float64(a * b)
	}
	if len(x) < 2 || sxx == 0 || syy == 0 {
		return math.NaN()
	}
	return max(-1, min(1, sxy/math.Sqrt(sxx)/math.Sqrt(syy)))
}

// Spearman returns Pearson's correlation of the ranks of x and y; see Ranks.
func Spearman(x, y []float64) float64 {
	rx, _ := Ranks(x)
	ry, _ := Ranks(y)
	return Pearson(rx, ry)
}
