package encode

import (
	"fmt"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted steps, pipelines and Then models of this package are
// read back. What stands behind the steps has kinds of its own.
func Kinds() wire.Kinds {
	return wire.Kinds{
		"encode.fitted":   func(r *wire.Reader) any { return fitted{dense.LoadPlan(r)} },
		"encode.pipeline": func(r *wire.Reader) any { return loadPipeline(r) },
		"encode.encoded":  loadEncoded,
	}
}

// Kind names the saved form.
func (f fitted) Kind() string { return "encode.fitted" }

// Schema lists the columns that the step reads.
func (f fitted) Schema() table.Schema { return slices.Clone(f.plan.Source) }

// Save appends the plan.
func (f fitted) Save(w *wire.Writer) { f.plan.Save(w) }

// Kind names the saved form.
func (p pipeline) Kind() string { return "encode.pipeline" }

// Schema lists the columns that the first step reads.
func (p pipeline) Schema() table.Schema {
	if len(p.before) > 0 {
		return p.before[0].(fitted).Schema() // fitAll puts one of ours before every step from elsewhere
	}
	return slices.Clone(p.last.Source)
}

// Save appends the steps. One from elsewhere must be a wire.Saver.
func (p pipeline) Save(w *wire.Writer) {
	w.Int(len(p.before))
	for _, t := range p.before {
		w.Nested(t)
	}
	w.Bool(p.last != nil)
	if p.last != nil {
		p.last.Save(w)
	}
}

func loadPipeline(r *wire.Reader) pipeline {
	p := pipeline{before: make([]models.Transformer, r.Len(8+8))}
	for i := range p.before {
		p.before[i] = r.Transformer()
	}
	if r.Bool() {
		p.last = dense.LoadPlan(r)
	}
	r.Check(len(p.before) > 0 || p.last != nil, "encode: a pipeline of nothing")
	if len(p.before) > 0 {
		_, ours := p.before[0].(fitted)
		r.Check(ours, "encode: a pipeline begins with a %T", p.before[0])
	}
	return p
}

// Kind names the saved form.
func (e encoded) Kind() string { return "encode.encoded" }

// Schema lists the columns that the first step reads.
func (e encoded) Schema() table.Schema { return e.pipeline.Schema() }

// Save appends the steps and the classifier behind them.
func (e encoded) Save(w *wire.Writer) {
	e.pipeline.Save(w)
	w.Nested(e.model)
}

func loadEncoded(r *wire.Reader) any {
	p, model := loadPipeline(r), r.Classifier()
	if r.Err() != nil {
		return nil
	}
	return wrap(p, model)
}

// Plans returns the steps as plans, each over the columns that the one before made, for
// who writes the model in another form. A step from elsewhere is an error.
func (e encoded) Plans() ([]*dense.Plan, error) {
	var plans []*dense.Plan
	for i, t := range e.pipeline.before {
		f, ok := t.(fitted)
		if !ok {
			return nil, fmt.Errorf("encode: step %d is a %T, which only flowbook can run", i+1, t)
		}
		plans = append(plans, f.plan)
	}
	if e.pipeline.last != nil {
		plans = append(plans, e.pipeline.last)
	}
	return plans, nil
}
