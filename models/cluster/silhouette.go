package cluster

import (
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// Silhouette returns the mean silhouette width [1] of the rows, in [-1, 1], higher
// is better: (b-a)/max(a, b) with a the mean distance to the rest of the row's
// cluster and b the least mean distance to another cluster. A row alone in its
// cluster counts 0; rows of noise (label below 0) are left out.
//
// Above limit rows (0 means no limit) it is that of so many rows drawn without
// replacement by the seed, among themselves. It is NaN for fewer than two clusters
// and panics unless there is a label a row. Time O(m² p), m the rows used.
//
// [1] Rousseeuw (1987), J. Comput. Appl. Math. 20, 53-65.
func Silhouette(x Matrix, labels []int, limit int, seed rng.Seed) float64 {
	x.check(labels)
	used := make([]int, 0, len(labels))
	for i, l := range labels {
		if l >= 0 {
			used = append(used, i)
		}
	}
	if limit > 0 && len(used) > limit {
		g := seed.At("silhouette").Rand()
		for i := range limit {
			j := i + g.IntN(len(used)-i)
			used[i], used[j] = used[j], used[i]
		}
		used = used[:limit]
		slices.Sort(used)
	}
	own := make([]int, len(used))
	part := Matrix{make([]float64, 0, len(used)*x.P), x.P}
	for i, r := range used {
		own[i] = labels[r]
		part.X = append(part.X, x.Row(r)...)
	}
	own, k := renumber(own)
	if k < 2 {
		return math.NaN()
	}
	size := make([]float64, k)
	for _, c := range own {
		size[c]++
	}
	widths := make([]float64, len(used))
	par.Blocks(len(used), 64, func(_, lo, hi int) {
		sum := make([]float64, k)
		for i := lo; i < hi; i++ {
			clear(sum)
			for j, c := range own {
				sum[c] += math.Sqrt(distance2(part.Row(i), part.Row(j)))
			}
			widths[i] = width(sum, size, own[i])
		}
	})
	total := 0.0
	for _, w := range widths {
		total += w
	}
	return total / float64(len(widths))
}

// width is the silhouette of a row of cluster own whose distances to each cluster
// have these sums.
func width(sum, size []float64, own int) float64 {
	if size[own] == 1 {
		return 0
	}
	a, b := sum[own]/(size[own]-1), math.Inf(1)
	for c, s := range sum {
		if c != own {
			b = min(b, s/size[c])
		}
	}
	if a == b { // also where both are 0
		return 0
	}
	return (b - a) / max(a, b)
}
