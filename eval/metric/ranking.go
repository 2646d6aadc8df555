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

// slots says for each row where its weight is added: block b of the class's own
// rows is place b, of the others place b + the number of blocks.
func (r ranking) slots() []int32 {
	blocks := int32(len(r.scores))
	out := make([]int32, len(r.rows))
	for b := range blocks {
		for i := r.blocks[b]; i < r.blocks[b+1]; i++ {
			out[r.rows[i]] = b
			if !r.hit[i] {
				out[r.rows[i]] += blocks
			}
		}
	}
	return out
}

// sums adds up the weights of an outcome's rows by slot.
func (r ranking) sums(o Outcome) []float64 {
	sums := make([]float64, 2*len(r.scores))
	for i, slot := range r.slots() {
		sums[slot] += o.weight(i)
	}
	return sums
}

// halves are the weights by block of the class's own rows and of the others.
func (r ranking) halves(sums []float64) (hits, rest []float64) {
	blocks := len(r.scores)
	return sums[:blocks], sums[blocks : 2*blocks]
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
		all := rankings(o)
		return meanOf(all, f, func(r int) []float64 { return all[r].sums(o) })
	}
	m.Interval = func(o Outcome, level float64) (low, high float64) {
		if !o.check(m.Name) || o.Weights != nil {
			return math.NaN(), math.NaN()
		}
		return bootstrapRows(o, level, rankings(o), f)
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

// meanOf is the mean of f over the rankings for which it is defined, given the
// sums of each.
func meanOf(all []ranking, f func(hits, rest []float64) float64, sums func(r int) []float64) float64 {
	total, n := 0.0, 0
	for r := range all {
		if v := f(all[r].halves(sums(r))); !math.IsNaN(v) {
			total += v
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return total / float64(n)
}
