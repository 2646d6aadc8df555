package svm

import (
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Kinds are the loaders of this package.
func Kinds() wire.Kinds {
	return wire.Kinds{"svm.Machine": loadMachine, "svm.NystroemModel": loadNystroem}
}

// Kind is "svm.Machine".
func (*Machine) Kind() string { return "svm.Machine" }

// Save appends the machine.
func (m *Machine) Save(w *wire.Writer) {
	m.save(w)
	for _, p := range m.pair {
		w.Float(p.Objective)
		w.Float(p.Gap)
		w.Int(p.Steps)
		w.Int(p.Vectors)
		w.Int(p.Bounded)
		w.Bool(p.Converged)
	}
}

func loadMachine(r *wire.Reader) any {
	m := &Machine{expansion: loadExpansion(r, func(classes int) int { return classes * (classes - 1) / 2 })}
	if r.Err() != nil {
		return nil
	}
	n := m.vectors.n()
	for p, of := range m.pairs() {
		m.pair = append(m.pair, Pair{Negative: m.classes[of[0]], Positive: m.classes[of[1]], Intercept: m.intercept[p],
			Objective: r.Float(), Gap: r.Float(), Steps: r.Int(0, math.MaxInt), Vectors: r.Int(0, n), Bounded: r.Int(0, n), Converged: r.Bool()})
	}
	return m
}

// Kind is "svm.NystroemModel".
func (*NystroemModel) Kind() string { return "svm.NystroemModel" }

// Save appends the model.
func (m *NystroemModel) Save(w *wire.Writer) {
	m.save(w)
	w.Int(m.features)
	w.Ints(m.rounds)
	w.String(m.warning)
}

func loadNystroem(r *wire.Reader) any {
	m := &NystroemModel{expansion: loadExpansion(r, linesOf)}
	if r.Err() != nil {
		return nil
	}
	m.features, m.rounds, m.warning = r.Int(0, m.vectors.n()), r.Ints(0, math.MaxInt), r.String()
	return m
}

// Schema is the columns that Predict reads.
func (e *expansion) Schema() table.Schema { return slices.Clone(e.plan.Source) }

func (e *expansion) save(w *wire.Writer) {
	w.Strings(e.classes)
	e.plan.Save(w)
	w.Floats(e.base)
	w.Float(e.gamma)
	w.Floats(e.intercept)
	w.Int(e.vectors.n())
	for v := range e.vectors.n() {
		col, val := e.vectors.row(int32(v))
		w.Int32s(col)
		w.Floats(val)
	}
	w.Int(len(e.segments))
	for _, s := range e.segments {
		w.Int(s.line)
		w.Int(s.lo)
		w.Floats(s.coeff)
	}
}

// loadExpansion reads what save wrote; lines is how many there are by classes.
func loadExpansion(r *wire.Reader, lines func(classes int) int) expansion {
	e := expansion{classes: r.Classes(), plan: dense.LoadPlan(r), base: r.Finites(), gamma: r.Finite(), intercept: r.Finites()}
	p := e.plan.Width()
	r.Check(e.gamma > 0, "svm: gamma is %v", e.gamma)
	r.Check(len(e.base) == p, "svm: %d bases for %d columns", len(e.base), p)
	r.Check(len(e.intercept) == lines(len(e.classes)), "svm: %d intercepts for %d classes", len(e.intercept), len(e.classes))
	if err := e.plan.Numeric("svm"); err != nil {
		r.Fail("%w", err)
	}
	q := &points{p: p, start: []int{0}}
	for range r.Len(2 * 8) {
		col, val := r.Int32s(), r.Finites()
		r.Check(len(col) == len(val), "svm: a row of %d columns and %d numbers", len(col), len(val))
		last := int32(-1)
		for _, c := range col {
			r.Check(c > last && int(c) < p, "svm: column %d of %d after %d", c, p, last)
			last = c
		}
		if norm := square(val); !r.Check(norm <= farthest*farthest, "svm: a row %v away from the others", math.Sqrt(norm)) {
			return e
		}
		q.add(col, val)
	}
	e.setVectors(q)
	line, n := 0, q.n()
	for range r.Len(3 * 8) {
		s := segment{line: r.Int(line, len(e.intercept)-1), lo: r.Int(0, n), coeff: r.Finites()}
		if !r.Check(s.lo+len(s.coeff) <= n, "svm: %d coefficients from vector %d of %d on", len(s.coeff), s.lo, n) {
			return e
		}
		e.segments, line = append(e.segments, s), s.line
	}
	return e
}
