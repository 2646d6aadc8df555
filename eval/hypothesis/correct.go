package hypothesis

import (
	"cmp"
	"math"
	"slices"

	"flowbook/internal/num"
)

// Holm returns the results with PCorrected by Holm's step-down method (1979): the
// chance of one or more false alarms among all of them stays below the level,
// however they depend on each other. Results whose p is NaN count for nothing.
func Holm(results []Result) []Result { return correct(results, "Holm", holm) }

// BenjaminiHochberg returns the results with PCorrected by the step-up method of
// Benjamini and Hochberg (1995): the expected share of false alarms among the
// rejected stays below the level, for independent or positively dependent tests.
func BenjaminiHochberg(results []Result) []Result {
	return correct(results, "Benjamini-Hochberg", benjaminiHochberg)
}

func correct(results []Result, name string, by func([]num.Tail) []num.Tail) []Result {
	tails := make([]num.Tail, len(results))
	for i, r := range results {
		tails[i] = num.Tail{P: r.P, Log10: r.Log10P}
	}
	out := slices.Clone(results)
	for i, t := range by(tails) {
		out[i].PCorrected, out[i].Log10PCorrected, out[i].Correction = t.P, t.Log10, name
	}
	return out
}

// ascending is the order of the tails that are numbers, by logarithm: that is
// right also where p has underflowed.
func ascending(tails []num.Tail) []int {
	var order []int
	for i, t := range tails {
		if !math.IsNaN(t.P) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tails[a].Log10, tails[b].Log10) })
	return order
}

func holm(tails []num.Tail) []num.Tail {
	out := slices.Clone(tails)
	order := ascending(tails)
	var worst num.Tail
	for k, i := range order {
		t := tails[i].Times(float64(len(order) - k))
		if k == 0 || t.Log10 > worst.Log10 {
			worst = t
		}
		out[i] = worst
	}
	return out
}

func benjaminiHochberg(tails []num.Tail) []num.Tail {
	out := slices.Clone(tails)
	order := ascending(tails)
	best := num.Tail{P: 1}
	for k := len(order) - 1; k >= 0; k-- {
		t := tails[order[k]].Times(float64(len(order)) / float64(k+1))
		if t.Log10 < best.Log10 {
			best = t
		}
		out[order[k]] = best
	}
	return out
}
