package neighbors

import (
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/near"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back.
func Kinds() wire.Kinds { return wire.Kinds{"neighbors.Model": loadModel} }

// Kind names the saved form.
func (m *Model) Kind() string { return "neighbors.Model" }

// Schema lists the columns that distances are measured in.
func (m *Model) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the classes and the training rows kept with their classes, in the order
// of the tree. The rows are part of the model: whoever has the file has them.
func (m *Model) Save(w *wire.Writer) {
	w.Strings(m.classes)
	m.plan.Save(w)
	w.Float(m.k)
	m.tree.Save(w, m.k, func() { w.Int32s(m.label) })
}

func loadModel(r *wire.Reader) any {
	m := &Model{classes: r.Classes(), plan: dense.LoadPlan(r), k: r.Finite()}
	r.Check(m.k > 0, "neighbors: K is %v", m.k)
	m.tree = near.Load(r, "neighbors", m.plan, m.k, func() { m.label = r.Int32s() })
	if m.tree == nil || !r.Check(len(m.label) == len(m.tree.Index), "neighbors: %d labels of %d rows", len(m.label), len(m.tree.Index)) {
		return nil
	}
	for i, c := range m.label {
		r.Check(c >= 0 && int(c) < len(m.classes), "neighbors: row %d has label %d", i, c)
	}
	return m
}
