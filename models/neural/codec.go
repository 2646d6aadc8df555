package neural

import (
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

const (
	mostUnits  = 1 << 16 // of a layer
	mostLayers = 64      // hidden
)

// Kinds says how the fitted models of this package are read back.
func Kinds() wire.Kinds {
	return wire.Kinds{"neural.Model": load, "neural.Regressed": loadRegressed}
}

// Kind names the saved form.
func (m *Model) Kind() string { return "neural.Model" }

// Kind names the saved form.
func (m *Regressed) Kind() string { return "neural.Regressed" }

// Schema lists the columns that the model reads.
func (s *shape) Schema() table.Schema { return slices.Clone(s.plan.Source) }

// Save appends classes, net and history.
func (m *Model) Save(w *wire.Writer) {
	w.Strings(m.classes)
	m.shape.save(w)
	m.history.save(w)
}

// Save appends net, scale and history.
func (m *Regressed) Save(w *wire.Writer) {
	m.shape.save(w)
	w.Float(m.mean)
	w.Float(m.spread)
	m.history.save(w)
}

func (s *shape) save(w *wire.Writer) {
	s.plan.Save(w)
	w.Ints(s.hidden)
	w.Uint8(uint8(s.activation))
	w.Int(s.out)
	w.Float32s(s.weights)
}

func (h *history) save(w *wire.Writer) {
	w.Floats(h.losses)
	w.Floats(h.heldOut)
	w.Int(h.best)
}

func load(r *wire.Reader) any {
	m := &Model{classes: r.Classes(), shape: loadShape(r), history: loadHistory(r)}
	want := len(m.classes) // answers: one for two classes, none for one
	if want <= 2 {
		want--
	}
	r.Check(m.out == want, "neural: %d answers for %d classes", m.out, len(m.classes))
	return m
}

func loadRegressed(r *wire.Reader) any {
	m := &Regressed{shape: loadShape(r), mean: r.Finite(), spread: r.Finite(), history: loadHistory(r)}
	r.Check(m.out <= 1, "neural: %d answers for a number", m.out)
	return m
}

func loadShape(r *wire.Reader) shape {
	s := shape{plan: dense.LoadPlan(r), hidden: r.Ints(1, mostUnits), activation: Activation(r.Uint8()), out: r.Int(0, mostUnits), weights: r.Float32s()}
	r.Check(s.activation <= Tanh, "neural: activation %d", s.activation)
	r.Check(len(s.hidden) <= mostLayers, "neural: %d hidden layers", len(s.hidden))
	r.Check(s.plan.Numeric("neural") == nil, "neural: a column is a category")
	want := 0
	if in := s.plan.Width(); s.out > 0 {
		for _, units := range append(slices.Clone(s.hidden), s.out) {
			want += (in + 1) * units // at most 2^6 layers of 2^16 times 2^16, or columns that the bytes hold
			in = units
		}
	}
	r.Check(len(s.weights) == want, "neural: %d weights, want %d", len(s.weights), want)
	for _, v := range s.weights {
		r.Check(!math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0), "neural: a weight of %v", v)
	}
	return s
}

func loadHistory(r *wire.Reader) history {
	h := history{losses: r.Finites(), heldOut: r.Finites()}
	h.best = r.Int(0, len(h.losses))
	return h
}
