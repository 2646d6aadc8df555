package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"flowbook/datasets/nslkdd"
	"flowbook/eval/metric"
	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// TestAsGoodAsScikitLearn fits tree, forest, boosting and logistic regression to the real
// KDDTrain+ under the folds of testdata/gen_peers.py (row i is tested in fold
// i mod 10) and holds each mean to scikit-learn's: better, or within one standard
// error of the difference between the two over the ten folds.
func TestAsGoodAsScikitLearn(t *testing.T) {
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set: the real KDDTrain+ is needed")
	}
	var peers struct {
		Models map[string]map[string][]float64
	}
	text, err := os.ReadFile("testdata/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &peers); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	kdd, err := nslkdd.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	all := kdd.Train.View().WithTarget("is_attack")
	judged := map[string]metric.Metric{"accuracy": metric.Accuracy, "log_loss": metric.LogLoss, "roc_auc": metric.ROCAUC}
	held := 0
	for _, e := range learners() {
		want := peers.Models[e.learner.Name()]
		if want == nil {
			continue // held to scikit-learn in its own package only
		}
		held++
		got := map[string][]float64{}
		for fold := range 10 {
			train, test := split(all, fold)
			model, err := models.WithSeed(e.learner, rng.New(1).Index("fold", fold)).Fit(ctx, train)
			if err != nil {
				t.Fatal(err)
			}
			p, err := model.Predict(ctx, test)
			if err != nil {
				t.Fatal(err)
			}
			labels, classes, err := test.Labels()
			if err != nil {
				t.Fatal(err)
			}
			o := metric.Outcome{Classes: classes, Truth: labels, P: p.P, Positive: 0}
			for name, m := range judged {
				got[name] = append(got[name], m.Of(o))
			}
		}
		for name, m := range judged {
			ours, theirs := num.Mean(got[name]), num.Mean(want[name])
			se := num.StdDev(want[name]) / math.Sqrt(10)
			behind := ours - theirs
			if m.HigherIsBetter {
				behind = -behind
			}
			t.Logf("%s %s: ours %.6f, scikit-learn's %.6f, its standard error %.6f", e.learner.Name(), name, ours, theirs, se)
			if !(behind <= se) {
				t.Errorf("%s: %s is worse than scikit-learn's by %g, more than one standard error %g", e.learner.Name(), name, behind, se)
			}
		}
	}
	if held != len(peers.Models) {
		t.Errorf("%d of the recipe's %d models take part", held, len(peers.Models))
	}
}

// split gives the rows whose number leaves another remainder by 10 to training.
func split(v table.View, fold int) (train, test table.View) {
	return v.Where(func(r int) bool { return r%10 != fold }), v.Where(func(r int) bool { return r%10 == fold })
}
