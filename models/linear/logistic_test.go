package linear_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/linear"
	"flowbook/models/modeltest"
)

type example struct {
	Name       string
	C, L1Ratio float64
	X          [][]float64
	Y          []int
	W          []float64
	Coef       [][]float64
	Intercept  []float64
	P          [][]float64
}

type reference struct {
	Cases []example
	Folds struct {
		X                       [][]float64
		S                       []string
		Y, Fold                 []int
		Accuracy, Log_loss, AUC []float64
	}
}

func load(t *testing.T) reference {
	b, err := os.ReadFile("testdata/logistic.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func tabled(x [][]float64, y []int, more ...table.Column) *table.Table {
	var columns []table.Column
	for j := range x[0] {
		v := make([]float64, len(x))
		for i := range v {
			v[i] = x[i][j]
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	class := make([]string, len(y))
	for i, c := range y {
		class[i] = fmt.Sprintf("c%d", c)
	}
	columns = append(columns, more...)
	return table.Must(table.New("generated", append(columns, table.Text("class", class).As(table.Label))...))
}

func TestOptimum(t *testing.T) {
	for _, c := range load(t).Cases {
		t.Run(c.Name, func(t *testing.T) { compare(t, linear.Logistic{C: c.C}, c) })
	}
}

// compare fits and holds coefficients and probabilities to those of scikit-learn.
func compare(t *testing.T, l linear.Logistic, c example) {
	t.Helper()
	var more []table.Column
	if c.W != nil {
		more = append(more, table.Float("w", "", c.W).As(table.Weight))
	}
	v := tabled(c.X, c.Y, more...).View()
	m, err := l.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	if w := m.(*linear.Model).Warning(); w != "" {
		t.Error(w)
	}
	got := m.(*linear.Model).Coefficients()
	scale := 0.0
	for _, line := range c.Coef {
		for _, v := range line {
			scale = max(scale, math.Abs(v))
		}
	}
	for k, line := range c.Coef {
		for j, want := range line {
			if is := got.Values[k][j]; !(math.Abs(is-want) <= 1e-6*max(math.Abs(want), 1e-3*scale)) || (is == 0) != (want == 0) {
				t.Errorf("coefficient %d of %s is %v, want %v", j, got.Classes[k], is, want)
			}
		}
		if want := c.Intercept[k]; !(math.Abs(got.Intercept[k]-want) <= 1e-6*max(1, math.Abs(want))) {
			t.Errorf("intercept of %s is %v, want %v", got.Classes[k], got.Intercept[k], want)
		}
	}
	p, err := m.Predict(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range c.P {
		for k, want := range line {
			if !(math.Abs(p.Row(i)[k]-want) <= 1e-6) {
				t.Errorf("row %d, class %d: %v, want %v", i, k, p.Row(i)[k], want)
			}
		}
	}
}

// TestFolds refits encoders and model in each of scikit-learn's ten folds.
func TestFolds(t *testing.T) {
	f := load(t).Folds
	v := tabled(f.X, f.Y, table.Text("service", f.S)).View()
	learner := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})
	for k := range f.Accuracy {
		m, err := learner.Fit(context.Background(), v.Where(func(i int) bool { return f.Fold[i] != k }))
		if err != nil {
			t.Fatal(err)
		}
		test := v.Where(func(i int) bool { return f.Fold[i] == k })
		p, err := m.Predict(context.Background(), test)
		if err != nil {
			t.Fatal(err)
		}
		var right, loss float64
		score, y := p.Scores("c1"), make([]int, p.Rows())
		for i := range y {
			y[i] = f.Y[test.Row(i)]
			if p.Best(i) == y[i] {
				right++
			}
			loss -= math.Log(p.Row(i)[y[i]])
		}
		n := float64(len(y))
		for _, c := range []struct {
			name      string
			got, want float64
		}{{"accuracy", right / n, f.Accuracy[k]}, {"log loss", loss / n, f.Log_loss[k]}, {"AUC", auc(score, y), f.AUC[k]}} {
			if !(math.Abs(c.got-c.want) <= 1e-7) {
				t.Errorf("fold %d: %s is %v, want %v", k, c.name, c.got, c.want)
			}
		}
	}
}

func auc(score []float64, y []int) float64 {
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return score[order[a]] < score[order[b]] })
	pairs, won, negative := 0.0, 0.0, 0.0
	for _, i := range order {
		if y[i] == 1 {
			won += negative
		} else {
			negative++
		}
	}
	pairs = negative * (float64(len(y)) - negative)
	return won / pairs
}

func TestConformance(t *testing.T) {
	modeltest.Run(t, linear.Logistic{}, modeltest.NumericOnly, modeltest.NoMissing, modeltest.Tolerance(1e-6), modeltest.Saved(linear.Kinds()))
}

func TestConformanceEncoded(t *testing.T) {
	modeltest.Run(t, encode.Then(linear.Logistic{}, encode.Impute{}, encode.OneHot{}), modeltest.Tolerance(1e-6), modeltest.Saved(linear.Kinds()))
}

