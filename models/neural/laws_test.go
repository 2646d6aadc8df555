package neural

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// rings simulates n rows of two classes, one around the other, with a tenth of the
// labels turned round, and a weight column if weights are given.
func rings(n int, weights []float64) table.View {
	g := rng.New(1).At("rings").Rand()
	x, y, class := make([]float64, n), make([]float64, n), make([]string, n)
	for i := range n {
		x[i], y[i] = g.NormFloat64(), g.NormFloat64()
		outer := x[i]*x[i]+y[i]*y[i] > 1.4
		class[i] = "inner"
		if outer != (g.IntN(10) == 0) {
			class[i] = "outer"
		}
	}
	columns := []table.Column{table.Float("x", "", x), table.Float("y", "", y), table.Text("class", class).As(table.Label)}
	if weights != nil {
		columns = append(columns, table.Float("w", "", weights).As(table.Weight))
	}
	return table.Must(table.New("rings", columns...)).View()
}

func fit(t *testing.T, m MLP, v table.View) *Model {
	t.Helper()
	c, err := m.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*Model)
}

func predict(t *testing.T, m *Model, v table.View) models.Prediction {
	t.Helper()
	p, err := m.Predict(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFieldsAreChecked(t *testing.T) {
	v := rings(50, nil)
	for want, m := range map[string]MLP{
		"Hidden is [3 0]":     {Hidden: []int{3, 0}},
		"Hidden has 65":       {Hidden: slices.Repeat([]int{2}, 65)},
		"Activation is 2":     {Activation: 2},
		"Dropout is 1":        {Dropout: 1},
		"Dropout is NaN":      {Dropout: math.NaN()},
		"Solver is 3":         {Solver: 3},
		"Rate is -1":          {Rate: -1},
		"Rate is +Inf":        {Rate: math.Inf(1)},
		"Momentum is 1":       {Momentum: 1},
		"Batch is -1":         {Batch: -1},
		"Epochs is -1":        {Epochs: -1},
		"L2 is -1":            {L2: -1},
		"L2 is NaN":           {L2: math.NaN()},
		"Patience is -1":      {Patience: -1},
		"HoldOut is 1":        {HoldOut: 1},
		"leaves none to hold": {Patience: 1, HoldOut: 0.001},
		"lower Rate":          {Solver: SGD, Rate: 1e30, Epochs: 5},
	} {
		if _, err := m.Fit(context.Background(), v); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "neural: ") {
			t.Errorf("%+v: error %v; want one with %q", m, err, want)
		}
	}
}

// TestPatience: training ends once the held-out loss has not fallen for so long, and
// the weights are those after its lowest; the same run cut at that epoch has them too.
func TestPatience(t *testing.T) {
	v := rings(600, nil)
	m := MLP{Hidden: []int{200}, Rate: 0.02, Batch: 20, Patience: 4, HoldOut: 0.25, Epochs: 150, Seed: rng.New(3)}
	got := fit(t, m, v)
	held := got.HeldOut()
	lowest := 0
	for e, v := range held {
		if v < held[lowest] {
			lowest = e
		}
	}
	if got.Epoch() != lowest+1 || len(held) != got.Epoch()+m.Patience || len(held) >= m.Epochs || len(got.Losses()) != len(held) {
		t.Fatalf("weights of epoch %d after %d epochs; the lowest held-out loss was in epoch %d", got.Epoch(), len(held), lowest+1)
	}
	m.Epochs = got.Epoch()
	if cut := fit(t, m, v); !slices.Equal(cut.weights, got.weights) {
		t.Errorf("a run of %d epochs has other weights", m.Epochs)
	}
	// The held-out loss is what the model gives for these rows.
	labels, _, _ := v.Labels()
	_, rows := m.split(v.Rows(), labels)
	if n := len(rows); n != 150 {
		t.Errorf("%d rows held out of 600, want a quarter", n)
	}
	p, sum := predict(t, got, v), 0.0
	for _, r := range rows {
		sum -= math.Log(p.Row(int(r))[labels[r]])
	}
	if mean := sum / float64(len(rows)); !(math.Abs(mean-held[lowest]) <= 1e-6) {
		t.Errorf("loss of the held-out rows is %v, want %v", mean, held[lowest])
	}
}

func TestWeights(t *testing.T) {
	const n = 300
	m := MLP{Hidden: []int{10}, Rate: 0.01, Batch: 50, Epochs: 60}
	plain := fit(t, m, rings(n, nil))
	if even := fit(t, m, rings(n, slices.Repeat([]float64{8}, n))); !slices.Equal(even.weights, plain.weights) {
		t.Error("equal weights are not the same as none")
	}
	labels, _, _ := rings(n, nil).Labels()
	weights := make([]float64, n)
	for i, c := range labels {
		weights[i] = float64(1 + 3*c)
	}
	mean := func(m *Model) (sum float64) {
		for _, v := range predict(t, m, rings(n, nil)).Scores("outer") {
			sum += v / n
		}
		return sum
	}
	if a, b := mean(plain), mean(fit(t, m, rings(n, weights))); !(b > a+0.1) {
		t.Errorf("mean chance of a class %.3f, and %.3f once it weighs four times as much", a, b)
	}
}

// TestNoHiddenLayer: without hidden layers the log-odds are a weighted sum, which cannot
// tell rings apart.
func TestNoHiddenLayer(t *testing.T) {
	v := rings(300, nil)
	m := fit(t, MLP{Hidden: []int{}, Rate: 0.01, Batch: 50, Epochs: 60}, v)
	if n, _ := m.Size(); n != 3 {
		t.Fatalf("%d weights, want 3", n)
	}
	x, y := v.Floats("x"), v.Floats("y")
	for i, p := range predict(t, m, v).Scores("outer") {
		sum := float64(m.weights[0])*x[i] + float64(m.weights[1])*y[i] + float64(m.weights[2])
		if want := 1 / (1 + math.Exp(-sum)); !(math.Abs(p-want) <= 1e-6) {
			t.Fatalf("row %d: %v, want %v", i, p, want)
		}
	}
}

// TestPenaltyShrinks: more penalty, smaller weights.
func TestPenaltyShrinks(t *testing.T) {
	before := math.Inf(1)
	for _, l2 := range []float64{0, 1, 10} {
		sum := 0.0
		for _, w := range fit(t, MLP{Hidden: []int{10}, Rate: 0.01, Batch: 50, Epochs: 60, L2: l2}, rings(300, nil)).weights {
			sum += float64(w) * float64(w)
		}
		if !(sum < 0.8*before) {
			t.Errorf("Σ w² is %v at L2 %v, %v at less", sum, l2, before)
		}
		before = sum
	}
}

func TestTooLargeToAnswer(t *testing.T) {
	m := fit(t, MLP{Epochs: 1}, rings(100, nil))
	for i := range m.weights {
		m.weights[i] = 1
	}
	v := table.Must(table.New("far", table.Float("x", "", []float64{0, 3e38, 0}), table.Float("y", "", []float64{0, 3e38, 0}))).View()
	if _, err := m.Predict(context.Background(), v); err == nil || !strings.Contains(err.Error(), "row 2") {
		t.Errorf("error %v; want one that names row 2", err)
	}
}
