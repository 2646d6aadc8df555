package linear

import (
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Kinds are the loaders of this package.
func Kinds() wire.Kinds {
	return wire.Kinds{
		"linear.Model":    func(r *wire.Reader) any { return &Model{loadLines(r)} },
		"linear.SVMModel": func(r *wire.Reader) any { return &SVMModel{loadLines(r)} },
	}
}

// Kind is "linear.Model".
func (*Model) Kind() string { return "linear.Model" }

// Kind is "linear.SVMModel".
func (*SVMModel) Kind() string { return "linear.SVMModel" }

// Save appends the model.
func (m *lines) Save(w *wire.Writer) {
	w.Strings(m.classes)
	m.plan.Save(w)
	w.Floats(m.beta)
	w.Floats(m.intercept)
	w.Int(m.rounds)
	w.String(m.unit)
	w.String(m.warning)
}

func loadLines(r *wire.Reader) lines {
	classes := r.Classes()
	plan := dense.LoadPlan(r)
	if r.Err() != nil {
		return lines{}
	}
	m := newLines(plan, classes)
	m.beta, m.intercept = r.Finites(), r.Finites()
	m.rounds, m.unit, m.warning = r.Int(0, 1<<40), r.String(), r.String()
	r.Check(len(m.beta) == plan.Width()*m.k && len(m.intercept) == m.k,
		"linear: %d coefficients and %d intercepts for %d columns and %d classes", len(m.beta), len(m.intercept), plan.Width(), len(classes))
	if err := plan.Numeric("linear"); err != nil {
		r.Fail("%w", err)
	}
	return m
}
