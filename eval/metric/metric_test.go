package metric

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

var all = []Metric{Accuracy, Precision, Recall, FPR, F1, MacroF1, MCC, BalancedAccuracy, ROCAUC, PRAUC, LogLoss, Brier}

// reference is testdata/metrics.json, written by testdata/gen_metrics.py.
type reference struct {
	Cases []struct {
		Name      string
		K         int
		Truth     []int
		P         []float64
		Positive  int
		Weights   []float64
		Want      map[string]float64
		Exact     map[string][2]float64
		Bootstrap map[string][2]float64
	}
	Curves struct {
		Truth                                         []int
		Score, FPR, TPR, Threshold, Precision, Recall []float64
	}
}

func load(t *testing.T) (r reference) {
	t.Helper()
	b, err := os.ReadFile("testdata/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func letters(k int) []string {
	out := make([]string, k)
	for i := range out {
		out[i] = string(rune('a' + i))
	}
	return out
}

func TestAgainstScikitLearn(t *testing.T) {
	for _, c := range load(t).Cases {
		o := Outcome{letters(c.K), c.Truth, c.P, c.Positive, c.Weights}
		for _, m := range all {
			want, ok := c.Want[m.Name]
			if !ok {
				t.Fatalf("%s: no reference for %s", c.Name, m.Name)
			}
			if got := m.Of(o); !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
				t.Errorf("%s: %s is %.17g, want %.17g", c.Name, m.Name, got, want)
			}
		}
	}
}

func TestIntervalsAgainstReference(t *testing.T) {
	exact, loose := 0, 0
	for _, c := range load(t).Cases {
		o := Outcome{letters(c.K), c.Truth, c.P, c.Positive, c.Weights}
		for _, m := range all {
			low, high := m.Interval(o, 0.95)
			if c.Weights != nil && !(math.IsNaN(low) && math.IsNaN(high)) {
				t.Errorf("%s: weighted %s has the interval [%g, %g]", c.Name, m.Name, low, high)
			}
			if want, ok := c.Exact[m.Name]; ok {
				exact++
				if !(math.Abs(low-want[0]) <= 1e-9) || !(math.Abs(high-want[1]) <= 1e-9) {
					t.Errorf("%s: %s in [%.12g, %.12g], want [%.12g, %.12g]", c.Name, m.Name, low, high, want[0], want[1])
				}
			}
			if want, ok := c.Bootstrap[m.Name]; ok {
				loose++
				// The ends of a bootstrap of 200 are off by some 10 % of the half
				// width (one sd), those of the reference by 2 %.
				tol := 0.35 * (want[1] - want[0]) / 2
				if !(math.Abs(low-want[0]) <= tol) || !(math.Abs(high-want[1]) <= tol) {
					t.Errorf("%s: %s in [%.5g, %.5g], want about [%.5g, %.5g]", c.Name, m.Name, low, high, want[0], want[1])
				}
			}
		}
	}
	if exact != 14 || loose != 12 {
		t.Errorf("%d exact and %d bootstrap intervals were compared", exact, loose)
	}
}

// Two positives at .9 and .4, three negatives at .8, .3, .1 (a is positive): tp 1
// (.9 ≥ .5), fn 1, fp 1, tn 2.
func worked() Outcome {
	s := []float64{.9, .4, .8, .3, .1}
	o := Outcome{Classes: []string{"a", "b"}, Truth: []int{0, 0, 1, 1, 1}, Positive: 0}
	for _, v := range s {
		o.P = append(o.P, v, 1-v)
	}
	return o
}

