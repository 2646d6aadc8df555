package neural

import (
	"testing"

	"flowbook/models/encode"
	"flowbook/models/modeltest"
)

const placed = "first weights are drawn by the place of a column and a class"

func TestConformance(t *testing.T) {
	options := []modeltest.Option{
		modeltest.Saved(Kinds(), encode.Kinds()), modeltest.DrawsRows,
		modeltest.Skip("columns reordered", placed), modeltest.Skip("classes renamed", placed),
	}
	plain := append(options, modeltest.NumericOnly, modeltest.NoMissing)
	t.Run("plain", func(t *testing.T) { modeltest.Run(t, MLP{}, plain...) })
	t.Run("deep", func(t *testing.T) {
		modeltest.Run(t, MLP{Hidden: []int{33, 7}, Activation: Tanh, Dropout: 0.1, Solver: Nesterov, Rate: 0.02, Batch: 32, Epochs: 60, L2: 1e-3}, plain...)
	})
	t.Run("encoded", func(t *testing.T) {
		options := append(options, modeltest.Skip("weight 0", "means and deviations count all rows"))
		modeltest.Run(t, encode.Then(MLP{Patience: 20, Batch: 20}, encode.OneHot{}, encode.Impute{}, encode.Standardize{}), options...)
	})
}

func TestRegressionConformance(t *testing.T) {
	options := []modeltest.Option{
		modeltest.Saved(Kinds()), modeltest.DrawsRows, modeltest.NumericOnly, modeltest.NoMissing, modeltest.Skip("columns reordered", placed),
	}
	modeltest.RunRegression(t, MLP{}, options...)
	modeltest.RunRegression(t, MLP{Hidden: []int{30}, Activation: Tanh, Batch: 32, Patience: 30, Rate: 0.01}, options...)
}
