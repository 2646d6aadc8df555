package bayes

import (
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back.
func Kinds() wire.Kinds { return wire.Kinds{"bayes.Model": load} }

// Kind names the saved form.
func (m *Model) Kind() string { return "bayes.Model" }

// Schema lists the columns that the model reads.
func (m *Model) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends classes, plan, log priors and factors.
func (m *Model) Save(w *wire.Writer) {
	w.Strings(m.classes)
	m.plan.Save(w)
	w.Floats(m.prior)
	w.Int(len(m.bells))
	for _, b := range m.bells {
		w.Int(b.column)
		w.Floats(b.mean)
		w.Floats(b.half)
		w.Floats(b.top)
		w.Float(b.spread)
	}
	w.Int(len(m.steps))
	for _, s := range m.steps {
		w.Int(s.column)
		w.Float(s.threshold)
		w.Floats(s.off)
		w.Floats(s.on)
	}
	w.Int(len(m.charts))
	for _, c := range m.charts {
		w.Int(c.source)
		w.Floats(c.score)
	}
}

func load(r *wire.Reader) any {
	m := &Model{classes: r.Classes(), plan: dense.LoadPlan(r), prior: r.Floats()}
	k, columns, sources := len(m.classes), m.plan.Columns, m.plan.Source
	r.Check(len(m.prior) == k, "bayes: %d priors for %d classes", len(m.prior), k)
	for _, v := range m.prior {
		r.Check(v <= 0, "bayes: a log prior of %v", v) // -Inf is a class of weight 0
	}
	line := func() []float64 { // any number will do: Predict answers the priors where no sum is finite
		x := r.Floats()
		r.Check(len(x) == k, "bayes: %d factors for %d classes", len(x), k)
		return x
	}
	number := func() int {
		j := r.Int(0, len(columns)-1)
		r.Check(j >= 0 && j < len(columns) && (columns[j].Kind == dense.Number || columns[j].Kind == dense.Lookup), "bayes: column %d is no number", j)
		return j
	}
	m.bells = make([]bell, r.Len(8+8+8+8+8))
	for i := range m.bells {
		m.bells[i] = bell{column: number(), mean: line(), half: line(), top: line(), spread: r.Finite()}
	}
	m.steps = make([]step, r.Len(8+8+8+8))
	for i := range m.steps {
		m.steps[i] = step{column: number(), threshold: r.Finite(), off: line(), on: line()}
	}
	m.charts = make([]chart, r.Len(8+8))
	for i := range m.charts {
		c := chart{source: r.Int(0, len(sources)-1), score: r.Finites()}
		ok := c.source >= 0 && c.source < len(sources) && sources[c.source].Kind == table.CodeKind
		if r.Check(ok, "bayes: source %d is no category", c.source) {
			r.Check(len(c.score) == (len(sources[c.source].Levels)+2)*k, "bayes: %d factors for %d levels and %d classes", len(c.score), len(sources[c.source].Levels), k)
		}
		m.charts[i] = c
	}
	r.Check(slices.ContainsFunc(m.prior, func(v float64) bool { return !math.IsInf(v, -1) }), "bayes: every class is impossible")
	return m
}
