package decompose

import (
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/models/cluster"
)

// Trustworthiness returns how far the k nearest neighbours of each row on a map y are
// neighbours in the data x [1]: 1 if all are among the k nearest there, less the farther
// down the order of distances they stand, 0 at worst:
//
//	1 - 2 / (n k (2n - 3k - 1)) Σ_i Σ_j max(0, rank of j from i in x - k)    j the k nearest of i in y
//
// Distances are Euclidean; of rows at one distance the lower comes first. Exchange x and
// y for continuity, which asks what the map has torn. NaN unless 1 ≤ k < n/2; panics
// unless x and y have a row for each other. Time O(n² (p + k)), space O(n).
//
// [1] Venna, Kaski (2001), ICANN, LNCS 2130, 485-491.
func Trustworthiness(x, y cluster.Matrix, k int) float64 {
	n := x.Len()
	if y.Len() != n {
		panic(fmt.Sprintf("decompose: trustworthiness of %d rows on a map of %d", n, y.Len()))
	}
	if k < 1 || 2*k >= n {
		return math.NaN()
	}
	const block = 16
	part := make([]int, par.Count(n, block)) // whole numbers: any order of adding is the same
	par.Blocks(n, block, func(b, lo, hi int) {
		to, held := make([]float64, n), make([]int, 0, k)
		for i := lo; i < hi; i++ {
			held = closest(y, i, k, held[:0])
			for j := range to {
				to[j] = x.Squared(i, j)
			}
			for _, j := range held {
				part[b] += max(0, rank(to, i, j)-k)
			}
		}
	})
	excess := 0
	for _, v := range part {
		excess += v
	}
	return 1 - float64(excess)*2/(float64(n)*float64(k)*float64(2*n-3*k-1))
}

// closest appends to held the k other rows nearest to row i, the lower row of a tie.
func closest(y cluster.Matrix, i, k int, held []int) []int {
	worst := math.Inf(1)
	for j := range y.Len() {
		d := y.Squared(i, j)
		if j == i || len(held) == k && d >= worst {
			continue
		}
		if len(held) < k {
			held = append(held, j)
		}
		at := len(held) - 1
		for ; at > 0 && y.Squared(i, held[at-1]) > d; at-- {
			held[at] = held[at-1]
		}
		held[at] = j
		worst = y.Squared(i, held[len(held)-1])
	}
	return held
}

// rank is the place of row j, 1 the nearest, among the others in the order of their
// distances to row i.
func rank(to []float64, i, j int) int {
	r := 1
	for l, d := range to {
		if l != i && l != j && (d < to[j] || d == to[j] && l < j) {
			r++
		}
	}
	return r
}
