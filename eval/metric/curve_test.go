package metric

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d points, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-12) {
			t.Errorf("%s: point %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

func TestCurvesAgainstScikitLearn(t *testing.T) {
	r := load(t).Curves
	o := Outcome{Classes: letters(2), Truth: r.Truth, Positive: 1}
	for _, s := range r.Score {
		o.P = append(o.P, 1-s, s)
	}
	roc := ROC(o, 1)
	near(t, "fpr", roc.X, r.FPR)
	near(t, "tpr", roc.Y, r.TPR)
	near(t, "threshold", roc.Threshold[1:], r.Threshold)
	pr := PR(o, 1)
	// scikit-learn goes on below the score that reaches recall 1.
	near(t, "recall", pr.X, r.Recall[:len(pr.X)])
	near(t, "precision", pr.Y, r.Precision[:len(pr.Y)])
	if last := pr.X[len(pr.X)-1]; last != 1 {
		t.Errorf("recall ends at %g", last)
	}
}

func TestCurvesAreThinned(t *testing.T) {
	o := random(20000, 2, false, 1)
	area := func(c Curve) (a float64) {
		for i := 1; i < len(c.X); i++ {
			a += (c.X[i] - c.X[i-1]) * (c.Y[i] + c.Y[i-1]) / 2
		}
		return a
	}
	roc := ROC(o, 1)
	n := len(roc.X)
	if n > maxPoints || n < maxPoints/4 { // straight runs need few
		t.Errorf("ROC has %d points", n)
	}
	if roc.X[0] != 0 || roc.Y[0] != 0 || roc.X[n-1] != 1 || roc.Y[n-1] != 1 {
		t.Errorf("ends at (%g, %g) and (%g, %g)", roc.X[0], roc.Y[0], roc.X[n-1], roc.Y[n-1])
	}
	if a := area(roc); !(math.Abs(a-ROCAUC.Of(o)) <= 1e-3) {
		t.Errorf("area of the thinned curve %g, AUC %g", a, ROCAUC.Of(o))
	}
	if pr := PR(o, 1); len(pr.X) > maxPoints || pr.X[len(pr.X)-1] != 1 {
		t.Errorf("PR has %d points and ends at recall %g", len(pr.X), pr.X[len(pr.X)-1])
	}
	for i := range n {
		if i > 0 && (roc.X[i] < roc.X[i-1] || roc.Y[i] < roc.Y[i-1] || roc.Threshold[i] >= roc.Threshold[i-1]) {
			t.Fatalf("point %d goes back", i)
		}
	}
}

func TestCurvesOfOneClassAreEmpty(t *testing.T) {
	o := Outcome{Classes: letters(2), Truth: []int{0, 0}, P: []float64{1, 0, .5, .5}}
	if len(ROC(o, 0).X) != 0 || len(ROC(o, 1).X) != 0 || len(PR(o, 1).X) != 0 || len(PR(o, 0).X) == 0 {
		t.Error("a class that is absent has a curve, or one that is there has none")
	}
	o.P[0] = math.NaN()
	if len(PR(o, 0).X) != 0 {
		t.Error("NaN scores have a curve")
	}
}
