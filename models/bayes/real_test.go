package bayes_test

import (
	"fmt"
	"math"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/bayes"
	"flowbook/models/encode"
)

// scikit-learn's GaussianNB on 122 one-hot, standardised columns is right in
// 12,504 of the 22,544 rows of KDDTest+; its mean score of attack is 0.12907.
func TestKDD(t *testing.T) {
	train, test := nslkddtest.View(t, "KDDTrain+"), nslkddtest.View(t, "KDDTest+")
	p := predict(t, fit(t, encode.Then(bayes.Gaussian{}, encode.OneHot{}, encode.Standardize{}), train), test)
	if hits := right(p, test); hits != 12504 {
		t.Errorf("Gaussian: %d rows right, want 12504", hits)
	}
	mean := 0.0
	for _, v := range p.Scores("attack") {
		mean += v / float64(p.Rows())
	}
	if !(math.Abs(mean-0.1290737349207069) <= 1e-6) {
		t.Errorf("Gaussian: mean score %v, want 0.12907", mean)
	}
	mixed := right(predict(t, fit(t, bayes.Mixed{}, train), test), test)
	t.Logf("Mixed: %d of %d rows right", mixed, test.Rows())
	if mixed < 15000 {
		t.Errorf("Mixed: %d rows right, want at least 15000", mixed)
	}
}

func right(p models.Prediction, v table.View) int {
	c, _ := v.Target()
	hits := 0
	for i := range p.Rows() {
		if p.Classes[p.Best(i)] == c.String(i) {
			hits++
		}
	}
	return hits
}

// flows simulates n rows of 38 numbers and three categories.
func flows(n int) table.View {
	g := rng.New(1).Rand()
	class := make([]string, n)
	for i := range class {
		class[i] = []string{"attack", "normal"}[g.IntN(2)]
	}
	columns := []table.Column{table.Text("class", class).As(table.Label)}
	for j := range 38 {
		x := make([]float64, n)
		for i := range x {
			x[i] = g.NormFloat64() + float64(len(class[i])%2*j%3)
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%02d", j), "", x))
	}
	for j, levels := range []int{3, 11, 70} {
		s := make([]string, n)
		for i := range s {
			s[i] = fmt.Sprintf("s%02d", g.IntN(levels))
		}
		columns = append(columns, table.Text(fmt.Sprintf("s%d", j), s))
	}
	return table.Must(table.New("flows", columns...)).View()
}

func BenchmarkMixed(b *testing.B) { bench(b, bayes.Mixed{}) }

func BenchmarkGaussian(b *testing.B) {
	bench(b, encode.Then(bayes.Gaussian{}, encode.OneHot{}, encode.Standardize{}))
}

// bench fits on rows=100000 and scores as many.
func bench(b *testing.B, l models.Learner) {
	n := 100_000
	v := flows(n)
	m, err := l.Fit(b.Context(), v)
	if err != nil {
		b.Fatal(err)
	}
	b.Run(fmt.Sprintf("fit/rows=%d/cols=41", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if m, err = l.Fit(b.Context(), v); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run(fmt.Sprintf("predict/rows=%d/cols=41", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Predict(b.Context(), v); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
