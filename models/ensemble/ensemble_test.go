package ensemble

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/bayes"
	"flowbook/models/encode"
	"flowbook/models/histtree"
	"flowbook/models/linear"
	"flowbook/models/modeltest"
)

var (
	_ models.Seeded = Bagging{}
	_ models.Seeded = AdaBoost{}
	_ models.Seeded = Voting{}
	_ models.Seeded = Stacking{}
	_ models.Seeded = Calibrated{}
	_ models.Sized  = (*Mean)(nil)
	_ models.Sized  = (*Boosted)(nil)
	_ models.Sized  = (*Stacked)(nil)
	_ models.Sized  = (*Calibration)(nil)
)

// members are three that take any table; the last one is a mix of both kinds.
func members() []models.Learner {
	return []models.Learner{
		histtree.Tree{MaxDepth: 4},
		encode.Then(linear.Logistic{Tolerance: 1e-6}, encode.Impute{}, encode.OneHot{}, encode.Standardize{}),
		histtree.Forest{Trees: 5, NoBootstrap: true},
	}
}

func TestConformance(t *testing.T) {
	tree := histtree.Tree{MaxDepth: 3, Smooth: 1}
	// A bootstrap and folds are dealt by a row's number: a weight of two is not two rows.
	drawn := modeltest.Option(modeltest.DrawsRows)
	saved := modeltest.Saved(Kinds(), histtree.Kinds(), baseline.Kinds(), bayes.Kinds(), encode.Kinds(), linear.Kinds())
	for _, c := range []struct {
		learner models.Learner
		options []modeltest.Option
	}{
		{Bagging{}, []modeltest.Option{drawn, saved}},
		{Bagging{Learner: members()[1], N: 3}, []modeltest.Option{drawn, saved, modeltest.Skip("infinite values", "logistic regression refuses them"), modeltest.Tolerance(1e-6)}},
		{AdaBoost{Rounds: 20}, []modeltest.Option{saved, modeltest.Tolerance(1e-9)}},
		{AdaBoost{Rounds: 10, Real: true, Learner: tree}, []modeltest.Option{saved, modeltest.Tolerance(1e-9)}},
		{Voting{Learners: members()[:1]}, []modeltest.Option{saved}},
		{Voting{Learners: members(), Soft: true}, []modeltest.Option{saved, modeltest.Skip("weights", "encoders do not count weights"), modeltest.Tolerance(1e-6)}},
		{Stacking{Learners: members()}, []modeltest.Option{saved, drawn, modeltest.Tolerance(1e-4)}},
		{Stacking{Learners: []models.Learner{tree, baseline.Majority{}}, Final: linear.Logistic{C: 0.5, Tolerance: 1e-10}, K: 3}, []modeltest.Option{drawn, saved, modeltest.Tolerance(1e-6)}},
		{Stacking{Learners: []models.Learner{tree, encode.Then(baseline.OneRule{}, encode.Log1p{})}, Final: bayes.Mixed{}, K: 2}, []modeltest.Option{drawn, saved, modeltest.Baseline, modeltest.Tolerance(1e-6), modeltest.Skip("infinite values", "the encoder refuses them")}},
		{Calibrated{Learner: tree}, []modeltest.Option{drawn, saved, modeltest.Tolerance(1e-9)}},
		{Calibrated{Learner: tree, LogOdds: true, K: 2}, []modeltest.Option{drawn, saved, modeltest.Tolerance(1e-9)}},
		{Calibrated{Learner: tree, Method: Isotonic}, []modeltest.Option{drawn, saved, modeltest.Tolerance(1e-9)}},
	} {
		t.Run(fmt.Sprintf("%s %+v", c.learner.Name(), c.learner), func(t *testing.T) { modeltest.Run(t, c.learner, c.options...) })
	}
}

func fitted(t *testing.T, l models.Learner, v table.View) models.Classifier {
	t.Helper()
	m, err := l.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func predicted(t *testing.T, m models.Classifier, v table.View) models.Prediction {
	t.Helper()
	p, err := m.Predict(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFieldsOutOfRange(t *testing.T) {
	v := peers(t).Tables[0].table(nil).View()
	for want, l := range map[string]models.Learner{
		"ensemble: N is -1; want at least 1, or 0 for 10":                                                              Bagging{N: -1},
		"ensemble: Rounds is -1; want at least 1, or 0 for 50":                                                         AdaBoost{Rounds: -1},
		"ensemble: Rate is -0.5; want a number above 0, or 0 for 1":                                                    AdaBoost{Rate: -0.5},
		"ensemble: Voting has no Learners; want at least one":                                                          Voting{},
		"ensemble: Stacking: Learners[0] is nil; want a learner":                                                       Stacking{Learners: []models.Learner{nil}},
		"ensemble: K is 1; want at least 2, or 0 for 5":                                                                Stacking{Learners: members(), K: 1},
		"ensemble: Calibrated has no Learner; name the one whose scores to calibrate":                                  Calibrated{},
		`ensemble: Method is "beta"; want "platt" or "isotonic"`:                                                       Calibrated{Learner: histtree.Tree{}, Method: "beta"},
		"ensemble: LogOdds is set with Method isotonic, whose curve is the same for them; leave it out":                Calibrated{Learner: histtree.Tree{}, Method: Isotonic, LogOdds: true},
		"ensemble: voting: member 2, decision tree: histtree: MaxDepth is -1; want at least 1, or 0 for any depth":     Voting{Learners: []models.Learner{baseline.Majority{}, histtree.Tree{MaxDepth: -1}}},
		"ensemble: stacking: member 1, decision tree: histtree: MaxDepth is -1; want at least 1, or 0 for any depth":   Stacking{Learners: []models.Learner{histtree.Tree{MaxDepth: -1}}},
		`ensemble: bagging: member 1, always x: it answers class "x", which is not among those of training, ["0" "1"]`: Bagging{Learner: baseline.Always{Class: "x"}},
	} {
		if _, err := l.Fit(context.Background(), v); err == nil || err.Error() != want {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}
