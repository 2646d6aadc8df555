package cluster

import (
	"context"
	"math"
	"slices"

	"flowbook/internal/rng"
)

// Silhouette returns the mean silhouette width [1] of the rows, in [-1, 1], higher
// is better: (b-a)/max(a, b) with a the mean distance to the rest of the row's
// cluster and b the least mean distance to another cluster. A row alone in its
// cluster counts 0; rows of noise (label below 0) are left out.
//
// Above limit rows (0 means no limit) it is that of so many rows drawn without
// replacement by the seed, among themselves. It is NaN for fewer than two clusters
// and panics unless there is a label a row. Cost as for Widths.
//
// [1] Rousseeuw (1987), J. Comput. Appl. Math. 20, 53-65.
func Silhouette(x Matrix, labels []int, limit int, seed rng.Seed) float64 {
	s, _ := Widths(context.Background(), x, labels, limit, seed) // only a done context fails
	return s.Mean()
}

// Silhouettes are the silhouette widths of rows, as Widths returns them.
type Silhouettes struct {
	Rows   []int     // the rows used, ascending
	Labels []int     // of those rows, as given
	Widths []float64 // of those rows, in [-1, 1]; NaN where there are fewer than two clusters
}

// Widths returns the silhouette width of each row that Silhouette uses. It stops
// with the context's error soon after that is done.
//
// Equal rows of a cluster are worked out once. A pair of rows is looked at once,
// for both, and costs as many multiplications as one of them has numbers that
// differ from their column's common value: 20,000 connections of NSL-KDD, one-hot,
// differ in some 15 of 122. Time O(m² p / 2) at most, m the rows used; space
// O(m (p + min(k, 64))), never m².
func Widths(ctx context.Context, x Matrix, labels []int, limit int, seed rng.Seed) (Silhouettes, error) {
	x.check(labels)
	used := sample(labels, limit, seed)
	s := Silhouettes{Rows: used, Labels: make([]int, len(used)), Widths: make([]float64, len(used))}
	for i, r := range used {
		s.Labels[i] = labels[r]
	}
	own, k := renumber(s.Labels)
	if k < 2 {
		for i := range s.Widths {
			s.Widths[i] = math.NaN()
		}
		return s, ctx.Err()
	}
	p := newPairs(x, used, own, k)
	if err := p.run(ctx); err != nil {
		return Silhouettes{}, err
	}
	for i, d := range p.place {
		s.Widths[i] = p.width(d)
	}
	return s, nil
}

// sample returns the rows that are not noise, at most limit of them, ascending.
func sample(labels []int, limit int, seed rng.Seed) []int {
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
	return used
}

// Mean is the mean width, NaN for no rows and for fewer than two clusters.
func (s Silhouettes) Mean() float64 {
	total := 0.0
	for _, w := range s.Widths {
		total += w
	}
	return total / float64(len(s.Widths))
}

// Clusters returns the widths by cluster, the labels in rising order, for a
// silhouette plot.
func (s Silhouettes) Clusters() (labels []int, widths [][]float64) {
	labels = slices.Compact(slices.Sorted(slices.Values(s.Labels)))
	widths = make([][]float64, len(labels))
	for i, w := range s.Widths {
		c, _ := slices.BinarySearch(labels, s.Labels[i])
		widths[c] = append(widths[c], w)
	}
	return labels, widths
}
