package cluster

import "math"

// DaviesBouldin returns the mean over clusters of the worst ratio of two clusters'
// spread (mean distances to their centers, added) to the distance of their centers
// [1]; at least 0, lower is better. Two clusters with one center do not count
// against each other, as in scikit-learn. Rows of noise (label below 0) are left
// out. NaN for fewer than two clusters; panics unless there is a label a row. Time
// O(n p + k² p).
//
// [1] Davies, Bouldin (1979), IEEE TPAMI 1(2), 224-227.
func DaviesBouldin(x Matrix, labels []int) float64 {
	p := newPartition(x, labels)
	if p.k < 2 {
		return math.NaN()
	}
	spread := make([]float64, p.k)
	for i, c := range p.own {
		if c >= 0 {
			spread[c] += math.Sqrt(distance2(x.Row(i), p.center.Row(c)))
		}
	}
	total := 0.0
	for c := range p.k {
		worst := 0.0
		for d := range p.k {
			if c == d {
				continue
			}
			if apart := math.Sqrt(distance2(p.center.Row(c), p.center.Row(d))); apart > 0 {
				worst = max(worst, (spread[c]/p.size[c]+spread[d]/p.size[d])/apart)
			}
		}
		total += worst
	}
	return total / float64(p.k)
}
