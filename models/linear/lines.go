package linear

import (
	"context"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// lines are the fitted coefficients that every model of this package has: none for
// one class, one line for two, else one a class.
type lines struct {
	classes         []string
	plan            *dense.Plan
	k               int
	beta, intercept []float64 // a line of k a column; k
	rounds          int
	unit, warning   string
}

func newLines(plan *dense.Plan, classes []string) lines {
	k := len(classes)
	if k <= 2 {
		k--
	}
	return lines{classes: classes, plan: plan, k: k, beta: make([]float64, plan.Width()*k), intercept: make([]float64, k)}
}

// set takes θ, whose intercepts count from the base of a compact matrix.
func (m *lines) set(base, theta []float64) {
	copy(m.beta, theta)
	copy(m.intercept, theta[len(m.beta):])
	for j, base := range base {
		for c := range m.k {
			m.intercept[c] -= float64(base * m.beta[j*m.k+c])
		}
	}
}

// Classes are the classes of training, sorted.
func (m *lines) Classes() []string { return slices.Clone(m.classes) }

// Schema names the columns that the model reads.
func (m *lines) Schema() table.Schema { return m.plan.Source }

// Size is the number of rounds of the solver, those on a sample included.
func (m *lines) Size() (int, string) { return m.rounds, m.unit }

// Warning says that the optimum was not reached; "" if it was.
func (m *lines) Warning() string { return m.warning }

// Coefficients are a model's numbers in the units of its columns.
type Coefficients struct {
	Columns   []string    // the columns after encoding
	Classes   []string    // what the lines stand for: the second class of two, or each class
	Values    [][]float64 // a line a class, a number a column: change of the class's score by one unit
	Intercept []float64   // one a class
}

// Coefficients returns a copy of the coefficients.
func (m *lines) Coefficients() Coefficients {
	c := Coefficients{Columns: m.plan.Names(), Intercept: append([]float64(nil), m.intercept...)}
	if c.Classes = m.Classes(); m.k < len(c.Classes) {
		c.Classes = c.Classes[1:]
	}
	for k := range m.k {
		line := make([]float64, len(c.Columns))
		for j := range line {
			line[j] = m.beta[j*m.k+k]
		}
		c.Values = append(c.Values, line)
	}
	return c
}

// predict fills each row's scores from its z = x·β + b, as many as there are lines.
func (m *lines) predict(ctx context.Context, rows table.View, fill func(z, row []float64)) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, err
	}
	r, err := m.plan.Bind("linear", rows)
	if err != nil {
		return models.Prediction{}, err
	}
	z, err := dense.Linear(r, "linear", m.beta, m.intercept)
	if err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(m.Classes(), r.Len())
	par.Blocks(r.Len(), 4096, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			if m.k == 0 {
				p.Row(i)[0] = 1
			} else {
				fill(z[i*m.k:(i+1)*m.k], p.Row(i))
			}
		}
	})
	return p, nil
}

// Plan says how the columns of the coefficients come from those of a table, for who
// writes the model in another form. Callers only read.
func (m *lines) Plan() *dense.Plan { return m.plan }
