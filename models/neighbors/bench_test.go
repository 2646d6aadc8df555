package neighbors

import (
	"fmt"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// clusters simulates n rows of p numbers and two categories around 40 centres;
// with a width of 1 the clusters are narrow, with 30 there is nothing but noise.
func clusters(n, p int, width float64) table.View {
	g := rng.New(3).Rand()
	at := make([]int, n)
	for i := range at {
		at[i] = g.IntN(40)
	}
	var columns []table.Column
	for j := range p {
		x, centre := make([]float64, n), make([]float64, 40)
		for c := range centre {
			centre[c] = 10 * g.Float64()
		}
		for i, c := range at {
			x[i] = centre[c] + width*g.NormFloat64()
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%02d", j), "", x))
	}
	for j, levels := range []int{3, 30} {
		s := make([]string, n)
		for i, c := range at {
			if s[i] = fmt.Sprintf("s%02d", c%levels); g.IntN(10) == 0 {
				s[i] = fmt.Sprintf("s%02d", g.IntN(levels))
			}
		}
		columns = append(columns, table.Text(fmt.Sprintf("s%d", j), s))
	}
	class := make([]string, n)
	for i, c := range at {
		class[i] = []string{"a", "b", "c"}[c%3]
	}
	return table.Must(table.New("clusters", append(columns, table.Text("class", class).As(table.Label))...)).View()
}

func BenchmarkFit(b *testing.B) {
	n := 50_000
	v := clusters(n, 20, 1)
	b.Run(fmt.Sprintf("rows=%d/cols=22", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fit(b, KNN{}, v)
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func BenchmarkPredict(b *testing.B) {
	n := 50_000
	for _, width := range []float64{0.3, 1, 30} {
		v := clusters(n, 20, width)
		m := fit(b, KNN{}, v)
		rows := make([]int, 1000)
		for i := range rows {
			rows[i] = i * 50
		}
		b.Run(fmt.Sprintf("train=%d/rows=1000/cols=22/width=%g", n, width), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				predict(b, m, v.Take(rows))
			}
			b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
