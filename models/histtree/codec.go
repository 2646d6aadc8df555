package histtree

import (
	"cmp"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// Kinds are the fitted models of this package and how they are read back.
func Kinds() wire.Kinds {
	return wire.Kinds{
		"histtree.Model":     func(r *wire.Reader) any { return loadModel(r) },
		"histtree.Boosted":   func(r *wire.Reader) any { return loadBoosted(r) },
		"histtree.Regressed": func(r *wire.Reader) any { return loadRegressed(r) },
	}
}

// Kind is "histtree.Model".
func (m *Model) Kind() string { return "histtree.Model" }

// Schema lists the features, sorted by name.
func (m *Model) Schema() table.Schema { return slices.Clone(m.schema) }

// Save appends the model.
func (m *Model) Save(w *wire.Writer) {
	w.Schema(m.schema)
	w.Strings(m.classes)
	saveGains(w, m.schema, m.gain)
	saveTrees(w, m.schema, m.trees)
}

func loadModel(r *wire.Reader) *Model {
	schema, classes := r.Schema(), r.Classes()
	gain := loadGains(r, schema)
	m := assemble(schema, classes, loadTrees(r, schema, len(classes)), gain)
	r.Check(len(m.trees) > 0, "histtree: a model without trees")
	for _, t := range m.trees {
		for i, n := range t.nodes {
			if n.kind == leaf && !r.Check(areShares(t.leaf(uint32(i))), "histtree: a leaf's scores are no shares of 1") {
				return nil
			}
		}
	}
	return m
}

// areShares reports whether no x is below 0 and all of them sum to 1.
func areShares(x []float64) bool {
	sum := 0.0
	for _, v := range x {
		if !(v >= 0) {
			return false
		}
		sum += v
	}
	return math.Abs(sum-1) <= 1e-9
}

// Kind is "histtree.Boosted".
func (m *Boosted) Kind() string { return "histtree.Boosted" }

// Schema lists the features, sorted by name.
func (m *Boosted) Schema() table.Schema { return m.model.Schema() }

// Save appends the model.
func (m *Boosted) Save(w *wire.Writer) {
	w.Schema(m.model.schema)
	w.Strings(m.model.classes)
	saveGains(w, m.model.schema, m.gain)
	w.Ints(m.answer)
	w.Floats(m.base)
	saveTrees(w, m.model.schema, m.model.trees)
}

func loadBoosted(r *wire.Reader) *Boosted {
	schema, classes := r.Schema(), r.Classes()
	m := &Boosted{gain: loadGains(r, schema)}
	m.answer = r.Ints(0, len(classes)-1)
	m.base = r.Finites()
	if !r.Check(len(m.answer) > 0 && distinct(m.answer), "histtree: no classes, or one twice, among those with scores") {
		return nil
	}
	want := len(m.answer)
	if want == 2 {
		want = 1
	}
	if !r.Check(len(m.base) == want, "histtree: %d scores for %d classes", len(m.base), len(m.answer)) {
		return nil
	}
	m.model = assemble(schema, classes, loadTrees(r, schema, 1), nil)
	r.Check(len(m.model.trees)%len(m.base) == 0, "histtree: %d trees for %d scores", len(m.model.trees), len(m.base))
	checkSums(r, m.base, m.model.trees)
	return m
}

// Kind is "histtree.Regressed".
func (m *Regressed) Kind() string { return "histtree.Regressed" }

// Schema lists the features, sorted by name.
func (m *Regressed) Schema() table.Schema { return m.model.Schema() }

// Save appends the model.
func (m *Regressed) Save(w *wire.Writer) {
	w.Schema(m.model.schema)
	saveGains(w, m.model.schema, m.gain)
	w.Float(m.base)
	saveTrees(w, m.model.schema, m.model.trees)
}

func loadRegressed(r *wire.Reader) *Regressed {
	schema := r.Schema()
	m := &Regressed{gain: loadGains(r, schema), base: r.Finite()}
	m.model = assemble(schema, nil, loadTrees(r, schema, 1), nil)
	checkSums(r, []float64{m.base}, m.model.trees)
	return m
}

func distinct(x []int) bool {
	sorted := slices.Sorted(slices.Values(x))
	return len(slices.Compact(sorted)) == len(x)
}

// checkSums makes sure that no row can add up leaves to what is not a number.
func checkSums(r *wire.Reader, base []float64, trees []*tree) {
	most := 0.0
	for _, v := range base {
		most += math.Abs(v)
	}
	for _, t := range trees {
		own := 0.0
		for _, v := range t.values {
			own = max(own, math.Abs(v))
		}
		most += own
	}
	r.Check(!math.IsInf(most, 0), "histtree: scores beyond all numbers")
}

// saveGains appends the gain of each feature, in the order of the schema.
func saveGains(w *wire.Writer, schema table.Schema, gains []Gain) {
	of := make(map[string]float64, len(gains))
	for _, g := range gains {
		of[g.Name] = g.Gain
	}
	for _, f := range schema {
		w.Float(of[f.Name])
	}
}

func loadGains(r *wire.Reader, schema table.Schema) []Gain {
	out := make([]Gain, len(schema))
	for f := range out {
		out[f] = Gain{schema[f].Name, r.Finite()}
	}
	sortGains(out)
	return out
}

// sortGains puts the most important features first; equal ones keep their order.
func sortGains(gains []Gain) {
	slices.SortStableFunc(gains, func(a, b Gain) int { return cmp.Compare(b.Gain, a.Gain) })
}
