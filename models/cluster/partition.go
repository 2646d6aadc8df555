package cluster

import "slices"

// partition is the rows that are not noise, their clusters and the means of those.
type partition struct {
	own    []int // by row: 0 … k-1, -1 for noise
	k      int
	n      float64 // rows that are not noise
	size   []float64
	center Matrix // of k rows
}

func newPartition(x Matrix, labels []int) partition {
	x.check(labels)
	own, k := renumber(labels)
	p := partition{own: own, k: k, size: make([]float64, k), center: Matrix{make([]float64, k*x.P), x.P}}
	first := make([]int, k) // row of each cluster: sums count from it, so that equal rows have just them for a mean
	for i, c := range own {
		if c < 0 {
			continue
		}
		if p.size[c] == 0 {
			first[c] = i
		}
		p.n++
		p.size[c]++
		sum, base := p.center.Row(c), x.Row(first[c])
		for j, v := range x.Row(i) {
			sum[j] += v - base[j]
		}
	}
	for c := range k {
		row, base := p.center.Row(c), x.Row(first[c])
		for j := range row {
			row[j] = base[j] + row[j]/p.size[c]
		}
	}
	return p
}

// within is the sum of squared distances to the centers.
func (p partition) within(x Matrix) float64 {
	sum := 0.0
	for i, c := range p.own {
		if c >= 0 {
			sum += distance2(x.Row(i), p.center.Row(c))
		}
	}
	return sum
}

// mean is the mean of the rows that are not noise, of which there are some.
func (p partition) mean() []float64 {
	mean := slices.Clone(p.center.Row(0))
	for c, n := range p.size {
		for j, v := range p.center.Row(c) {
			mean[j] += float64((v - p.center.X[j]) * (n / p.n))
		}
	}
	return mean
}
