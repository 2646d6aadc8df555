package kmeans

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/table"
)

// BenchmarkFit clusters dense rows in memory, in full and by batches, and as a source.
// Encoded KDDTrain+ is BenchmarkKDDMeans of models/encode.
func BenchmarkFit(b *testing.B) {
	v, _ := big(100000)
	for _, k := range []int{5, 23} {
		for _, road := range []struct {
			name string
			fit  func() (*Model, error)
		}{
			{"full", func() (*Model, error) { return Config{K: k}.Fit(context.Background(), v) }},
			{"batches", func() (*Model, error) { return MiniBatch{K: k}.Fit(context.Background(), v) }},
			{"source", func() (*Model, error) {
				return Config{K: k}.FitSource(context.Background(), table.InBlocks(v.Table(), 4096))
			}},
		} {
			b.Run(fmt.Sprintf("%s/rows=%d/cols=3/k=%d", road.name, v.Rows(), k), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := road.fit(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(v.Rows()*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