// big has enough rows for the sample, a one-hot column, an outlier and a rare class.
func big(n, k int) table.View {
	g := rng.New(5).Rand()
	x, y := make([][]float64, n), make([]int, n)
	for i := range x {
		x[i] = []float64{g.NormFloat64(), math.Exp(3 * g.NormFloat64()), float64(g.IntN(2)), 0}
		if g.IntN(5) == 0 {
			x[i][3] = g.Float64()
		}
		y[i] = int(math.Abs(x[i][0]+float64(i%3)*x[i][2]+g.NormFloat64()*0.5)) % k
	}
	y[n/2] = k // a class of one row
	return tabled(x, y).View()
}

func TestSampleMovesNothing(t *testing.T) {
	for _, k := range []int{1, 3} {
		v := big(21000, k)
		var want []float64
		for _, procs := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(procs)
			m, err := encode.Then(linear.Logistic{C: 10}, encode.Standardize{}).Fit(context.Background(), v)
			runtime.GOMAXPROCS(old)
			if err != nil {
				t.Fatal(err)
			}
			var got []float64
			for _, line := range m.(*linear.Model).Coefficients().Values {
				got = append(got, line...)
			}
			if want == nil {
				want = got
			} else if !slices.Equal(got, want) {
				t.Errorf("%d cores: coefficients differ", procs)
			}
		}
		// The same rows in another order meet another sample and must reach the same optimum.
		back := make([]int, v.Rows())
		for i := range back {
			back[i] = (i*7919 + 3) % len(back)
		}
		m, err := encode.Then(linear.Logistic{C: 10}, encode.Standardize{}).Fit(context.Background(), v.Take(back))
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, line := range m.(*linear.Model).Coefficients().Values {
			for _, v := range line {
				if !(math.Abs(v-want[at]) <= 1e-6*max(1, math.Abs(want[at]))) {
					t.Errorf("k=%d: coefficient %d is %v in another order, want %v", k, at, v, want[at])
				}
				at++
			}
		}
	}
}

func TestErrors(t *testing.T) {
	x := [][]float64{{1, 2}, {math.NaN(), 1}, {3, 4}}
	for _, c := range []struct {
		l    linear.Logistic
		v    table.View
		want string
	}{
		{linear.Logistic{}, tabled(x, []int{0, 1, 0}).View(), `row 2 of column "x0" is missing`},
		{linear.Logistic{}, tabled(x, []int{0, 1, 0}, table.Text("service", []string{"a", "b", "a"})).View().Drop("x0"), `"service" is categorical`},
		{linear.Logistic{C: -1}, tabled(x, []int{0, 1, 0}).View().Drop("x0"), "C is -1"},
		{linear.Logistic{L1Ratio: 1.5}, tabled(x, []int{0, 1, 0}).View().Drop("x0"), "L1Ratio is 1.5"},
		{linear.Logistic{Tolerance: -1}, tabled(x, []int{0, 1, 0}).View().Drop("x0"), "Tolerance is -1"},
	} {
		if _, err := c.l.Fit(context.Background(), c.v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
	m, err := linear.Logistic{MaxRounds: 1}.Fit(context.Background(), tabled([][]float64{{1}, {2}, {5}}, []int{0, 1, 0}).View())
	if err != nil || m.(*linear.Model).Warning() == "" {
		t.Errorf("one round: error %v and no warning", err)
	}
}

// TestWide has more columns than are factorised. At the optimum each coefficient is
// the sum over the rows of what the model still misses, times the column: β = C Σ (y-p) x.
func TestWide(t *testing.T) {
	g := rng.New(6).Rand()
	const n, p = 40, 1100
	for _, k := range []int{2, 3} {
		x, y := make([][]float64, n), make([]int, n)
		for i := range x {
			x[i] = make([]float64, p)
			for j := range x[i] {
				x[i][j] = g.NormFloat64()
			}
			y[i] = i % k
		}
		v := tabled(x, y).View()
		m, err := linear.Logistic{C: 0.1}.Fit(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		pred, err := m.Predict(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		c := m.(*linear.Model).Coefficients()
		for l, class := range c.Classes {
			score, missed := pred.Scores(class), 0.0
			for j, got := range c.Values[l] {
				want := 0.0
				for i := range x {
					r := -score[i]
					if fmt.Sprintf("c%d", y[i]) == class {
						r++
					}
					want += 0.1 * r * x[i][j]
					if j == 0 {
						missed += r
					}
				}
				if !(math.Abs(got-want) <= 1e-7) {
					t.Fatalf("%d classes: coefficient %d of %s is %v, want %v", k, j, class, got, want)
				}
			}
			if !(math.Abs(missed) <= 1e-6) { // the intercept is not penalised
				t.Errorf("%d classes: the residuals of %s sum to %v, want 0", k, class, missed)
			}
		}
	}
}
