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
		lo, hi := e.vectors.start[v], e.vectors.start[v+1]
		w.Int32s(e.vectors.col[lo:hi])
		w.Floats(e.vectors.val[lo:hi])
		terms := e.term[e.start[v]:e.start[v+1]]
		w.Int(len(terms))
		for _, t := range terms {
			w.Int(t.line)
			w.Float(t.coeff)
		}
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
	e.vectors, e.start = &points{p: p, start: []int{0}}, []int{0}
	for range r.Len(3 * 8) {
		e.loadVector(r, p)
		if r.Err() != nil {
			break
		}
	}
	return e
}

func (e *expansion) loadVector(r *wire.Reader, p int) {
	q, col, val := e.vectors, r.Int32s(), r.Finites()
	r.Check(len(col) == len(val) && len(col)%4 == 0, "svm: a row of %d columns and %d numbers", len(col), len(val))
	for _, c := range col {
		r.Check(c >= 0 && int(c) < p, "svm: column %d of %d", c, p)
	}
	norm := square(val)
	r.Check(norm <= farthest*farthest, "svm: a row %v away from the others", math.Sqrt(norm))
	q.col, q.val = append(q.col, col...), append(q.val, val...)
	q.start, q.norm = append(q.start, len(q.col)), append(q.norm, norm)
	least := 0
	for range r.Len(2 * 8) {
		t := term{r.Int(least, len(e.intercept)-1), r.Finite()}
		if r.Err() != nil {
			return
		}
		e.term, least = append(e.term, t), t.line+1
	}
	e.start = append(e.start, len(e.term))
}
