package neural

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/layers"
)

// Regressed is an MLP fitted to a number: mean + spread · the net's answer.
type Regressed struct {
	shape
	mean, spread float64
	history
}

// FitRegression learns a number from numeric features under the loss ½ (ŷ - y)². The
// net learns (y - mean)/sd of the weighted target, so that Rate suits a target of any
// size; L2 and the losses are of that scale, where scikit-learn's MLPRegressor leaves
// the target as it is. A target that is one number is answered by it, without a net.
// The result is a *Regressed.
func (m MLP) FitRegression(ctx context.Context, train table.View) (models.Regressor, error) {
	m, err := m.defaults()
	if err != nil {
		return nil, err
	}
	target, weights, err := models.TrainableNumber("neural", train)
	if err != nil {
		return nil, err
	}
	plan, err := dense.Of("neural", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	train, target, weights = counted(train, target, weights)
	data, err := layers.NewData("neural", plan, train)
	if err != nil {
		return nil, err
	}
	model := &Regressed{shape: shape{plan: plan, hidden: slices.Clone(m.Hidden), activation: m.Activation}}
	if model.mean, model.spread, err = moments(target, weights); err != nil || model.spread == 0 {
		return model, err
	}
	loss := layers.Squared{Target: make([]float32, len(target)), Weight: scaled(weights), K: 1}
	for i, y := range target {
		loss.Target[i] = float32((y - model.mean) / model.spread)
	}
	model.out = 1
	model.history, err = m.train(ctx, &model.shape, data, loss, nil)
	return model, err
}

// moments are the weighted mean and standard deviation of y; the mean is y[0], and the
// deviation 0, where all are equal.
func moments(y, weights []float64) (mean, sd float64, err error) {
	weight := func(i int) float64 {
		if weights == nil {
			return 1
		}
		return weights[i]
	}
	total, sum := 0.0, 0.0
	for i, v := range y {
		total += weight(i)
		sum += float64(weight(i) * (v - y[0]))
	}
	mean = sum / total
	for i, v := range y {
		off := v - y[0] - mean
		sd += float64(weight(i) * off * off)
	}
	mean, sd = y[0]+mean, math.Sqrt(sd/total)
	if math.IsInf(mean, 0) || math.IsNaN(mean) || math.IsInf(sd, 0) || math.IsNaN(sd) {
		return 0, 0, fmt.Errorf("neural: the target's mean is %v and its deviation %v; scale it", mean, sd)
	}
	return mean, sd, nil
}

// Size is the number of weights, biases included.
func (m *Regressed) Size() (int, string) { return len(m.weights), "weights" }

// Estimate returns a number a row. A row whose numbers overflow float32 on their way
// through the net is an error.
func (m *Regressed) Estimate(ctx context.Context, rows table.View) ([]float64, error) {
	y := make([]float64, rows.Rows())
	if m.out == 0 {
		for i := range y {
			y[i] = m.mean
		}
		return y, m.answerable(ctx, rows)
	}
	err := m.answer(ctx, rows, func(z []float32, lo, hi int) {
		for i := lo; i < hi; i++ {
			y[i] = m.mean + float64(m.spread*float64(z[i-lo]))
		}
	})
	if err != nil {
		return nil, err
	}
	return y, nil
}
