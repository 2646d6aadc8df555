package neural

import (
	"context"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/layers"
)

// shape is a fitted net.
type shape struct {
	plan       *dense.Plan
	hidden     []int
	activation Activation
	out        int       // answers a row; 0: the net is not needed
	weights    []float32 // layer by layer: a line a unit of the layer before, then the biases
}

// net is the layers that answer.
func (s *shape) net() *layers.Net {
	units := append(slices.Clone(s.hidden), s.out)
	return MLP{Activation: s.activation}.net([]layers.Layer{layers.Affine{In: s.plan.Width(), Out: units[0]}}, units)
}

// answerable checks rows that get an answer without the net.
func (s *shape) answerable(ctx context.Context, rows table.View) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return models.Predictable("neural", s.plan.Source, rows)
}

// answer calls give with the net's answers for rows lo ≤ i < hi, block by block.
func (s *shape) answer(ctx context.Context, rows table.View, give func(z []float32, lo, hi int)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := s.plan.Bind("neural", rows)
	if err != nil {
		return err
	}
	return s.net().Answer(ctx, "neural", s.weights, r, func(_, z []float32, lo, hi int) { give(z, lo, hi) })
}

// Model is a fitted MLP.
type Model struct {
	shape
	classes []string
	history
}

// Classes are the classes of training, sorted.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of weights, biases included.
func (m *Model) Size() (int, string) { return len(m.weights), "weights" }

// Predict gives probabilities as far as the net has learnt them. A row whose numbers
// overflow float32 on their way through the net is an error.
func (m *Model) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	k := len(m.classes)
	p := models.NewPrediction(m.Classes(), rows.Rows())
	if m.out == 0 {
		for i := range p.P {
			p.P[i] = 1
		}
		return p, m.answerable(ctx, rows)
	}
	err := m.answer(ctx, rows, func(z []float32, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.Row(i)
			if m.out == 1 {
				row[0], row[1] = logistic(-z[i-lo]), logistic(z[i-lo])
			} else {
				layers.Chances(row, z[(i-lo)*k:(i-lo+1)*k])
			}
		}
	})
	if err != nil {
		return models.Prediction{}, err
	}
	return p, nil
}

// logistic is 1/(1+exp(-z)); z and -z give a sum of 1.
func logistic(z float32) float64 {
	e := math.Exp(-math.Abs(float64(z)))
	if z < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
