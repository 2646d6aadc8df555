package neural

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"flowbook/models/internal/f32"
	"flowbook/models/internal/layers"
)

// peerCase is a training run of scikit-learn from given weights.
type peerCase struct {
	Target, Solver, Activation string
	Hidden                     []int
	Rate, Alpha                float64
	Epochs                     int
	Before, After, Losses      []float64
}

// TestStepsEqualScikitLearns takes the same steps from the same weights through the
// same batches. What differs is float32.
func TestStepsEqualScikitLearns(t *testing.T) {
	var peer struct {
		X       [][]float32
		Targets map[string][]float32
		Cases   []peerCase
	}
	text, err := os.ReadFile("testdata/mlp.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &peer); err != nil {
		t.Fatal(err)
	}
	whole, sparse := bothForms(peer.X)
	for _, c := range peer.Cases {
		for form, d := range map[string]layers.Data{"dense": whole, "sparse": sparse} {
			t.Run(c.Target+"/"+c.Solver+"/"+form, func(t *testing.T) { c.check(t, d, peer.Targets[c.Target]) })
		}
	}
}

func (c peerCase) check(t *testing.T, d layers.Data, target []float32) {
	m := MLP{Hidden: c.Hidden, Rate: c.Rate, Momentum: 0.9, Activation: map[string]Activation{"relu": ReLU, "tanh": Tanh}[c.Activation]}
	m.Solver = map[string]Solver{"adam": Adam, "sgd": SGD, "nesterov": Nesterov}[c.Solver]
	truth, out := layers.Truth{}, 1
	for _, v := range target {
		truth.Class = append(truth.Class, int32(v))
	}
	var loss layers.Loss = layers.Logistic{Truth: truth}
	switch c.Target {
	case "three":
		out, loss = 3, layers.Softmax{Truth: truth, K: 3}
	case "number":
		loss = layers.Squared{Target: target, K: 1}
	}
	tr := layers.Trainer{
		Net: m.net(d.Input(c.Hidden[0]), append(slices.Clone(c.Hidden), out)), Loss: loss, Solver: m.solver(),
		Batch: 16, L2: c.Alpha, Weights: narrow(c.Before),
	}
	order := make([]int32, d.N)
	for i := range order {
		order[i] = int32(i)
	}
	for epoch := range c.Epochs {
		sum, err := tr.Epoch(context.Background(), order)
		if err != nil {
			t.Fatal(err)
		}
		if got := sum / float64(d.N); len(c.Losses) > 0 && !(math.Abs(got-c.Losses[epoch]) <= 1e-5*c.Losses[epoch]) {
			t.Errorf("loss of epoch %d is %v, want %v", epoch+1, got, c.Losses[epoch])
		}
	}
	moved := 0.0
	for i, want := range c.After {
		if got := float64(tr.Weights[i]); !(math.Abs(got-want) <= 1e-4*math.Max(0.1, math.Abs(want))) {
			t.Errorf("weight %d is %v, want %v", i, got, want)
		}
		moved = math.Max(moved, math.Abs(want-c.Before[i]))
	}
	if moved < 0.05 || len(tr.Weights) != len(c.After) {
		t.Errorf("%d weights moved by %v at most; want %d and a move to speak of", len(tr.Weights), moved, len(c.After))
	}
}

// bothForms is rows as they are, and as entries that differ from 0 or, in column 3, 0.5.
func bothForms(x [][]float32) (whole, sparse layers.Data) {
	n, p := len(x), len(x[0])
	base, start, col, val := make([]float32, p), []int{0}, []int32{}, []float32{}
	base[3] = 0.5
	for _, row := range x {
		whole.Rows = append(whole.Rows, row...)
		for j, v := range row {
			if v != base[j] {
				col, val = append(col, int32(j)), append(val, v-base[j])
			}
		}
		start = append(start, len(col))
	}
	whole.N, whole.P = n, p
	return whole, layers.Data{N: n, P: p, Sparse: &layers.Sparse{Base: base, Rows: f32.NewSparse(p, start, col, val)}}
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}
