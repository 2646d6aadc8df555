package main

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/linear"
)

// optimum is what gen_optima.py found for one learner: a line a class.
type optimum struct {
	Values    [][]float64
	Intercept []float64
}

// TestOptimaAreScikitLearns holds the coefficients of the convex learners on whole
// tables to 1e-6, relative to each, or to a thousandth of the largest of its table
// where that is more: what is smaller is next to nothing.
func TestOptimaAreScikitLearns(t *testing.T) {
	text, err := os.ReadFile("testdata/peers/optima.json")
	if err != nil {
		t.Fatal(err)
	}
	var optima map[string]struct {
		Columns    []string
		LR, LinSVM optimum
	}
	if err := json.Unmarshal(text, &optima); err != nil {
		t.Fatal(err)
	}
	steps := []encode.Step{encode.Impute{}, encode.OneHot{}, encode.Standardize{}}
	for _, p := range peerTables {
		want, ok := optima[p.name]
		if !ok {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			rows, _ := p.open(t)
			for _, c := range []struct {
				learner models.Learner
				optimum optimum
			}{{linear.Logistic{}, want.LR}, {linear.SVM{InterceptScale: 1}, want.LinSVM}} {
				m, err := encode.Then(c.learner, steps...).Fit(t.Context(), rows)
				if err != nil {
					t.Fatal(err)
				}
				got := m.(interface{ Coefficients() linear.Coefficients }).Coefficients()
				compare(t, c.learner.Name(), got, want.Columns, c.optimum)
			}
		})
	}
}

func compare(t *testing.T, learner string, got linear.Coefficients, columns []string, want optimum) {
	t.Helper()
	if len(got.Columns) != len(columns) || len(got.Values) != len(want.Values) {
		t.Fatalf("%s: %d lines of %d columns, want %d of %d", learner, len(got.Values), len(got.Columns), len(want.Values), len(columns))
	}
	largest, worst := 0.0, 0.0
	for _, line := range want.Values {
		for _, v := range line {
			largest = max(largest, math.Abs(v))
		}
	}
	hold := func(what string, got, want float64) {
		off := math.Abs(got-want) / max(math.Abs(want), 1e-3*largest)
		worst = max(worst, off)
		if !(off <= 1e-6) {
			t.Errorf("%s: %s is %v, want %v", learner, what, got, want)
		}
	}
	for c, line := range want.Values {
		for j, v := range line {
			at := slices.Index(got.Columns, columns[j])
			if at < 0 {
				t.Fatalf("%s: no column %q", learner, columns[j])
			}
			hold(columns[j], got.Values[c][at], v)
		}
		hold("intercept", got.Intercept[c], want.Intercept[c])
	}
	t.Logf("%s: %d coefficients, farthest off by %.1e", learner, len(want.Values)*(len(columns)+1), worst)
}
