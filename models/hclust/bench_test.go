package hclust

import (
	"context"
	"fmt"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/table"
	"flowbook/models/encode"
)

// encoded is the first rows of KDDTrain+, one-hot and scaled to [0, 1] by the whole.
func encoded(t testing.TB, n int) table.View {
	t.Helper()
	rows := nslkddtest.View(t, "KDDTrain+")
	steps, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(context.Background(), rows)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]int, n)
	for i := range first {
		first[i] = i
	}
	x, err := steps.Transform(context.Background(), rows.Take(first))
	if err != nil {
		t.Fatal(err)
	}
	return x.View()
}

func BenchmarkFit(b *testing.B) {
	for _, linkage := range []Linkage{Ward, Average, Complete, Single} {
		for _, n := range []int{5000, 10000, 20000, 50000} {
			if n > 10000 && linkage != Ward {
				continue
			}
			b.Run(fmt.Sprintf("linkage=%v/rows=%d", linkage, n), func(b *testing.B) {
				x := encoded(b, n)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := (Config{Linkage: linkage}).Fit(context.Background(), x); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
