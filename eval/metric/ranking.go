package metric

import (
	"math"
	"slices"
)

// ranking is the rows of an outcome sorted by the score of one class, best first,
// with equal scores in one block.
type ranking struct {
	rows   []int32 // row numbers, best score first, ties by row
	blocks []int32 // block b is rows[blocks[b]:blocks[b+1]]
	hit    []bool  // for each place: is the row of the class?
	scores []float64
}

func rank(o Outcome, class int) ranking {
	type entry struct {
		score float64
		row   int32
	}
	k, n := len(o.Classes), len(o.Truth)
	sorted := make([]entry, n)
	for i := range sorted {
		sorted[i] = entry{o.P[i*k+class], int32(i)}
	}
	slices.SortFunc(sorted, func(a, b entry) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return int(a.row - b.row)
	})
	r := ranking{rows: make([]int32, n), hit: make([]bool, n)}
	for i, e := range sorted {
		if i == 0 || e.score != sorted[i-1].score {
			r.blocks = append(r.blocks, int32(i))
			r.scores = append(r.scores, e.score)
		}
		r.rows[i] = e.row
		r.hit[i] = o.Truth[e.row] == class
	}
	r.blocks = append(r.blocks, int32(n))
	return r
}

// sums returns the weight of the class's rows and of the others in each block.
func (r ranking) sums(weight func(row int32) float64) (hits, rest []float64) {
	nb := len(r.scores)
	both := make([]float64, 2*nb)
	hits, rest = both[:nb], both[nb:]
	for b := range hits {
		for i := r.blocks[b]; i < r.blocks[b+1]; i++ {
			if r.hit[i] {
				hits[b] += weight(r.rows[i])
			} else {
				rest[b] += weight(r.rows[i])
			}
		}
	}
	return hits, rest
}

// overRanking completes a metric of the order that the scores of a class give the
// rows: f is given the weights of that class and of the others by block of equal
// scores, best first. Without a positive class it is the mean of f over the
// classes for which it is defined. Its interval is a bootstrap over rows.
func overRanking(m Metric, f func(hits, rest []float64) float64) Metric {
	m.Of = func(o Outcome) float64 {
		if !o.check(m.Name) {
			return math.NaN()
		}
		return meanOf(rankings(o), f, func(row int32) float64 { return o.weight(int(row)) })
	}
	m.Interval = func(o Outcome, level float64) (low, high float64) {
		if !o.check(m.Name) || o.Weights != nil {
			return math.NaN(), math.NaN()
		}
		all := rankings(o)
		return bootstrapRows(o, level, func(times []int32) float64 {
			return meanOf(all, f, func(row int32) float64 { return float64(times[row]) })
		})
	}
	return m
}

// rankings ranks by the positive class, or by each class in turn.
func rankings(o Outcome) []ranking {
	if o.Positive >= 0 {
		return []ranking{rank(o, o.Positive)}
	}
	out := make([]ranking, len(o.Classes))
	for c := range out {
		out[c] = rank(o, c)
	}
	return out
}

func meanOf(all []ranking, f func(hits, rest []float64) float64, weight func(row int32) float64) float64 {
	sum, n := 0.0, 0
	for _, r := range all {
		if v := f(r.sums(weight)); !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}
