package anomaly

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/layers"
)

// Autoencoder sends each row through a net with a narrow place and asks for the row back
// [1]. What most rows have in common fits through; a row that is put together otherwise
// comes back changed [2]. Its score is the mean squared difference over its numbers.
//
// The net is layers of weighted sums with a bend between them, as wide at the end as at
// the beginning. Adam moves its weights to make small
//
//	Σ_i ½ |x̂_i - x_i|² + (n / Batch) · L2/2 · Σ w²    w all weights but the biases
//
// which is what scikit-learn's MLPRegressor does when rows are their own targets. With
// Activation Identity and one layer of K units the best net projects on the first K
// principal components [3]. The zero value is ready.
//
// Features must be numbers, present and finite, and of similar size: put encode.OneHot,
// encode.Impute and encode.MinMax before it. Rows in training that are anomalies
// themselves are learnt like others, which does little harm while they are few and
// unlike each other. An epoch costs O(n · weights), where the first layer's count only
// for the numbers of a row that differ from their column's usual value. Memory is 8
// bytes for each of these, or 4 bytes a number where most differ.
//
// [1] Rumelhart, Hinton, Williams (1986), Parallel Distributed Processing 1, chapter 8.
// [2] Japkowicz, Myers, Gluck (1995), IJCAI, 518-523. [3] Baldi, Hornik (1989), Neural
// Networks 2(1), 53-58.
type Autoencoder struct {
	Hidden     []int      // units of each hidden layer, at least 1; nil means ⌈p/2⌉, ⌈p/8⌉ and ⌈p/2⌉ for p columns
	Activation Activation // between layers
	Rate       float64    // step size, above 0; 0 means 0.001
	Batch      int        // rows a step, at least 1; 0 means 200
	Epochs     int        // times through the rows, at least 1; 0 means 50
	L2         float64    // penalty, at least 0; 0 means none
	Seed       rng.Seed   // first weights, order of rows
}

// Activation is the function between two layers of weights.
type Activation uint8

const (
	Tanh     Activation = iota // tanh x
	ReLU                       // max(x, 0)
	Identity                   // x
)

// Name is "autoencoder".
func (Autoencoder) Name() string { return "autoencoder" }

// WithSeed returns the detector with another seed.
func (a Autoencoder) WithSeed(s rng.Seed) Detector {
	a.Seed = s
	return a
}

// FitDetector learns from numeric features. The result is an *Encoded.
func (a Autoencoder) FitDetector(ctx context.Context, train table.View) (Model, error) {
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("anomaly", train)
	if err != nil {
		return nil, err
	}
	return a.FitPlan(ctx, plan, train)
}

// FitPlan learns from the columns of a plan.
func (a Autoencoder) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (Model, error) {
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	a, err := a.defaults(plan.Width())
	if err != nil {
		return nil, err
	}
	data, err := layers.NewData("anomaly", plan, train)
	if err != nil {
		return nil, err
	}
	m := &Encoded{plan: plan, hidden: slices.Clone(a.Hidden), activation: a.Activation}
	t := layers.Trainer{
		Net: m.net(data.Input(m.units()[0])), Loss: layers.Rebuilt{Data: data}, Solver: &layers.Adam{Rate: a.Rate},
		Batch: min(a.Batch, data.N), L2: a.L2, Seed: a.Seed,
	}
	t.Weights = t.Net.Init(a.Seed.At("weights"))
	order := make([]int32, data.N)
	for i := range order {
		order[i] = int32(i)
	}
	err = t.Run(ctx, "anomaly", a.Name(), a.Epochs, order, a.Seed.At("order"), func(_ int, mean float64) (float64, bool) {
		m.losses = append(m.losses, 2*mean/float64(data.P))
		return 0, false
	})
	if err != nil {
		return nil, err
	}
	m.weights = t.Weights
	return m, nil
}

const (
	mostUnits  = 1 << 16 // of a layer
	mostLayers = 64      // hidden
)

func (a Autoencoder) defaults(p int) (Autoencoder, error) {
	if a.Hidden == nil {
		a.Hidden = []int{(p + 1) / 2, (p + 7) / 8, (p + 1) / 2}
	}
	if a.Rate == 0 {
		a.Rate = 0.001
	}
	if a.Batch == 0 {
		a.Batch = 200
	}
	if a.Epochs == 0 {
		a.Epochs = 50
	}
	for _, units := range a.Hidden {
		if units < 1 || units > mostUnits {
			return a, fmt.Errorf("anomaly: Hidden is %d; want layers of 1 to %d units", a.Hidden, mostUnits)
		}
	}
	switch {
	case len(a.Hidden) < 1 || len(a.Hidden) > mostLayers:
		return a, fmt.Errorf("anomaly: Hidden has %d layers; want 1 to %d", len(a.Hidden), mostLayers)
	case a.Activation > Identity:
		return a, fmt.Errorf("anomaly: Activation is %d; want Tanh, ReLU or Identity", a.Activation)
	case !(a.Rate > 0) || math.IsInf(a.Rate, 0):
		return a, fmt.Errorf("anomaly: Rate is %v; want a number above 0", a.Rate)
	case a.Batch < 1:
		return a, fmt.Errorf("anomaly: Batch is %d; want at least 1 row", a.Batch)
	case a.Epochs < 1:
		return a, fmt.Errorf("anomaly: Epochs is %d; want at least 1", a.Epochs)
	case !(a.L2 >= 0) || math.IsInf(a.L2, 0):
		return a, fmt.Errorf("anomaly: L2 is %v; want a number of at least 0", a.L2)
	}
	return a, nil
}
