package ensemble_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/ensemble"
	"flowbook/models/histtree"
	"flowbook/models/linear"
	"flowbook/models/modeltest"
)

// TestClassWeights meets the optima of scikit-learn's class_weight.
func TestClassWeights(t *testing.T) {
	b, err := os.ReadFile("testdata/classweighted.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		X     [][]float64
		Cases []struct {
			Y             []int
			Weights       map[string]float64
			Logistic, SVM [][]float64
		}
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	for i, c := range ref.Cases {
		var columns []table.Column
		for j := range ref.X[0] {
			x := make([]float64, len(ref.X))
			for i := range x {
				x[i] = ref.X[i][j]
			}
			columns = append(columns, table.Float(fmt.Sprint("x", j), "", x))
		}
		class := make([]string, len(c.Y))
		for i, y := range c.Y {
			class[i] = fmt.Sprint("c", y)
		}
		v := table.Must(table.New("generated", append(columns, table.Text("class", class).As(table.Label))...)).View()
		for what, l := range map[string]models.Learner{"logistic": linear.Logistic{}, "svm": linear.SVM{InterceptScale: 1}} {
			m, err := ensemble.ClassWeighted{Learner: l, Weights: c.Weights}.Fit(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			want := c.Logistic
			if what == "svm" {
				want = c.SVM
			}
			got := m.(interface{ Coefficients() linear.Coefficients }).Coefficients().Values
			for k, line := range want {
				for j, v := range line {
					if !(math.Abs(got[k][j]-v) <= 2e-6*max(1, math.Abs(v))) {
						t.Errorf("case %d, %s: coefficient %d of line %d is %v, want %v", i, what, j, k, got[k][j], v)
					}
				}
			}
		}
	}
}

func TestClassWeightedConformance(t *testing.T) {
	logistic := ensemble.ClassWeighted{Learner: encode.Then(linear.Logistic{}, encode.Impute{}, encode.OneHot{})}
	modeltest.Run(t, logistic, modeltest.Tolerance(1e-6), modeltest.Saved(linear.Kinds()))
	logistic.Weights = map[string]float64{}
	modeltest.Run(t, logistic, modeltest.Tolerance(1e-6), modeltest.Saved(linear.Kinds()))
}

// TestClassWeightedNames: the name says what is done, and a seed reaches the learner.
func TestClassWeightedNames(t *testing.T) {
	c := ensemble.ClassWeighted{Learner: histtree.Forest{}}
	if got := c.Name(); got != "random forest, balanced classes" {
		t.Errorf("got %q", got)
	}
	c.Weights = map[string]float64{"attack": 2}
	if got := c.Name(); got != "random forest, weighted classes" {
		t.Errorf("got %q", got)
	}
}

// TestClassWeightsOnAView: a view of some rows, with weights of its own, is balanced
// over those rows; a table of them with the products written out fits the same.
func TestClassWeightsOnAView(t *testing.T) {
	n := 90
	x, w, class := make([]float64, n), make([]float64, n), make([]string, n)
	for i := range x {
		x[i], w[i] = math.Sin(float64(i)), float64(i%4)
		class[i] = "b"
		if i%5 == 0 || x[i] > 0.9 {
			class[i] = "a"
		}
	}
	var rows []int
	sum := map[string]float64{}
	for i := range x {
		if i%3 != 1 {
			rows = append(rows, i)
			sum[class[i]] += w[i]
		}
	}
	made := func(w []float64) table.View {
		return table.Must(table.New("made", table.Float("x", "", x), table.Float("weight", "", w).As(table.Weight),
			table.Text("class", class).As(table.Label))).View().Take(rows)
	}
	m, err := ensemble.ClassWeighted{Learner: linear.Logistic{}}.Fit(context.Background(), made(w))
	if err != nil {
		t.Fatal(err)
	}
	by := slices.Clone(w)
	for i := range by {
		by[i] *= (sum["a"] + sum["b"]) / (2 * sum[class[i]])
	}
	want, err := linear.Logistic{}.Fit(context.Background(), made(by))
	if err != nil {
		t.Fatal(err)
	}
	a, b := m.(*linear.Model).Coefficients(), want.(*linear.Model).Coefficients()
	if !slices.Equal(a.Values[0], b.Values[0]) || !slices.Equal(a.Intercept, b.Intercept) {
		t.Errorf("got %v %v, want %v %v", a.Values, a.Intercept, b.Values, b.Intercept)
	}
}

func TestClassWeightedErrors(t *testing.T) {
	v := table.Must(table.New("made", table.Float("x", "", []float64{1, 2, 3}), table.Text("class", []string{"a", "b", "a"}).As(table.Label))).View()
	for want, c := range map[string]ensemble.ClassWeighted{
		"no Learner":                   {},
		`names class "c"`:              {Learner: linear.Logistic{}, Weights: map[string]float64{"c": 1}},
		`gives class "a" the weight 0`: {Learner: linear.Logistic{}, Weights: map[string]float64{"a": 0}},
		`"b" the weight NaN`:           {Learner: linear.Logistic{}, Weights: map[string]float64{"b": math.NaN()}},
	} {
		if _, err := c.Fit(context.Background(), v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
