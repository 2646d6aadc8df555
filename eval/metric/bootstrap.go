package metric

import (
	"math"
	"math/rand/v2"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// Resamples of the two bootstraps. The ends of a 95 % percentile interval of 1000
// resamples rest on the 25 outermost ones, of 200 on the 5 outermost: the error
// this leaves is some 4 and 10 % of the interval's half width.
const (
	cellResamples = 1000
	rowResamples  = 200
)

// bootstrapCells is a percentile interval of a function of a confusion matrix.
//
// Rows are drawn with replacement within each true class (stratified, so that no
// resample lacks a class); all that f sees of a resample is its counts, which are
// multinomial, so they are drawn as such and the cost does not grow with the
// rows. The seed is fixed: an interval is a function of its data. Where no row of
// any class is predicted wrong, nor can be in a resample, and the interval has no
// width; Wilson's does better there.
//
// Efron, Tibshirani (1993), An Introduction to the Bootstrap, ch. 13.
func bootstrapCells(c cells, level float64, f func(c cells) float64) (low, high float64) {
	g := rng.New(0).At("metric").At("cells").Rand()
	again := cells{c.k, make([]float64, len(c.w))}
	values := make([]float64, cellResamples)
	for r := range values {
		for t := range c.k {
			multinomial(g, c.w[t*c.k:(t+1)*c.k], again.w[t*c.k:(t+1)*c.k])
		}
		values[r] = f(again)
	}
	return percentiles(values, level)
}

// multinomial fills out with as many draws as counts sum to, in its proportions,
// one binomial a cell.
func multinomial(g *rand.Rand, counts, out []float64) {
	left, weight := 0.0, 0.0
	for _, c := range counts {
		left += c
	}
	weight = left
	for i, c := range counts {
		if left == 0 {
			out[i] = 0
			continue
		}
		v := float64(binomial(g, int(left), c/weight))
		out[i] = v
		left -= v
		weight -= c
	}
}

// bootstrapRows is a percentile interval of the mean of f over rankings of the
// same rows, drawn again within each true class. Time O(resamples × n × rankings).
func bootstrapRows(o Outcome, level float64, all []ranking, f func(hits, rest []float64) float64) (low, high float64) {
	n := len(o.Truth)
	strata := make([][]int32, len(o.Classes))
	for i, t := range o.Truth {
		strata[t] = append(strata[t], int32(i))
	}
	slots := make([][]int32, len(all)) // by ranking and row: where its draws are added up
	widest := 0
	for r := range all {
		slots[r] = all[r].slots()
		widest = max(widest, 2*len(all[r].scores))
	}
	seed := rng.New(0).At("metric").At("rows")
	values := make([]float64, rowResamples)
	par.Blocks(rowResamples, 10, func(_, lo, hi int) {
		times, sums := make([]float64, n), make([]float64, widest)
		for b := lo; b < hi; b++ {
			g := seed.Index("resample", b).Rand()
			clear(times)
			for _, rows := range strata {
				for range rows {
					times[rows[g.Uint32N(uint32(len(rows)))]]++
				}
			}
			values[b] = meanOf(all, f, func(r int) []float64 {
				clear(sums)
				for i, slot := range slots[r] {
					sums[slot] += times[i]
				}
				return sums
			})
		}
	})
	return percentiles(values, level)
}

// percentiles cuts (1-level)/2 off either side. Undefined values are left out; if
// they are more than half the interval is NaN.
func percentiles(values []float64, level float64) (low, high float64) {
	defined := slices.DeleteFunc(values, math.IsNaN)
	if 2*len(defined) < len(values) {
		return math.NaN(), math.NaN()
	}
	slices.Sort(defined)
	return num.Quantile(defined, (1-level)/2), num.Quantile(defined, (1+level)/2)
}