func TestWorkedByHand(t *testing.T) {
	want := map[string]float64{
		"accuracy":          3. / 5,
		"precision":         1. / 2,
		"recall":            1. / 2,
		"fpr":               1. / 3,
		"f1":                2. / 4,                                    // 2tp/(2tp+fp+fn)
		"macro-f1":          (1./2 + 4./6) / 2,                         // b: 2·2/(2·2+1+1)
		"mcc":               (1*2 - 1*1) / math.Sqrt(2*2*3*3),          // (tp tn - fp fn)/√…
		"balanced-accuracy": (1./2 + 2./3) / 2,                         //
		"roc-auc":           5. / 6,                                    // of 6 pairs only .4 < .8 is wrong
		"pr-auc":            (1./1)/2 + (2./3)/2,                       // recall steps at ranks 1 and 3
		"brier":             (.01 + .36 + .64 + .09 + .01) / 5,         //
		"log-loss":          -math.Log(.9*.4*(1-.8)*(1-.3)*(1-.1)) / 5, //
	}
	for _, m := range all {
		if got := m.Of(worked()); !(math.Abs(got-want[m.Name]) <= 1e-15*8) {
			t.Errorf("%s is %.17g, want %.17g", m.Name, got, want[m.Name])
		}
	}
}

func TestRangesAndLists(t *testing.T) {
	for _, c := range load(t).Cases {
		o := Outcome{letters(c.K), c.Truth, c.P, c.Positive, nil}
		for _, m := range all {
			v := m.Of(o)
			low, high := m.Interval(o, 0.95)
			if !(m.Low <= low && low <= v && v <= high && high <= m.High) {
				t.Errorf("%s: %s %g in [%g, %g], range [%g, %g]", c.Name, m.Name, v, low, high, m.Low, m.High)
			}
		}
	}
	for _, list := range [][]Metric{Binary, Multiclass} {
		names := map[string]bool{}
		for _, m := range list {
			names[m.Name] = true
			if m.Title == "" || m.Of == nil || m.Interval == nil {
				t.Errorf("%q is not complete", m.Name)
			}
		}
		for _, must := range []string{"mcc", "fpr", "roc-auc", "pr-auc"} {
			if !names[must] {
				t.Errorf("a list lacks %s", must)
			}
		}
	}
}

