package svm_test

import (
	"context"
	"fmt"
	"testing"

	"flowbook/models/svm"
)

func BenchmarkFit(b *testing.B) {
	for _, n := range []int{2000, 8000} {
		x, y := noisy(n)
		v := tabled(x, y, nil)
		b.Run(fmt.Sprintf("learner=RBF/rows=%d/cols=5", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fit[*svm.Machine](b, svm.RBF{}, v)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkFitNystroem(b *testing.B) {
	const n = 30000
	x, y := noisy(n)
	v := tabled(x, y, nil)
	b.Run(fmt.Sprintf("learner=Nystroem/rows=%d/cols=5/landmarks=200", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fit[*svm.NystroemModel](b, svm.Nystroem{Landmarks: 200}, v)
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func BenchmarkPredict(b *testing.B) {
	x, y := noisy(4000)
	v := tabled(x, y, nil)
	m := fit[*svm.Machine](b, svm.RBF{}, v)
	vectors, _ := m.Size()
	b.Run(fmt.Sprintf("learner=RBF/vectors=%d/rows=4000", vectors), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Margins(context.Background(), v); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(4000*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
