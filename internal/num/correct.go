package num

import (
	"cmp"
	"math"
	"slices"
)

// Holm corrects p-values by Holm's step-down method (1979): the chance of one or
// more false alarms among all of them stays below the level, however they depend on
// each other. A NaN stays NaN and counts for nothing. Time O(n log n).
func Holm(tails []Tail) []Tail {
	out := slices.Clone(tails)
	order := ascending(tails)
	var worst Tail
	for k, i := range order {
		t := tails[i].Times(float64(len(order) - k))
		if k == 0 || t.Log10 > worst.Log10 {
			worst = t
		}
		out[i] = worst
	}
	return out
}

// BenjaminiHochberg corrects p-values by the step-up method of Benjamini and
// Hochberg (1995): the expected share of false alarms among the rejected stays below
// the level, for independent or positively dependent tests. NaN as in Holm.
func BenjaminiHochberg(tails []Tail) []Tail {
	out := slices.Clone(tails)
	order := ascending(tails)
	best := Tail{P: 1}
	for k := len(order) - 1; k >= 0; k-- {
		t := tails[order[k]].Times(float64(len(order)) / float64(k+1))
		if t.Log10 < best.Log10 {
			best = t
		}
		out[order[k]] = best
	}
	return out
}

// ascending is the order of the tails that are numbers, by logarithm: that is
// right also where p has underflowed.
func ascending(tails []Tail) []int {
	var order []int
	for i, t := range tails {
		if !math.IsNaN(t.P) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tails[a].Log10, tails[b].Log10) })
	return order
}
