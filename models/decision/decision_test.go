package decision_test

import (
	"context"
	"math"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/decision"
	"flowbook/models/modeltest"
)

// decided fits the one rule, cuts it and says that it was chosen.
type decided struct{ baseline.OneRule }

func (d decided) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	m, err := d.OneRule.Fit(ctx, train)
	if err != nil {
		return nil, err
	}
	return decision.Chosen(decision.Cut(m, "attack", 0.25), "candidate 1"), nil
}

func TestConformance(t *testing.T) {
	modeltest.Run(t, decided{}, modeltest.Baseline, modeltest.Saved(decision.Kinds(), baseline.Kinds()))
}

// TestMove: the threshold comes to lie at one half, 0 and 1 stay, and order is kept.
func TestMove(t *testing.T) {
	for _, c := range []struct{ threshold, score, want float64 }{
		{.25, 0, 0}, {.25, .125, .25}, {.25, .25, .5}, {.25, .625, .75}, {.25, 1, 1}, // (1+(.625-.25)/.75)/2 = .75
		{.5, .3, .3}, {0, 0, .5}, {0, 1, 1}, {1, 1, 1}, {1, .5, .25}, {1, 0, 0},
	} {
		var out [2]float64
		decision.Move([]float64{1 - c.score, c.score}, out[:], 1, c.threshold)
		if !(math.Abs(out[1]-c.want) <= 1e-15) || !(math.Abs(out[0]-(1-c.want)) <= 1e-15) {
			t.Errorf("threshold %v: score %v becomes %v, want %v", c.threshold, c.score, out[1], c.want)
		}
	}
}

// TestCutOfTwoClasses: scores are moved for the positive class only where it is one
// of two.
func TestCutOfTwoClasses(t *testing.T) {
	v := table.Must(table.New("t", table.Float("x", "", []float64{1, 2, 3, 4}),
		table.Text("class", []string{"attack", "normal", "normal", "normal"}).As(table.Label))).View()
	m, err := baseline.Majority{}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	for positive, want := range map[string]float64{"attack": .625, "other": .25} { // (1+(.25-0)/1)/2
		c := decision.Cut(m, positive, 0).(decision.Thresholder)
		p, err := c.Predict(context.Background(), v)
		if err != nil || p.P[0] != want || c.Threshold() != 0 || c.Positive() != positive {
			t.Errorf("%s: score %v, want %v (%v)", positive, p.P[0], want, err)
		}
	}
	if _, ok := decision.Cut(m, "attack", .5).(models.Sized); ok {
		t.Error("a model without a size has one")
	}
}
