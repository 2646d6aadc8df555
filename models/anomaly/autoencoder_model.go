package anomaly

import (
	"context"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/layers"
	"flowbook/models/internal/wire"
)

// Encoded is a fitted Autoencoder.
type Encoded struct {
	plan       *dense.Plan
	hidden     []int
	activation Activation
	weights    []float32 // layer by layer: a line a unit of the layer before, then the biases
	losses     []float64
}

// Score returns each row's mean squared difference from what the net makes of it. A row
// whose numbers overflow float32 on their way through the net is an error.
func (m *Encoded) Score(ctx context.Context, rows table.View) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := m.plan.Bind("anomaly", rows)
	if err != nil {
		return nil, err
	}
	p := m.plan.Width()
	score := make([]float64, r.Len())
	net := m.net([]layers.Layer{layers.Affine{In: p, Out: m.hidden[0]}})
	err = net.Answer(ctx, "anomaly", m.weights, r, func(x, z []float32, lo, hi int) {
		for i := range hi - lo {
			sum := 0.0
			for j, v := range z[i*p : (i+1)*p] {
				off := float64(v) - float64(x[i*p+j])
				sum += float64(off * off)
			}
			score[lo+i] = sum / float64(p)
		}
	})
	if err != nil {
		return nil, err
	}
	return score, nil
}

// Losses returns the mean score of the training rows in each epoch, each batch as it was
// when its turn came.
func (m *Encoded) Losses() []float64 { return slices.Clone(m.losses) }

// Size is the number of weights, biases included.
func (m *Encoded) Size() (int, string) { return len(m.weights), "weights" }

// units are those of each layer of weights: the hidden ones and the columns again.
func (m *Encoded) units() []int { return append(slices.Clone(m.hidden), m.plan.Width()) }

// net is the layers behind an input.
func (m *Encoded) net(input []layers.Layer) *layers.Net {
	units := m.units()
	for i, in := range units[:len(units)-1] {
		switch m.activation {
		case Tanh:
			input = append(input, layers.Tanh{Width: in})
		case ReLU:
			input = append(input, layers.Relu{Width: in})
		}
		input = append(input, layers.Affine{In: in, Out: units[i+1]})
	}
	return layers.NewNet(input...)
}

func autoencoderKinds() wire.Kinds { return wire.Kinds{"anomaly.Encoded": loadEncoded} }

// Kind names the saved form.
func (m *Encoded) Kind() string { return "anomaly.Encoded" }

// Schema lists the columns that the model reads.
func (m *Encoded) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the net and its losses.
func (m *Encoded) Save(w *wire.Writer) {
	m.plan.Save(w)
	w.Ints(m.hidden)
	w.Uint8(uint8(m.activation))
	w.Float32s(m.weights)
	w.Floats(m.losses)
}

func loadEncoded(r *wire.Reader) any {
	m := &Encoded{plan: dense.LoadPlan(r), hidden: r.Ints(1, mostUnits), activation: Activation(r.Uint8()), weights: r.Float32s(), losses: r.Finites()}
	r.Check(len(m.hidden) >= 1 && len(m.hidden) <= mostLayers, "anomaly: %d hidden layers", len(m.hidden))
	r.Check(m.activation <= Identity, "anomaly: activation %d", m.activation)
	r.Check(m.plan.Numeric("anomaly") == nil, "anomaly: a column is a category")
	in := m.plan.Width()
	r.Check(in > 0, "anomaly: no columns")
	want := 0
	for _, units := range m.units() {
		want += (in + 1) * units // at most 2^6 layers of 2^16 times 2^16, or columns that the bytes hold
		in = units
	}
	r.Check(len(m.weights) == want, "anomaly: %d weights, want %d", len(m.weights), want)
	r.Check(!slices.ContainsFunc(m.weights, func(w float32) bool { return w-w != 0 }), "anomaly: a weight that is not finite")
	return m
}
