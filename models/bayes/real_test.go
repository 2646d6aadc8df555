package bayes_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/bayes"
	"flowbook/models/encode"
)

// kdd reads the 41 features and the two classes of a file of NSL-KDD, or skips the test.
func kdd(t testing.TB, file string) table.View {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set")
	}
	f, err := os.Open(filepath.Join(dir, "nsl-kdd", file+".txt.gz"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	class := make([]string, len(records))
	for i, rec := range records {
		class[i] = "attack"
		if rec[41] == "normal" {
			class[i] = "normal"
		}
	}
	columns := []table.Column{table.Text("class", class).As(table.Label)}
	for j := range 41 {
		text, numbers := make([]string, len(records)), make([]float64, len(records))
		for i, rec := range records {
			text[i] = rec[j]
			if j < 1 || j > 3 {
				if numbers[i], err = strconv.ParseFloat(rec[j], 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		if name := fmt.Sprintf("f%02d", j); j < 1 || j > 3 {
			columns = append(columns, table.Float(name, "", numbers))
		} else {
			columns = append(columns, table.Text(name, text))
		}
	}
	return table.Must(table.New(file, columns...)).View()
}

// scikit-learn's GaussianNB on 122 one-hot, standardised columns is right in
// 12,504 of the 22,544 rows of KDDTest+; its mean score of attack is 0.12907.
func TestKDD(t *testing.T) {
	train, test := kdd(t, "KDDTrain+"), kdd(t, "KDDTest+")
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
