package num

import (
	"math"
	"slices"
)

// MutualInformation returns how many nats two categorical variables tell about
// each other, by their observed frequencies: Σ p(a,b) ln(p(a,b) / (p(a) p(b)))
// (Shannon 1948). a and b have one code per row, at least 0; every code counts,
// also one that stands for "missing". It is 0 for independent or constant
// variables, NaN for no rows, and panics if the lengths differ. With few rows a
// code it is too high. Time O(n + codes of a × codes of b).
func MutualInformation(a, b []int32) float64 {
	if len(a) != len(b) {
		panic("num: mutual information of two lengths")
	}
	if len(a) == 0 {
		return math.NaN()
	}
	ka, kb := 0, 0
	for i := range a {
		ka, kb = max(ka, int(a[i])+1), max(kb, int(b[i])+1)
	}
	joint, left, right := make([]float64, ka*kb), make([]float64, ka), make([]float64, kb)
	for i := range a {
		joint[int(a[i])*kb+int(b[i])]++
		left[a[i]]++
		right[b[i]]++
	}
	n, sum := float64(len(a)), 0.0
	for i, row := range left {
		for j, column := range right {
			if c := joint[i*kb+j]; c > 0 {
				sum += float64(c / n * math.Log(c*n/float64(row*column)))
			}
		}
	}
	return max(0, sum)
}

// Parts cuts values at their quantiles 1/k … (k-1)/k and returns for each row
// its part, 0 … k-1, or k where the value is NaN. Equal values stay together, so a
// part may be empty. edges are the cuts: part j holds edges[j-1] < v ≤ edges[j].
func Parts(values []float64, k int) (part []int32, edges []float64) {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	for j := 1; j < k; j++ {
		edges = append(edges, Quantile(sorted, float64(j)/float64(k)))
	}
	return Cut(values, edges), edges
}

// Cut returns for each value the number of sorted edges below it, so that part j
// holds edges[j-1] < v ≤ edges[j], or one part more, len(edges)+1, where it is NaN.
func Cut(values, edges []float64) []int32 {
	part := make([]int32, len(values))
	for i, v := range values {
		if math.IsNaN(v) {
			part[i] = int32(len(edges) + 1)
			continue
		}
		at, _ := slices.BinarySearch(edges, v)
		part[i] = int32(at)
	}
	return part
}
