package eval

import (
	"slices"
	"strings"
	"testing"

	"flowbook/eval/metric"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/decision"
	"flowbook/models/modeltest"
)

// far is a centroid whose means are far off: always the worse candidate.
func far() models.Learner { return centroid{noise: 100, seed: rng.New(8)} }

func TestTunedChoosesInsideTraining(t *testing.T) {
	data := flows("train", 300).View()
	tuned := Tuned{Label: "tuned", Candidates: []models.Learner{far(), centroid{}, far()}, Positive: "attack", Seed: rng.New(4)}
	cv, err := binary().CrossValidate(ctx, data, foldsOf(t, data, "class", 4), tuned, centroid{})
	if err != nil {
		t.Fatal(err)
	}
	// The same candidate wins in every fold, so the scores are its own.
	if a, b := cv.ByFold("tuned", metric.ROCAUC), cv.ByFold("centroid", metric.ROCAUC); !slices.Equal(a, b) {
		t.Errorf("tuned %v, its best candidate %v", a, b)
	}
	e := cv.Exhibit()
	if len(e.Notes) != 1 || e.Notes[0] != "tuned chose centroid, candidate 2 in 4 of 4 fits." {
		t.Errorf("notes %q", e.Notes)
	}
	h, err := binary().Holdout(ctx, data, opened(flows("test", 100)), "t", tuned)
	if err != nil {
		t.Fatal(err)
	}
	if e := h.Exhibit(); len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "candidate 2 in 1 of 1") {
		t.Errorf("notes %q", e.Notes)
	}
	if _, err := (Tuned{Label: "none"}).Fit(ctx, data.WithTarget("class")); err == nil {
		t.Error("no candidates are accepted")
	}
	if name := (Tuned{Candidates: []models.Learner{centroid{}}}).Name(); name != "tuned centroid" {
		t.Errorf("name %q", name)
	}
}

func TestTunedIsQuiet(t *testing.T) {
	s := new(steps)
	l := Tuned{Candidates: []models.Learner{centroid{}, far()}}
	if _, err := l.Fit(par.WithProgress(ctx, s), flows("train", 60).View().WithTarget("class")); err != nil || s.total.Load() != 0 {
		t.Errorf("%d steps, %v", s.total.Load(), err)
	}
}

func TestTunedIsALearner(t *testing.T) {
	modeltest.Run(t, Tuned{Candidates: []models.Learner{baseline.OneRule{}, baseline.Majority{}}, K: 2}, modeltest.Baseline, modeltest.Saved(baseline.Kinds(), decision.Kinds()))
}
