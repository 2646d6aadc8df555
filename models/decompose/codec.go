package decompose

import (
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back.
func Kinds() wire.Kinds { return wire.Kinds{"decompose.PCAModel": loadPCA} }

// Kind names the saved form.
func (m *PCAModel) Kind() string { return "decompose.PCAModel" }

// Schema lists the columns that the model reads.
func (m *PCAModel) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the plan, the mean and the components.
func (m *PCAModel) Save(w *wire.Writer) {
	m.plan.Save(w)
	w.Floats(m.mean)
	w.Floats(m.squares)
	w.Floats(m.components)
	w.Float(m.total)
	w.Float(m.weight)
}

func loadPCA(r *wire.Reader) any {
	m := &PCAModel{plan: dense.LoadPlan(r), mean: r.Finites(), squares: r.Finites(), components: r.Finites(), total: r.Finite(), weight: r.Finite()}
	p, k := m.plan.Width(), len(m.squares)
	r.Check(len(m.mean) == p && p > 0, "decompose: %d means of %d columns", len(m.mean), p)
	r.Check(k > 0 && k <= p && len(m.components) == k*p, "decompose: %d numbers for %d components of %d columns", len(m.components), k, p)
	r.Check(m.weight > 1, "decompose: rows of weight %v in all", m.weight)
	for i, v := range m.squares {
		r.Check(v >= 0 && (i == 0 || v <= m.squares[i-1]), "decompose: singular values that do not fall to 0")
	}
	for _, v := range m.components {
		r.Check(v >= -1.000001 && v <= 1.000001, "decompose: a component with the entry %v", v)
	}
	if err := m.plan.Numeric("decompose"); r.Err() == nil && err != nil {
		r.Fail("%w", err)
	}
	return m
}
