package linear_test

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/linear"
)

// flows is n rows of mostly zeros and one-hot levels in k classes that overlap.
func flows(n, k int) table.View {
	g := rng.New(9).Rand()
	var columns []table.Column
	score := make([][]float64, n)
	for i := range score {
		score[i] = make([]float64, k)
	}
	for j := range 30 {
		x := make([]float64, n)
		slope := make([]float64, k)
		for c := range slope {
			slope[c] = g.NormFloat64()
		}
		for i := range x {
			if g.IntN(3) == 0 {
				x[i] = g.ExpFloat64()
				for c, b := range slope {
					score[i][c] += b * x[i]
				}
			}
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%02d", j), "", x))
	}
	service, class := make([]string, n), make([]string, n)
	for i := range class {
		l := int(8 * g.ExpFloat64())
		service[i] = fmt.Sprintf("s%02d", min(l, 60))
		best := 0
		for c := range k {
			score[i][c] += 2*g.NormFloat64() + float64((l+c)%5)
			if score[i][c] > score[i][best] {
				best = c
			}
		}
		class[i] = fmt.Sprintf("c%02d", best)
	}
	columns = append(columns, table.Text("service", service), table.Text("class", class).As(table.Label))
	return table.Must(table.New("flows", columns...)).View()
}

func BenchmarkFit(b *testing.B) {
	for _, c := range []struct {
		name    string
		learner models.Learner
		n, k    int
	}{
		{"logistic", linear.Logistic{}, 100000, 2},
		{"logistic", linear.Logistic{}, 20000, 5},
		{"svm", linear.SVM{}, 100000, 2},
		{"svm", linear.SVM{}, 20000, 5},
		{"hinge", linear.SVM{Loss: linear.Hinge}, 100000, 2},
	} {
		v := flows(c.n, c.k)
		learner := encode.Then(c.learner, encode.OneHot{}, encode.Standardize{})
		b.Run(fmt.Sprintf("%s/rows=%d/classes=%d", c.name, c.n, c.k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := learner.Fit(context.Background(), v); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(c.n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
