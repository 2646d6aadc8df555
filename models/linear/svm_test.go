package linear_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/linear"
	"flowbook/models/modeltest"
)

type svmCase struct {
	Name      string
	C, Scale  float64
	Loss      linear.Loss
	X         [][]float64
	Y         []int
	W         []float64
	Coef      [][]float64
	Intercept []float64
}

func (c svmCase) view() table.View {
	var more []table.Column
	if c.W != nil {
		more = append(more, table.Float("w", "", c.W).As(table.Weight))
	}
	return tabled(c.X, c.Y, more...).View()
}

func svmCases(t *testing.T) []svmCase {
	b, err := os.ReadFile("testdata/svm.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []svmCase
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func fitSVM(t *testing.T, l linear.SVM, v table.View) (*linear.SVMModel, linear.Coefficients) {
	t.Helper()
	m, err := l.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	if w := m.(*linear.SVMModel).Warning(); w != "" {
		t.Error(w)
	}
	return m.(*linear.SVMModel), m.(*linear.SVMModel).Coefficients()
}

func TestSVMOptimum(t *testing.T) {
	for _, c := range svmCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			v := c.view()
			m, got := fitSVM(t, linear.SVM{C: c.C, Loss: c.Loss, InterceptScale: c.Scale}, v)
			for k, line := range c.Coef {
				for j, want := range append(slices.Clone(line), c.Intercept[k]) {
					is := append(slices.Clone(got.Values[k]), got.Intercept[k])[j]
					if !(math.Abs(is-want) <= 1e-6*max(math.Abs(want), 1e-3)) {
						t.Errorf("coefficient %d of %s is %v, want %v", j, got.Classes[k], is, want)
					}
				}
			}
			// The class of the largest margin is the one answered.
			p, err := m.Predict(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range c.X {
				best, top := 0, math.Inf(-1)
				for k, line := range c.Coef {
					z := c.Intercept[k]
					for j, b := range line {
						z += b * x[j]
					}
					if z > top {
						best, top = k, z
					}
				}
				if len(c.Coef) == 1 {
					best = 0
					if top > 0 {
						best = 1
					}
				}
				if p.Best(i) != best {
					t.Errorf("row %d is of class %d, want %d", i, p.Best(i), best)
				}
			}
		})
	}
}

// TestSVMOptimumCannotBeBettered looks around the answer, on more rows than a block;
// with the squared hinge even for one row against all others.
func TestSVMOptimumCannotBeBettered(t *testing.T) {
	g := rng.New(8).Rand()
	for _, loss := range []linear.Loss{linear.Hinge, linear.SquaredHinge} {
		v := big(9000, 1) // one row against all others
		if loss == linear.Hinge {
			v = big(9000, 2)
			truth := v.Strings("class")
			v = v.Where(func(row int) bool { return truth[row] != "c2" })
		}
		fitSVM(t, linear.SVM{Loss: loss, C: 0.1}, big(9000, 2)) // must not give up on that row in the midst of others
		for _, scale := range []float64{0, 1, 5} {
			_, c := fitSVM(t, linear.SVM{Loss: loss, InterceptScale: scale, C: 0.1}, v)
			x := make([][]float64, 4)
			for j := range x {
				x[j] = v.Floats(c.Columns[j])
			}
			truth := v.Strings("class")
			objective := func(beta []float64, b float64) float64 {
				f := 0.0
				for i := range truth {
					z, y := b, -1.0
					for j := range x {
						z += beta[j] * x[j][i]
					}
					if truth[i] == "c1" {
						y = 1
					}
					m := max(0, 1-y*z)
					if loss == linear.SquaredHinge {
						m *= m
					}
					f += 0.1 * m
				}
				for _, w := range beta {
					f += w * w / 2
				}
				if scale > 0 {
					f += b * b / (scale * scale) / 2
				}
				return f
			}
			best := objective(c.Values[0], c.Intercept[0])
			for range 50 {
				size := math.Pow(10, -1-4*g.Float64())
				beta := slices.Clone(c.Values[0])
				for j := range beta {
					beta[j] += size * g.NormFloat64() * (math.Abs(beta[j]) + 1e-3)
				}
				if f := objective(beta, c.Intercept[0]+size*g.NormFloat64()); !(f >= best*(1-1e-13)) {
					t.Errorf("%s, scale %v: %v nearby is less than %v", loss, scale, f, best)
				}
			}
		}
	}
}

// TestSVMCores: the same bits on any number of cores, with a sample and without.
func TestSVMCores(t *testing.T) {
	v := big(21000, 3)
	for _, loss := range []linear.Loss{linear.Hinge, linear.SquaredHinge} {
		var want [][]float64
		for _, procs := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(procs)
			m, err := encode.Then(linear.SVM{Loss: loss}, encode.Standardize{}).Fit(context.Background(), v)
			runtime.GOMAXPROCS(old)
			if err != nil {
				t.Fatal(err)
			}
			got := m.(*linear.SVMModel).Coefficients().Values
			if want == nil {
				want = got
			}
			for k := range want {
				if !slices.Equal(got[k], want[k]) {
					t.Errorf("%s: %d cores: coefficients differ", loss, procs)
				}
			}
		}
	}
}

