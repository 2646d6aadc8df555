package hypothesis

import (
	"slices"

	"flowbook/internal/num"
)

// Holm returns the results with PCorrected by Holm's step-down method (1979): the
// chance of one or more false alarms among all of them stays below the level,
// however they depend on each other. Results whose p is NaN count for nothing.
func Holm(results []Result) []Result { return correct(results, "Holm", num.Holm) }

// BenjaminiHochberg returns the results with PCorrected by the step-up method of
// Benjamini and Hochberg (1995): the expected share of false alarms among the
// rejected stays below the level, for independent or positively dependent tests.
func BenjaminiHochberg(results []Result) []Result {
	return correct(results, "Benjamini-Hochberg", num.BenjaminiHochberg)
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
