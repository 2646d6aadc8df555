package dbscan

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// BenchmarkKDD is the peer's dbscan20k, and all of KDDTrain+.
func BenchmarkKDD(b *testing.B) {
	v := encoded(b)
	for _, n := range []int{20000, 125973} {
		bench(b, fmt.Sprintf("rows=%d/cols=122", n), Config{Eps: 0.5}, v.Take(first(n)))
	}
}

// BenchmarkClouds is rows in clusters, evenly spread, and all equally far apart.
func BenchmarkClouds(b *testing.B) {
	for _, c := range []struct {
		name string
		n, p int
		eps  float64
		draw func(x []float64, centre float64, normal, uniform func() float64)
	}{
		{"clusters", 20000, 10, 1.5, func(x []float64, centre float64, normal, _ func() float64) {
			for j := range x {
				x[j] = 7*centre + normal()
			}
		}},
		{"even", 20000, 3, 0.03, func(x []float64, _ float64, _, uniform func() float64) {
			for j := range x {
				x[j] = uniform()
			}
		}},
		{"equidistant", 10000, 30, 5, func(x []float64, _ float64, normal, _ func() float64) {
			for j := range x {
				x[j] = normal()
			}
		}},
	} {
		g := rng.New(1).At(c.name).Rand()
		x := make([][]float64, c.n)
		for i := range x {
			x[i] = make([]float64, c.p)
			c.draw(x[i], float64(g.IntN(20)), g.NormFloat64, g.Float64)
		}
		bench(b, fmt.Sprintf("%s/rows=%d/cols=%d", c.name, c.n, c.p), Config{Eps: c.eps}, tabled(x, nil))
	}
}

func bench(b *testing.B, name string, c Config, v table.View) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Fit(context.Background(), v); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(v.Rows()*b.N)/b.Elapsed().Seconds(), "rows/s")
		runtime.KeepAlive(v)
	})
}