// TestSVMMoves: with a free intercept, where a column's zero is does not matter.
func TestSVMMoves(t *testing.T) {
	c := svmCases(t)[2]
	for _, loss := range []linear.Loss{linear.Hinge, linear.SquaredHinge} {
		_, want := fitSVM(t, linear.SVM{Loss: loss}, c.view())
		moved := svmCase{Y: c.Y}
		for _, row := range c.X {
			row = slices.Clone(row)
			row[0] += 1000
			moved.X = append(moved.X, row)
		}
		_, got := fitSVM(t, linear.SVM{Loss: loss}, moved.view())
		for j, v := range want.Values[0] {
			if !(math.Abs(got.Values[0][j]-v) <= 1e-7) {
				t.Errorf("%s: coefficient %d is %v after moving a column, want %v", loss, j, got.Values[0][j], v)
			}
		}
	}
}

// TestSVMScoresKeepOrder: rows far beyond the margin are told apart still.
func TestSVMScoresKeepOrder(t *testing.T) {
	x := [][]float64{{-3}, {-1}, {1}, {2}}
	m, _ := fitSVM(t, linear.SVM{}, tabled(x, []int{0, 0, 1, 1}).View())
	far := [][]float64{{-3000}, {-300}, {-30}, {-8}, {0}, {8}, {9.99}, {10}, {10.01}, {30}, {300}, {3000}}
	p, err := m.Predict(context.Background(), tabled(far, make([]int, len(far))).View())
	if err != nil {
		t.Fatal(err)
	}
	if s := p.Scores("c1"); !slices.IsSorted(s) || len(slices.Compact(s)) != len(far) {
		t.Errorf("scores %v do not rise", s)
	}
}

// TestSVMWide has more columns than are factorised: the optimum is a sum of rows,
// β = 2 C Σ max(0, m) y x, or β = C Σ a y x with 0 < a < 1 on the margin only.
func TestSVMWide(t *testing.T) {
	g := rng.New(6).Rand()
	const n, p = 40, 1100
	x, y := make([][]float64, n), make([]int, n)
	for i := range x {
		x[i] = make([]float64, p)
		for j := range x[i] {
			x[i][j] = g.NormFloat64()
		}
		y[i] = i % 2
	}
	v := tabled(x, y).View()
	_, c := fitSVM(t, linear.SVM{C: 0.01}, v)
	for j, got := range c.Values[0] {
		want := 0.0
		for i := range x {
			z, sign := c.Intercept[0], float64(2*y[i]-1)
			for j, b := range c.Values[0] {
				z += b * x[i][j]
			}
			want += 2 * 0.01 * max(0, 1-sign*z) * sign * x[i][j]
		}
		if !(math.Abs(got-want) <= 1e-8) {
			t.Fatalf("coefficient %d is %v, want %v", j, got, want)
		}
	}
	_, c = fitSVM(t, linear.SVM{C: 1, Loss: linear.Hinge}, v)
	for i := range x { // room enough: every row is on its margin
		z, sign := c.Intercept[0], float64(2*y[i]-1)
		for j, b := range c.Values[0] {
			z += b * x[i][j]
		}
		if !(math.Abs(sign*z-1) <= 1e-6) {
			t.Fatalf("row %d has the margin %v, want 1", i, sign*z)
		}
	}
}

func TestSVMErrors(t *testing.T) {
	v := tabled([][]float64{{1}, {2}, {5}}, []int{0, 1, 0}).View()
	for want, l := range map[string]linear.SVM{
		"C is -1":               {C: -1},
		`Loss is "hinges"`:      {Loss: "hinges"},
		"InterceptScale is -2":  {InterceptScale: -2},
		"MaxRounds is -1":       {MaxRounds: -1},
		"Tolerance is -0.1":     {Tolerance: -0.1},
		"InterceptScale is NaN": {InterceptScale: math.NaN()},
	} {
		if _, err := l.Fit(context.Background(), v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	for _, loss := range []linear.Loss{linear.Hinge, linear.SquaredHinge} {
		m, err := linear.SVM{MaxRounds: 1, Loss: loss}.Fit(context.Background(), v)
		if err != nil || m.(*linear.SVMModel).Warning() == "" {
			t.Errorf("%s: one round: error %v and no warning", loss, err)
		}
	}
}

func TestSVMConformance(t *testing.T) {
	for _, l := range []linear.SVM{{}, {Loss: linear.Hinge}, {InterceptScale: 1}} {
		modeltest.Run(t, l, modeltest.NumericOnly, modeltest.NoMissing, modeltest.Tolerance(1e-6), modeltest.Saved(linear.Kinds()))
	}
}
