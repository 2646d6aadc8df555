package cluster

import "math"

// naiveWidths is the definition: all distances, by differences; 0 for noise.
func naiveWidths(x Matrix, labels []int) []float64 {
	out := make([]float64, len(labels))
	for i, own := range labels {
		if own < 0 {
			continue
		}
		sum, size := map[int]float64{}, map[int]float64{}
		for j, c := range labels {
			if c < 0 || i == j {
				continue
			}
			d := 0.0
			for f, v := range x.Row(i) {
				d += (v - x.Row(j)[f]) * (v - x.Row(j)[f])
			}
			sum[c] += math.Sqrt(d)
			size[c]++
		}
		a, b := sum[own]/size[own], math.Inf(1)
		for c := range sum {
			if c != own {
				b = min(b, sum[c]/size[c])
			}
		}
		if size[own] > 0 && a != b {
			out[i] = (b - a) / max(a, b)
		}
	}
	return out
}
