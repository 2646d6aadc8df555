package linear_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/linear"
	"flowbook/models/modeltest"
)

func TestElasticOptimum(t *testing.T) {
	b, err := os.ReadFile("testdata/elastic.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref reference
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	for _, c := range ref.Cases {
		t.Run(c.Name, func(t *testing.T) {
			compare(t, linear.Logistic{C: c.C, L1Ratio: c.L1Ratio}, c)
		})
	}
}

// optimal holds coefficients to the conditions of the optimum, in the columns they
// were fitted to: with r the gradient C Σ s (p-y) x of the losses, a coefficient b of
// not 0 has r + (1-ρ) b + ρ sign b = 0, one of 0 has |r| ≤ ρ; intercepts have r = 0.
func optimal(t *testing.T, l linear.Logistic, v table.View, tol float64) linear.Coefficients {
	t.Helper()
	m, err := l.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	if w := m.(*linear.Model).Warning(); w != "" {
		t.Error(w)
	}
	c := m.(*linear.Model).Coefficients()
	p, err := m.Predict(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	truth := v.Strings("class")
	for k, class := range c.Classes {
		miss, sum, total := p.Scores(class), 0.0, 0.0
		for i := range miss {
			total += l.C * miss[i]
			if truth[i] == class {
				miss[i]--
			}
			sum += l.C * miss[i]
		}
		if !(math.Abs(sum) <= tol*(1+total)) {
			t.Errorf("intercept of %s: the gradient is %v, want 0", class, sum)
		}
		for j, name := range c.Columns {
			r, size := 0.0, 0.0
			for i, x := range v.Floats(name) {
				r += l.C * miss[i] * x
				size += math.Abs(l.C * miss[i] * x)
			}
			b := c.Values[k][j]
			off := math.Abs(r) - l.L1Ratio
			if b != 0 {
				off = math.Abs(r + (1-l.L1Ratio)*b + math.Copysign(l.L1Ratio, b))
			}
			if !(off <= tol*(1+size)) {
				t.Errorf("coefficient %s of %s, %v: off the condition by %v of %v", name, class, b, off, size)
			}
		}
	}
	return c
}

// TestElasticConditions has enough rows for the sample, two to six classes.
func TestElasticConditions(t *testing.T) {
	for _, k := range []int{1, 2, 5} {
		for _, ratio := range []float64{0, 0.3, 1} {
			optimal(t, linear.Logistic{C: 0.02, L1Ratio: ratio}, big(21000, k), 1e-7)
		}
	}
}

// TestElasticWide has more columns than the solver takes at once.
func TestElasticWide(t *testing.T) {
	g := rng.New(6).Rand()
	const n, p = 60, 1300
	for _, k := range []int{2, 3} {
		x, y := make([][]float64, n), make([]int, n)
		for i := range x {
			x[i] = make([]float64, p)
			for j := range x[i] {
				x[i][j] = g.NormFloat64()
			}
			y[i] = i % k
		}
		c := optimal(t, linear.Logistic{C: 0.5, L1Ratio: 1}, tabled(x, y).View(), 1e-7)
		used := 0
		for j := range c.Columns {
			if c.Values[0][j] != 0 {
				used++
			}
		}
		if used == 0 || used > n {
			t.Errorf("%d classes: %d coefficients are not 0, want some and at most a column a row", k, used)
		}
	}
}

// TestElasticPath: the stronger the penalty, the fewer the coefficients, down to none;
// a share of 1e-9 is nearly the ridge.
func TestElasticPath(t *testing.T) {
	v := load(t).Cases[3]
	view := tabled(v.X, v.Y).View()
	before := math.MaxInt
	for _, c := range []float64{100, 1, 0.1, 0.02, 0.0001} {
		got := optimal(t, linear.Logistic{C: c, L1Ratio: 1}, view, 1e-9)
		used := 0
		for _, line := range got.Values {
			for _, b := range line {
				if b != 0 {
					used++
				}
			}
		}
		if used > before {
			t.Errorf("C of %v leaves %d coefficients, more than %d under less penalty", c, used, before)
		}
		before = used
	}
	if before != 0 {
		t.Errorf("%d coefficients left under a heavy penalty", before)
	}
	ridge, err := linear.Logistic{}.Fit(context.Background(), view)
	if err != nil {
		t.Fatal(err)
	}
	got := optimal(t, linear.Logistic{C: 1, L1Ratio: 1e-9}, view, 1e-9)
	for k, line := range ridge.(*linear.Model).Coefficients().Values {
		for j, want := range line {
			if !(math.Abs(got.Values[k][j]-want) <= 1e-6) {
				t.Errorf("line %d: coefficient %d is %v, want the ridge's %v", k, j, got.Values[k][j], want)
			}
		}
	}
}

func TestElasticCores(t *testing.T) {
	for _, k := range []int{1, 3} {
		v := big(21000, k)
		var want string
		for _, procs := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(procs)
			m, err := encode.Then(linear.Logistic{L1Ratio: 0.5, C: 0.1}, encode.Standardize{}).Fit(context.Background(), v)
			runtime.GOMAXPROCS(old)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(m.(*linear.Model).Coefficients())
			if want == "" {
				want = got
			} else if got != want {
				t.Errorf("%d cores: coefficients differ", procs)
			}
		}
	}
}

// TestElasticEqualColumns: the lasso may share between two equal columns as it likes,
// but must end; the elastic net gives both the same.
func TestElasticEqualColumns(t *testing.T) {
	c := load(t).Cases[0]
	var x [][]float64
	for _, row := range c.X {
		x = append(x, append(slices.Clone(row), row[0], 1))
	}
	v := tabled(x, c.Y).View()
	optimal(t, linear.Logistic{C: 1, L1Ratio: 1}, v, 1e-9)
	got := optimal(t, linear.Logistic{C: 1, L1Ratio: 0.5}, v, 1e-9)
	if a, b := got.Values[0][0], got.Values[0][5]; !(math.Abs(a-b) <= 1e-9) {
		t.Errorf("equal columns have %v and %v", a, b)
	}
}

func TestElasticConformance(t *testing.T) {
	for _, ratio := range []float64{0.5, 1} {
		modeltest.Run(t, linear.Logistic{L1Ratio: ratio}, modeltest.NumericOnly, modeltest.NoMissing, modeltest.Tolerance(1e-6), modeltest.Saved(linear.Kinds()))
	}
}
