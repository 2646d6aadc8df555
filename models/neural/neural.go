// Package neural answers: what do layers of units learn that one weighted sum does not?
//
// MLP is the multilayer perceptron, for classes. It works in float32 on kernels of its
// own (models/internal/f32), keeps mostly-zero inputs sparse, and gives the same bytes
// on any number of cores. The layers (models/internal/layers) are made to be read.
//
//	learner := encode.Then(neural.MLP{Hidden: []int{64, 32}, Epochs: 30}, encode.OneHot{}, encode.Standardize{})
//	model, err := learner.Fit(ctx, train.WithTarget("class"))
package neural

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/layers"
)

// Activation is the function between two layers of weights.
type Activation uint8

const (
	ReLU Activation = iota // max(x, 0)
	Tanh                   // tanh x
)

func (a Activation) String() string { return [...]string{"ReLU", "tanh"}[a] }

// Solver is how weights follow their gradient.
type Solver uint8

const (
	Adam     Solver = iota // steps by recent gradients' size, β₁ = 0.9, β₂ = 0.999, ε = 1e-8 [1]
	SGD                    // gradient with momentum
	Nesterov               // gradient with Nesterov's momentum
)

// MLP is the multilayer perceptron: each row goes through layers of weighted sums with
// a bend between them, to one answer for two classes (the log-odds of the second) or
// one a class. Its weights are moved batch by batch to make small
//
//	Σ_i s_i loss_i + (n / Batch) · L2/2 · Σ w²
//
// with loss = -log p of the row's class, s the row weights scaled to a mean of 1, and w
// all weights but the biases: the objective of scikit-learn's MLPClassifier. The zero
// value is ready, has that one's settings but for the penalty (1e-4 there), and runs
// all its epochs unless Patience is set.
//
// Features must be numbers, present and finite, and should be of similar size: put
// encode.OneHot, encode.Impute and encode.Standardize before it. A row of weight 0 is
// the same as no row; a weight of 2 is not the same as the row twice, for batches are
// drawn by rows.
//
// Each epoch goes through the rows in a new order. One costs O(n · weights), where the
// first layer's weights count only for the entries of a row that differ from their
// column's usual value. Memory is 8 bytes an entry that differs, or 4 bytes a number
// where most differ (twice that while they are encoded), and 12 bytes a weight, with
// another 4 for each 128 rows of a batch, up to 64.
//
// [1] Kingma, Ba (2015), ICLR. [2] Glorot, Bengio (2010), AISTATS 9, 249-256 (the first
// weights). [3] Srivastava et al. (2014), JMLR 15, 1929-1958 (dropout). [4] Prechelt
// (1998), Early stopping - but when?, LNCS 1524, 55-69.
type MLP struct {
	Hidden     []int      // units of each hidden layer, at least 1; nil means one of 100, an empty list none
	Activation Activation // between layers
	Dropout    float64    // chance that a hidden unit is left out of a training step [3], in [0, 1)
	Solver     Solver     // how the weights move
	Rate       float64    // step size, above 0; 0 means 0.001
	Momentum   float64    // of SGD and Nesterov, in [0, 1); 0 means 0.9
	Batch      int        // rows a step, at least 1; 0 means 200
	Epochs     int        // times through the rows, at most, at least 1; 0 means 200
	L2         float64    // penalty, at least 0; 0 means none
	Patience   int        // stop once the held-out loss has not fallen for so many epochs, and take the best weights [4]; 0 means never
	HoldOut    float64    // share of each class's rows held out if Patience is set, in (0, 1); 0 means 0.1
	Seed       rng.Seed   // first weights, order of rows, dropout, held-out rows
}

// Name is "multilayer perceptron".
func (MLP) Name() string { return "multilayer perceptron" }

// WithSeed returns the learner with another seed.
func (m MLP) WithSeed(s rng.Seed) models.Learner {
	m.Seed = s
	return m
}

// Fit learns from numeric features.
func (m MLP) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("neural", train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("neural", train)
	if err != nil {
		return nil, err
	}
	return m.FitPlan(ctx, plan, train)
}

// FitPlan learns from the columns of a plan; encode.Then calls it.
func (m MLP) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	m, err := m.defaults()
	if err != nil {
		return nil, err
	}
	labels, classes, weights, err := models.Trainable("neural", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	train, labels, weights = counted(train, labels, weights)
	data, err := layers.NewData("neural", plan, train)
	if err != nil {
		return nil, err
	}
	model := &Model{shape: shape{plan: plan, hidden: slices.Clone(m.Hidden), activation: m.Activation}, classes: classes}
	truth := layers.Truth{Class: make([]int32, len(labels)), Weight: scaled(weights)}
	for i, c := range labels {
		truth.Class[i] = int32(c)
	}
	var loss layers.Loss = layers.Softmax{Truth: truth, K: len(classes)}
	switch model.out = len(classes); model.out {
	case 1:
		model.out = 0
		return model, nil
	case 2:
		model.out = 1
		loss = layers.Logistic{Truth: truth}
	}
	model.history, err = m.train(ctx, &model.shape, data, loss, labels)
	return model, err
}

func (m MLP) defaults() (MLP, error) {
	if m.Hidden == nil {
		m.Hidden = []int{100}
	}
	if m.Rate == 0 {
		m.Rate = 0.001
	}
	if m.Momentum == 0 {
		m.Momentum = 0.9
	}
	if m.Batch == 0 {
		m.Batch = 200
	}
	if m.Epochs == 0 {
		m.Epochs = 200
	}
	if m.HoldOut == 0 {
		m.HoldOut = 0.1
	}
	for _, units := range m.Hidden {
		if units < 1 || units > mostUnits {
			return m, fmt.Errorf("neural: Hidden is %d; want layers of 1 to %d units", m.Hidden, mostUnits)
		}
	}
	switch {
	case len(m.Hidden) > mostLayers:
		return m, fmt.Errorf("neural: Hidden has %d layers; want at most %d", len(m.Hidden), mostLayers)
	case m.Activation > Tanh:
		return m, fmt.Errorf("neural: Activation is %d; want ReLU or Tanh", uint8(m.Activation))
	case !(m.Dropout >= 0 && m.Dropout < 1):
		return m, fmt.Errorf("neural: Dropout is %v; want a chance in [0, 1)", m.Dropout)
	case m.Solver > Nesterov:
		return m, fmt.Errorf("neural: Solver is %d; want Adam, SGD or Nesterov", m.Solver)
	case !(m.Rate > 0) || math.IsInf(m.Rate, 0):
		return m, fmt.Errorf("neural: Rate is %v; want a number above 0", m.Rate)
	case !(m.Momentum >= 0 && m.Momentum < 1):
		return m, fmt.Errorf("neural: Momentum is %v; want a number in [0, 1)", m.Momentum)
	case m.Batch < 1:
		return m, fmt.Errorf("neural: Batch is %d; want at least 1 row", m.Batch)
	case m.Epochs < 1:
		return m, fmt.Errorf("neural: Epochs is %d; want at least 1", m.Epochs)
	case !(m.L2 >= 0) || math.IsInf(m.L2, 0):
		return m, fmt.Errorf("neural: L2 is %v; want a number of at least 0", m.L2)
	case m.Patience < 0:
		return m, fmt.Errorf("neural: Patience is %d; want a number of epochs, or 0", m.Patience)
	case !(m.HoldOut > 0 && m.HoldOut < 1):
		return m, fmt.Errorf("neural: HoldOut is %v; want a share in (0, 1)", m.HoldOut)
	}
	return m, nil
}
