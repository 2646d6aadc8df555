package cluster

import "math"

// CalinskiHarabasz returns the variance ratio [1] of a clustering: the spread of the
// centers about the mean of all rows over that of the rows about their centers, each
// divided by its degrees of freedom, k-1 and n-k. At least 0, higher is better. It is
// 1 where all rows are at their centers, as in scikit-learn. Rows of noise (label
// below 0) are left out. NaN for fewer than two clusters and where each row is one;
// panics unless there is a label a row. Time O(n p).
//
// [1] Caliński, Harabasz (1974), Commun. Stat. 3(1), 1-27.
func CalinskiHarabasz(x Matrix, labels []int) float64 {
	p := newPartition(x, labels)
	k := float64(p.k)
	if p.k < 2 || p.n == k {
		return math.NaN()
	}
	mean, between := p.mean(), 0.0
	for c, n := range p.size {
		between += float64(n * distance2(p.center.Row(c), mean))
	}
	within := p.within(x)
	if within == 0 {
		return 1
	}
	return between * (p.n - k) / (within * (k - 1))
}
