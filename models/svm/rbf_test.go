package svm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/svm"
)

type reference struct {
	Name           string
	C, Gamma, Used float64
	X              [][]float64
	Y              []int
	W              []float64
	Pairs          []struct {
		Objective, Intercept float64
		Vectors              int
	}
	Fresh, Margins [][]float64
	Ovr            json.RawMessage
	Answers        []int
}

func references(t *testing.T) []reference {
	b, err := os.ReadFile("testdata/rbf.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Cases []reference }
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r.Cases
}

func tabled(x [][]float64, y []int, w []float64) table.View {
	var columns []table.Column
	for j := range x[0] {
		v := make([]float64, len(x))
		for i := range v {
			v[i] = x[i][j]
		}
		columns = append(columns, table.Float("x"+strconv.Itoa(j), "", v))
	}
	if y != nil {
		class := make([]string, len(y))
		for i, c := range y {
			class[i] = fmt.Sprintf("c%d", c)
		}
		columns = append(columns, table.Text("class", class).As(table.Label))
	}
	if w != nil {
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	return table.Must(table.New("generated", columns...)).View()
}

func fit[M models.Classifier](t testing.TB, l models.Learner, v table.View) M {
	t.Helper()
	c, err := l.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return c.(M)
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func near(got, want, tol float64) bool { return math.Abs(got-want) <= tol*max(1, math.Abs(want)) }

func TestAgainstLibsvm(t *testing.T) {
	for _, r := range references(t) {
		t.Run(r.Name, func(t *testing.T) {
			m := fit[*svm.Machine](t, svm.RBF{C: r.C, Gamma: r.Gamma, Tolerance: 1e-8}, tabled(r.X, r.Y, r.W))
			if w := m.Warning(); w != "" {
				t.Error(w)
			}
			if r.W == nil && !near(m.Gamma()/r.Used, 1, 1e-12) {
				t.Errorf("gamma %v, want %v", m.Gamma(), r.Used)
			}
			for p, got := range m.Pairs() {
				want := r.Pairs[p]
				if !near(got.Objective/want.Objective, 1, 1e-7) {
					t.Errorf("pair %d: objective %v, want %v", p, got.Objective, want.Objective)
				}
				if !near(got.Intercept, want.Intercept, 1e-6) {
					t.Errorf("pair %d: intercept %v, want %v", p, got.Intercept, want.Intercept)
				}
				if got.Vectors != want.Vectors && !repeated(r.X) { // equal rows may share a coefficient in any way
					t.Errorf("pair %d: %d support vectors, want %d", p, got.Vectors, want.Vectors)
				}
			}
			fresh := tabled(r.Fresh, nil, nil)
			margins := must[[]float64](t)(m.Margins(context.Background(), fresh))
			for i, line := range r.Margins {
				for p, want := range line {
					if got := margins[i*len(line)+p]; !near(got, want, 1e-6) {
						t.Errorf("row %d, pair %d: margin %v, want %v", i, p, got, want)
					}
				}
			}
			p := must[models.Prediction](t)(m.Predict(context.Background(), fresh))
			for i, want := range r.Answers {
				if p.Best(i) != want {
					t.Errorf("row %d: class %d, want %d (scores %v)", i, p.Best(i), want, p.Row(i))
				}
			}
			compareScores(t, r, p)
		})
	}
}

func repeated(x [][]float64) bool {
	seen := map[string]bool{}
	for _, row := range x {
		seen[fmt.Sprint(row)] = true
	}
	return len(seen) < len(x)
}

// compareScores holds scores to scikit-learn's decision_function through the maps
// that the manual states.
func compareScores(t *testing.T, r reference, p models.Prediction) {
	if len(p.Classes) == 2 {
		var f []float64
		if err := json.Unmarshal(r.Ovr, &f); err != nil {
			t.Fatal(err)
		}
		for i, want := range f {
			if got := p.Row(i)[1]; !(math.Abs(got-1/(1+math.Exp(-want))) <= 1e-6) {
				t.Errorf("row %d: score %v for the margin %v", i, got, want)
			}
		}
		return
	}
	var f [][]float64
	if err := json.Unmarshal(r.Ovr, &f); err != nil {
		t.Fatal(err)
	}
	for i, line := range f {
		top := slices.Max(line)
		for c, want := range line {
			// log p_c - log p_best of a softmax is the difference of what went in.
			if got := math.Log(p.Row(i)[c] / p.Row(i)[p.Best(i)]); !(math.Abs(got-(want-top)) <= 1e-6) {
				t.Errorf("row %d, class %d: %v below the best, want %v", i, c, got, want-top)
			}
		}
	}
}
