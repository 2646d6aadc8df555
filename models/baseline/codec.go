package baseline

import (
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back.
func Kinds() wire.Kinds {
	return wire.Kinds{"baseline.constant": loadConstant, "baseline.Rule": loadRule}
}

// Kind names the saved form.
func (c constant) Kind() string { return "baseline.constant" }

// Schema is what training looked like; the answer does not depend on it.
func (c constant) Schema() table.Schema { return slices.Clone(c.schema) }

// Save appends the classes and their shares.
func (c constant) Save(w *wire.Writer) {
	w.Strings(c.classes)
	w.Floats(c.shares)
	w.Schema(c.schema)
}

func loadConstant(r *wire.Reader) any {
	c := constant{r.Classes(), r.Finites(), r.Schema()}
	r.Check(len(c.shares) == len(c.classes), "baseline: %d shares for %d classes", len(c.shares), len(c.classes))
	return c
}

// Kind names the saved form.
func (r *Rule) Kind() string { return "baseline.Rule" }

// Schema lists all features of training; the rule reads one of them.
func (r *Rule) Schema() table.Schema { return slices.Clone(r.train) }

// Save appends the rule. Shares that it lacks are lists of length 0.
func (r *Rule) Save(w *wire.Writer) {
	w.Strings(r.classes)
	w.Schema(r.train)
	w.Int(slices.IndexFunc(r.train, func(f table.Field) bool { return f.Name == r.Feature() }))
	w.Floats(r.cuts)
	w.Int(len(r.parts))
	for _, shares := range r.parts {
		w.Floats(shares)
	}
	w.Floats(r.missing)
	w.Floats(r.rest)
	w.Float(r.right)
	w.Float(r.total)
}

func loadRule(r *wire.Reader) any {
	m := &Rule{classes: r.Classes(), train: r.Schema()}
	if !r.Check(len(m.train) > 0, "baseline: a rule without features") {
		return nil
	}
	at := r.Int(0, len(m.train)-1)
	m.schema, m.cuts = m.train[at:at+1], r.Finites()
	shares := func() []float64 {
		s := r.Finites()
		if len(s) == 0 {
			return nil
		}
		r.Check(len(s) == len(m.classes), "baseline: %d shares for %d classes", len(s), len(m.classes))
		return s
	}
	m.parts = make([][]float64, r.Len(8))
	for i := range m.parts {
		m.parts[i] = shares()
	}
	m.missing, m.rest, m.right, m.total = shares(), shares(), r.Float(), r.Float()
	r.Check(m.rest != nil, "baseline: a rule without the shares of all rows")
	r.Check(slices.IsSorted(m.cuts), "baseline: cuts that do not rise")
	want := len(m.cuts) + 1
	if m.schema[0].Kind == table.CodeKind {
		want = len(m.schema[0].Levels) + 1
		r.Check(len(m.cuts) == 0, "baseline: a rule on a category has cuts")
	}
	r.Check(len(m.parts) == want, "baseline: a rule of %d parts; want %d", len(m.parts), want)
	return m
}
