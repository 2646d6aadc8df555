package ensemble

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/histtree"
)

// noisy is n rows of p columns, half of them counts; some tell the two classes apart.
func noisy(n, p int) table.View {
	g := rng.New(6).Rand()
	class := make([]string, n)
	shift := make([]float64, n)
	for i := range class {
		class[i] = []string{"attack", "normal"}[i%2]
		shift[i] = float64(i % 2)
	}
	columns := []table.Column{table.Text("class", class).As(table.Label)}
	for j := range p {
		v := make([]float64, n)
		for i := range v {
			if v[i] = g.NormFloat64() + shift[i]*float64(j%5)/4; j%2 == 0 {
				v[i] = float64(int(10 * v[i]))
			}
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%02d", j), "", v))
	}
	return table.Must(table.New("noisy", columns...)).View()
}

// The peer: testdata/bench_ensemble.py.
func BenchmarkFit(b *testing.B) {
	v := noisy(20000, 40)
	for _, l := range []models.Learner{
		Bagging{}, AdaBoost{}, AdaBoost{Real: true},
		Stacking{Learners: []models.Learner{histtree.Tree{MaxDepth: 8}, histtree.Forest{Trees: 20}}},
	} {
		b.Run(fmt.Sprintf("learner=%s/rows=%d/cols=40", l.Name(), v.Rows()), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.Fit(context.Background(), v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
