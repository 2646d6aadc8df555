package anomaly

import (
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/near"
	"flowbook/models/internal/wire"
)

func lofKinds() wire.Kinds { return wire.Kinds{"anomaly.Densities": loadDensities} }

// Kind names the saved form.
func (m *Densities) Kind() string { return "anomaly.Densities" }

// Schema lists the columns that distances are measured in.
func (m *Densities) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the training rows kept, with their reach and density, and the factors of
// training. The rows are part of the model: whoever has the file has them.
func (m *Densities) Save(w *wire.Writer) {
	m.plan.Save(w)
	w.Int(m.k)
	m.tree.Save(w, float64(m.k+1), func() {
		w.Floats(m.reach)
		w.Floats(m.density)
	})
	w.Floats(m.training)
}

// farReach is more than any two rows can be apart.
const farReach = 1e170

func loadDensities(r *wire.Reader) any {
	m := &Densities{plan: dense.LoadPlan(r), k: r.Int(1, math.MaxInt32)}
	m.tree = near.Load(r, "anomaly", m.plan, float64(m.k+1), func() { m.reach, m.density = r.Finites(), r.Finites() })
	m.training = r.Finites()
	if r.Err() != nil {
		return nil
	}
	n := len(m.tree.Index)
	if !r.Check(m.k < n && len(m.reach) == n && len(m.density) == n, "anomaly: %d neighbours of %d rows with %d reaches and %d densities", m.k, n, len(m.reach), len(m.density)) {
		return nil
	}
	for at, w := range m.tree.Weight {
		reach, density := m.reach[at], m.density[at]
		r.Check(w == 1 && reach >= 0 && reach <= farReach && density > 0 && density <= 1/little, "anomaly: row %d has weight %v, reach %v, density %v", at, w, reach, density)
	}
	return m
}
