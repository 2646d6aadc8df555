package neural

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
)

// flows simulates n rows as flows are: 35 numbers, of which each row has eight that are
// not 0 (or all, if full), and a service of 80 levels.
func flows(n int, full bool) table.View {
	g := rng.New(3).Rand()
	class, service := make([]string, n), make([]string, n)
	x := make([][]float64, 35)
	for j := range x {
		x[j] = make([]float64, n)
	}
	for i := range n {
		k := g.IntN(2)
		class[i], service[i] = []string{"attack", "normal"}[k], fmt.Sprintf("s%02d", g.IntN(60)+20*k)
		for j := range x {
			if full || g.IntN(len(x)) < 8 {
				x[j][i] = g.NormFloat64() + float64(k*(j%3))/4
			}
		}
	}
	columns := []table.Column{table.Text("service", service), table.Text("class", class).As(table.Label)}
	for j := range x {
		columns = append(columns, table.Float(fmt.Sprintf("x%02d", j), "", x[j]))
	}
	return table.Must(table.New("flows", columns...)).View()
}

// learner puts before the net what makes its numbers: with full rows no category, so that
// the data are kept dense.
func learner(m MLP, full bool) models.Learner {
	if full {
		return encode.Then(m, encode.Ordinal{}, encode.Standardize{})
	}
	return encode.Then(m, encode.OneHot{}, encode.Standardize{})
}

func BenchmarkFit(b *testing.B) {
	const n, epochs = 50_000, 5
	for _, full := range []bool{false, true} {
		v := flows(n, full)
		for _, m := range []MLP{{}, {Activation: Tanh}, {Solver: Nesterov}, {Dropout: 0.2}} {
			m.Hidden, m.Epochs = []int{64, 32}, epochs
			b.Run(fmt.Sprintf("rows=%d/full=%v/activation=%v/solver=%d/dropout=%g", n, full, m.Activation, m.Solver, m.Dropout), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := learner(m, full).Fit(context.Background(), v); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(epochs*n*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

func BenchmarkPredict(b *testing.B) {
	const n = 50_000
	v := flows(n, false)
	m, err := learner(MLP{Hidden: []int{64, 32}, Epochs: 1}, false).Fit(context.Background(), v)
	if err != nil {
		b.Fatal(err)
	}
	b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Predict(context.Background(), v); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
