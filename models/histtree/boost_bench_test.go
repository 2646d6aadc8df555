package histtree

import (
	"context"
	"fmt"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

func boosted(t testing.TB, l Boost, v table.View) *Boosted {
	t.Helper()
	m, err := l.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*Boosted)
}

func BenchmarkBoostFit(b *testing.B) {
	for _, k := range []int{2, 5} {
		n := 100_000
		v := flows(n, 41, k, rng.New(1)).View()
		b.Run(fmt.Sprintf("rows=%d/cols=41/classes=%d", n, k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				boosted(b, Boost{}, v)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkBoostKDD(b *testing.B) {
	train, test := nslkddtest.View(b, "KDDTrain+"), nslkddtest.View(b, "KDDTest+")
	b.Run("fit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			boosted(b, Boost{}, train)
		}
		b.ReportMetric(float64(train.Rows()*b.N)/b.Elapsed().Seconds(), "rows/s")
		b.ReportMetric(boostLoss(predicted(b, boosted(b, Boost{}, train), train), train), "train_logloss")
	})
	m := boosted(b, Boost{}, train)
	b.Run("predict", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			predicted(b, m, test)
		}
		b.ReportMetric(float64(test.Rows()*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
