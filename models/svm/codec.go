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
	return wire.Kinds{"svm.Machine": loadMachine}
}

// Kind is "svm.Machine".
func (*Machine) Kind() string { return "svm.Machine" }

// Schema is the columns that Predict reads.
func (m *Machine) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the machine.
func (m *Machine) Save(w *wire.Writer) {
	w.Strings(m.classes)
	m.plan.Save(w)
	w.Floats(m.base)
	w.Float(m.gamma)
	m.vectors.save(w)
	for v := range m.vectors.n() {
		terms := m.term[m.start[v]:m.start[v+1]]
		w.Int(len(terms))
		for _, t := range terms {
			w.Int(t.pair)
			w.Float(t.coeff)
		}
	}
	for _, p := range m.pair {
		w.Float(p.Intercept)
		w.Float(p.Objective)
		w.Float(p.Gap)
		w.Int(p.Steps)
		w.Int(p.Vectors)
		w.Int(p.Bounded)
		w.Bool(p.Converged)
	}
}

func loadMachine(r *wire.Reader) any {
	m := &Machine{classes: r.Classes(), plan: dense.LoadPlan(r)}
	m.base, m.gamma = loadSpace(r, m.plan)
	m.vectors = loadPoints(r, m.plan.Width())
	k := len(m.classes)
	pairs := k * (k - 1) / 2
	const size = 3*8 + 3*8 + 1 // of a pair
	if !r.Check(r.Rest()/size >= pairs, "svm: %d classes and %d bytes", k, r.Rest()) {
		return nil
	}
	m.start = []int{0}
	for range m.vectors.n() {
		last := -1
		for range r.Len(2 * 8) {
			t := term{r.Int(last+1, pairs-1), r.Finite()}
			if r.Err() != nil {
				return nil
			}
			m.term, last = append(m.term, t), t.pair
		}
		m.start = append(m.start, len(m.term))
	}
	m.pair = make([]Pair, pairs)
	for p, of := range m.pairs() {
		m.pair[p] = Pair{Negative: m.classes[of[0]], Positive: m.classes[of[1]],
			Intercept: r.Finite(), Objective: r.Float(), Gap: r.Float(),
			Steps: r.Int(0, math.MaxInt), Vectors: r.Int(0, m.vectors.n()), Bounded: r.Int(0, m.vectors.n()), Converged: r.Bool()}
	}
	return m
}

// loadSpace reads what distances are taken by: each column's base, and γ.
func loadSpace(r *wire.Reader, plan *dense.Plan) (base []float64, gamma float64) {
	base, gamma = r.Finites(), r.Finite()
	r.Check(gamma > 0, "svm: gamma is %v", gamma)
	r.Check(len(base) == plan.Width(), "svm: %d bases for %d columns", len(base), plan.Width())
	if err := plan.Numeric("svm"); err != nil {
		r.Fail("%w", err)
	}
	return base, gamma
}

func (q *points) save(w *wire.Writer) {
	w.Int(q.n())
	for i := range q.n() {
		w.Int32s(q.col[q.start[i]:q.start[i+1]])
		w.Floats(q.val[q.start[i]:q.start[i+1]])
	}
}

func loadPoints(r *wire.Reader, p int) *points {
	n := r.Len(8 + 8)
	q := &points{p: p, start: []int{0}}
	for range n {
		col, val := r.Int32s(), r.Finites()
		if !r.Check(len(col) == len(val) && len(col)%4 == 0, "svm: a row of %d columns and %d numbers", len(col), len(val)) {
			return &points{}
		}
		for _, c := range col {
			r.Check(c >= 0 && int(c) < p, "svm: column %d of %d", c, p)
		}
		norm := square(val)
		r.Check(norm <= farthest*farthest, "svm: a row %v away from the others", norm)
		q.col, q.val = append(q.col, col...), append(q.val, val...)
		q.start, q.norm = append(q.start, len(q.col)), append(q.norm, norm)
	}
	if r.Err() != nil {
		return &points{}
	}
	return q
}
