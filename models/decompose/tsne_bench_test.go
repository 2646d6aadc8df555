package decompose

import (
	"fmt"
	"testing"

	"flowbook/models/cluster"
)

// BenchmarkTSNE lays out encoded flows by a hundred rounds, with all that comes before.
func BenchmarkTSNE(b *testing.B) {
	for _, n := range []int{1000, 5000, 20000} {
		b.Run(fmt.Sprintf("rows=%d/rounds=100", n), func(b *testing.B) {
			v := kdd(b, n)
			b.ReportAllocs()
			for b.Loop() {
				embedded(b, TSNE{Rounds: 100}, v)
			}
		})
	}
}

// BenchmarkSlope works out one gradient of points as they lie late in a descent.
func BenchmarkSlope(b *testing.B) {
	for _, n := range []int{1000, 5000, 20000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			d := newDescent(affinity(b, view(some(n, 2), 2), 91, 30), scene(n), 0.5)
			b.ReportAllocs()
			for b.Loop() {
				d.slope(1)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkTrustworthiness(b *testing.B) {
	x := cluster.Matrix{X: some(2000, 20), P: 20}
	y := cluster.Matrix{X: scene(2000), P: 2}
	for b.Loop() {
		Trustworthiness(x, y, 5)
	}
}
