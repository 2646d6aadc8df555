package cluster

import "math"

// DaviesBouldin returns the mean over clusters of the worst ratio of two clusters'
// spread (mean distances to their centers, added) to the distance of their centers
// [1]; at least 0, lower is better. Two clusters with one center do not count
// against each other, as in scikit-learn. Rows of noise (label below 0) are left
// out. NaN for fewer than two clusters; panics unless there is a label a row.
//
// [1] Davies, Bouldin (1979), IEEE TPAMI 1(2), 224-227.
func DaviesBouldin(x Matrix, labels []int) float64 {
	x.check(labels)
	own, k := renumber(labels)
	if k < 2 {
		return math.NaN()
	}
	center := Matrix{make([]float64, k*x.P), x.P}
	size, spread := make([]float64, k), make([]float64, k)
	for i, c := range own {
		if c < 0 {
			continue
		}
		size[c]++
		row := center.Row(c)
		for j, v := range x.Row(i) {
			row[j] += v
		}
	}
	for c := range k {
		row := center.Row(c)
		for j := range row {
			row[j] /= size[c]
		}
	}
	for i, c := range own {
		if c >= 0 {
			spread[c] += math.Sqrt(distance2(x.Row(i), center.Row(c)))
		}
	}
	total := 0.0
	for c := range k {
		worst := 0.0
		for d := range k {
			if c == d {
				continue
			}
			if apart := math.Sqrt(distance2(center.Row(c), center.Row(d))); apart > 0 {
				worst = max(worst, (spread[c]/size[c]+spread[d]/size[d])/apart)
			}
		}
		total += worst
	}
	return total / float64(k)
}