// Degenerate outcomes have stated results: value and whether the interval exists.
func TestDegenerate(t *testing.T) {
	nan := math.NaN()
	hard := func(k int, answers ...int) []float64 {
		p := make([]float64, 0, k*len(answers))
		for _, a := range answers {
			row := make([]float64, k)
			row[a] = 1
			p = append(p, row...)
		}
		return p
	}
	two := []string{"attack", "normal"}
	huge := -math.Log(0x1p-52)
	sure := -math.Log1p(-0x1p-52)
	cases := []struct {
		name string
		o    Outcome
		want map[string]float64
	}{
		{"no rows", Outcome{Classes: two, Positive: 0}, map[string]float64{"accuracy": nan, "precision": nan, "recall": nan, "fpr": nan,
			"f1": nan, "macro-f1": nan, "mcc": nan, "balanced-accuracy": nan, "roc-auc": nan, "pr-auc": nan, "log-loss": nan, "brier": nan}},
		{"no class", Outcome{Positive: -1}, map[string]float64{"accuracy": nan, "mcc": nan, "roc-auc": nan, "macro-f1": nan, "log-loss": nan}},
		{"a NaN score", Outcome{Classes: two, Truth: []int{0, 1}, P: []float64{1, 0, nan, 1}, Positive: 0}, map[string]float64{"accuracy": nan,
			"precision": nan, "recall": nan, "fpr": nan, "f1": nan, "macro-f1": nan, "mcc": nan, "balanced-accuracy": nan,
			"roc-auc": nan, "pr-auc": nan, "log-loss": nan, "brier": nan}},
		{"no positive predicted", Outcome{Classes: two, Truth: []int{0, 1, 1, 0}, P: hard(2, 1, 1, 1, 1), Positive: 0}, map[string]float64{
			"accuracy": .5, "precision": nan, "recall": 0, "fpr": 0, "f1": 0, "macro-f1": (2. / 3) / 2, "mcc": 0, "balanced-accuracy": .5,
			"roc-auc": .5, "pr-auc": .5, "log-loss": (huge + sure) / 2, "brier": .5}},
		{"no positive row", Outcome{Classes: two, Truth: []int{1, 1, 1}, P: hard(2, 1, 0, 1), Positive: 0}, map[string]float64{
			"accuracy": 2. / 3, "precision": 0, "recall": nan, "fpr": 1. / 3, "f1": 0, "macro-f1": .4, "mcc": 0,
			"balanced-accuracy": 2. / 3, "roc-auc": nan, "pr-auc": nan}},
		{"no positive row, none predicted", Outcome{Classes: two, Truth: []int{1, 1}, P: hard(2, 1, 1), Positive: 0}, map[string]float64{
			"accuracy": 1, "precision": nan, "recall": nan, "fpr": 0, "f1": nan, "macro-f1": 1, "mcc": 0, "balanced-accuracy": 1}},
		{"no negative row", Outcome{Classes: two, Truth: []int{0, 0}, P: hard(2, 0, 1), Positive: 0}, map[string]float64{
			"precision": 1, "recall": .5, "fpr": nan, "f1": 2. / 3, "mcc": 0, "roc-auc": nan, "pr-auc": 1}},
		{"one class of many", Outcome{Classes: letters(3), Truth: []int{2, 2}, P: hard(3, 2, 2), Positive: -1}, map[string]float64{
			"accuracy": 1, "precision": 1, "recall": 1, "fpr": nan, "macro-f1": 1, "mcc": 0, "roc-auc": nan, "pr-auc": 1, "brier": 0}},
		{"all right", Outcome{Classes: two, Truth: []int{0, 1, 0}, P: hard(2, 0, 1, 0), Positive: 0}, map[string]float64{
			"mcc": 1, "f1": 1, "roc-auc": 1, "pr-auc": 1, "fpr": 0, "brier": 0, "log-loss": sure}},
		{"all wrong", Outcome{Classes: two, Truth: []int{0, 1, 0}, P: hard(2, 1, 0, 1), Positive: 0}, map[string]float64{
			"mcc": -1, "f1": 0, "roc-auc": 0, "fpr": 1, "brier": 1, "log-loss": huge}},
	}
	for _, c := range cases {
		for _, m := range all {
			got := m.Of(c.o)
			want, ok := c.want[m.Name]
			if same := math.Abs(got-want) <= 1e-12 || math.IsNaN(got) && math.IsNaN(want); ok && !same {
				t.Errorf("%s: %s is %g, want %g", c.name, m.Name, got, want)
			}
			if low, high := m.Interval(c.o, 0.95); math.IsNaN(got) && !(math.IsNaN(low) && math.IsNaN(high)) {
				t.Errorf("%s: %s is undefined, but in [%g, %g]", c.name, m.Name, low, high)
			}
		}
	}
}

func TestBrokenPromisesPanic(t *testing.T) {
	for name, o := range map[string]Outcome{
		"scores":   {Classes: letters(2), Truth: []int{0}, P: []float64{1}},
		"class":    {Classes: letters(2), Truth: []int{2}, P: []float64{1, 0}},
		"positive": {Classes: letters(2), Truth: []int{1}, P: []float64{1, 0}, Positive: 2},
		"weights":  {Classes: letters(2), Truth: []int{1}, P: []float64{1, 0}, Weights: []float64{1, 1}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			MCC.Of(o)
		}()
	}
}

func TestBetter(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		m    Metric
		a, b float64
		want bool
	}{{MCC, 1, 0, true}, {MCC, 0, 1, false}, {FPR, 0, 1, true}, {MCC, 1, 1, false}, {MCC, nan, 0, false}, {FPR, 0, nan, true}, {FPR, nan, nan, false}} {
		if c.m.Better(c.a, c.b) != c.want {
			t.Errorf("%v: %g better than %g is not %v", c.m, c.a, c.b, c.want)
		}
	}
}
