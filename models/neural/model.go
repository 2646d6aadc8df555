package neural

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
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

// A net answers up to answerRows rows at a time, fewer where all of its units together,
// a number each of every row, are many.
const (
	answerRows    = 512
	answerNumbers = 1 << 24
)

func (s *shape) answerRows() int {
	units := s.out
	for _, n := range s.hidden {
		units += n
	}
	return max(1, min(answerRows, answerNumbers/units))
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
	net, p, block := s.net(), s.plan.Width(), s.answerRows()
	_, err = par.Map(ctx, par.Count(r.Len(), block), func(_ context.Context, b int) (struct{}, error) {
		lo, hi := b*block, min(r.Len(), (b+1)*block)
		x := make([]float32, (hi-lo)*p)
		if err := dense.FillRows(r, "neural", x, lo, hi); err != nil {
			return struct{}{}, err
		}
		z := net.NewBuffers(hi-lo).Forward(s.weights, x, nil, hi-lo)
		for i, v := range z {
			if v-v != 0 {
				return struct{}{}, fmt.Errorf("neural: %s: row %d has numbers too large for the net", rows.Table().Name(), rows.Row(lo+i/s.out)+1)
			}
		}
		give(z, lo, hi)
		return struct{}{}, nil
	})
	return err
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
