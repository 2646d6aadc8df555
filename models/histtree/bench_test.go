package histtree

import (
	"fmt"
	"testing"

	"flowbook/internal/rng"
)

func BenchmarkForestFit(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		v := flows(n, 41, 2, rng.New(1)).View()
		b.Run(fmt.Sprintf("rows=%d/cols=41", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fitted(b, Forest{}, v)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkTreeFit(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		for _, k := range []int{2, 5} {
			v := flows(n, 41, k, rng.New(1)).View()
			b.Run(fmt.Sprintf("rows=%d/cols=41/classes=%d", n, k), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					fitted(b, Tree{}, v)
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

func BenchmarkForestPredict(b *testing.B) {
	n := 20_000
	v := flows(n, 41, 2, rng.New(1)).View()
	m := fitted(b, Forest{}, v)
	b.Run(fmt.Sprintf("rows=%d/cols=41", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			predicted(b, m, v)
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
