package cluster

import "math"

// Reconstruction is what is lost when each row is replaced by the center of its
// cluster.
type Reconstruction struct {
	PerRow    float64 // mean squared distance to the center, at least 0
	Explained float64 // share of the variance that centers explain, at most 1; NaN where all rows are equal
}

// Reconstruct measures the rows against centers, one for each label 0 … k-1, or
// against the means of the clusters where centers is nil; then Explained is at least
// 0. Rows of noise (label below 0) are left out; both numbers are NaN where nothing
// is left. It panics unless there is a label a row and a center a label. Time O(n p).
func Reconstruct(x Matrix, labels []int, centers [][]float64) Reconstruction {
	p := newPartition(x, labels)
	if p.n == 0 {
		return Reconstruction{math.NaN(), math.NaN()}
	}
	mean, total, within := p.mean(), 0.0, 0.0
	for i, c := range p.own {
		if c < 0 {
			continue
		}
		center := p.center.Row(c)
		if centers != nil {
			center = centers[labels[i]]
		}
		within += distance2(x.Row(i), center)
		total += distance2(x.Row(i), mean)
	}
	r := Reconstruction{PerRow: within / p.n, Explained: 1 - within/total}
	if total == 0 {
		r.Explained = math.NaN()
	}
	return r
}
