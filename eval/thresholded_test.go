package eval

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/decision"
)

// Scores of the positives .3 .4 .45 .2, of the negatives .1 .15 .05 .25: at 0.5
// nothing is found; between .25 and .3 three of four are, without a false alarm
// (MCC √.6 = .775); between .15 and .2 all four with one (MCC .775 as well). The
// former is nearer to 0.5.
func TestBestThresholdByHand(t *testing.T) {
	o := metric.Outcome{Classes: letters2, Truth: []int{0, 0, 0, 0, 1, 1, 1, 1}, Positive: 0}
	for _, s := range []float64{.3, .4, .45, .2, .1, .15, .05, .25} {
		o.P = append(o.P, s, 1-s)
	}
	if got := bestThreshold(o, metric.MCC); !(math.Abs(got-.275) <= 1e-15) {
		t.Errorf("MCC: %g", got)
	}
	if got := bestThreshold(o, metric.Recall); !(math.Abs(got-.175) <= 1e-15) {
		t.Errorf("recall: %g", got)
	}
	if got := bestThreshold(o, metric.FPR); got != .5 {
		t.Errorf("false positive rate: %g", got)
	}
}

var letters2 = []string{"a", "b"}

func TestMovedScores(t *testing.T) {
	for _, threshold := range []float64{.01, .275, .5, .8} {
		last := -1.0
		for s := 0.0; s <= 1; s += 1. / 64 {
			out := make([]float64, 2)
			decision.Move([]float64{1 - s, s}, out, 1, threshold)
			if out[1] <= last || out[0]+out[1] != 1 || (s > threshold) != (out[1] > .5) || out[1] < 0 || out[1] > 1 {
				t.Errorf("threshold %g: %g becomes %v after %g", threshold, s, out, last)
			}
			last = out[1]
		}
		if last != 1 {
			t.Errorf("threshold %g: 1 becomes %g", threshold, last)
		}
	}
}

// A learner whose scores are all too low: its own threshold repairs the classes,
// and leaves the ranking as it was.
func TestThresholded(t *testing.T) {
	data := flows("train", 400).View()
	own := Thresholded{Learner: timid{}, Positive: "attack", Seed: rng.New(4)}
	cv, err := binary().CrossValidate(ctx, data, foldsOf(t, data, "class", 4), timid{}, own, baseline.Majority{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := cv.ByFold("timid", metric.ROCAUC), cv.ByFold("timid, own threshold", metric.ROCAUC); !slices.Equal(a, b) {
		t.Errorf("ROC-AUC %v became %v", a, b)
	}
	if a, b := cv.Mean("timid", metric.MCC), cv.Mean("timid, own threshold", metric.MCC); !(b > a+.2) {
		t.Errorf("MCC %g became %g", a, b)
	}
	for _, c := range cv.Checks() {
		if c.ID == "binary/threshold/cv" && (c.Status != exhibit.Pass || !strings.Contains(c.Detail, "best MCC")) {
			t.Errorf("%+v", c)
		}
	}
	model, err := own.Fit(ctx, data.WithTarget("class"))
	if err != nil {
		t.Fatal(err)
	}
	if v := model.(interface{ Threshold() float64 }).Threshold(); !(v > 0 && v < .2) {
		t.Errorf("threshold %g", v)
	}
	if _, err := own.Fit(ctx, data.WithTarget("type")); err == nil {
		t.Error("three classes are accepted")
	}
}

// What modeltest asks of every learner, on two classes (its tables have three): the
// same seed gives the same scores, and one row alone those of the batch.
func TestThresholdedIsALearner(t *testing.T) {
	train, test := flows("train", 300).View().WithTarget("class"), opened(flows("test", 50))
	l := Named("forest", Thresholded{Learner: noisy{centroid{noise: 3}}, Metric: metric.BalancedAccuracy})
	fit := func(seed uint64) (models.Classifier, models.Prediction) {
		m, err := models.WithSeed(l, rng.New(seed)).Fit(ctx, train)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(ctx, test)
		if err != nil {
			t.Fatal(err)
		}
		return m, p
	}
	m, a := fit(1)
	_, b := fit(1)
	_, c := fit(2)
	if !slices.Equal(a.P, b.P) || slices.Equal(a.P, c.P) {
		t.Error("scores do not follow the seed")
	}
	if v := m.(interface{ Threshold() float64 }).Threshold(); v == .5 {
		t.Error("the threshold was not moved, so the test tests nothing")
	}
	for i := range a.Rows() {
		if p, err := m.Predict(ctx, test.Take([]int{i})); err != nil || !slices.Equal(p.P, a.Row(i)) {
			t.Fatalf("row %d alone %v, in the batch %v: %v", i, p.P, a.Row(i), err)
		}
	}
	byHand, err := noisy{centroid{noise: 3}}.WithSeed(rng.New(1).At("final")).Fit(ctx, train)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := byHand.Predict(ctx, test)
	if p, err := m.(interface{ Unwrap() models.Classifier }).Unwrap().Predict(ctx, test); err != nil || !slices.Equal(p.P, want.P) {
		t.Errorf("the model behind has other scores than the learner fitted by hand: %v", err)
	}
	if n, unit := m.(models.Sized).Size(); n != 4 || unit != "means" {
		t.Errorf("size %d %s", n, unit)
	}
	one := train.Where(func(r int) bool { return train.Table().Column("class").String(r) == "normal" })
	if m, err := l.Fit(ctx, one); err != nil || m.(interface{ Threshold() float64 }).Threshold() != .5 {
		t.Errorf("one class: %v", err)
	}
	if _, err := (Thresholded{Learner: centroid{fail: true}}).Fit(ctx, train); err == nil {
		t.Error("the learner's error is lost")
	}
}

// timid is a centroid that divides the score of attack by ten.
type timid struct{ centroid }

func (timid) Name() string { return "timid" }

func (l timid) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	m, err := l.centroid.Fit(ctx, train)
	return timidModel{m}, err
}

type timidModel struct{ models.Classifier }

func (m timidModel) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	p, err := m.Classifier.Predict(ctx, rows)
	for i := range p.Rows() {
		if row := p.Row(i); len(row) == 2 {
			row[0] /= 10
			row[1] = 1 - row[0]
		}
	}
	return p, err
}
