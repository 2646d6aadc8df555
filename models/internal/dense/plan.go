// Package dense answers: how do the columns of a table become the numbers that
// linear, neighbour and neural models and k-means work on, in one pass and
// without a table in between?
//
// A Plan says how each column of a matrix comes from one column of a table; the
// steps of models/encode write plans. Bound to a view, a plan gives Rows, which
// fill row-major matrices of float64 or float32, or a Compact matrix that stores
// only what differs from each column's usual value.
//
//	plan, err := dense.Of("linear", train)    // the view's own numeric features
//	rows, err := plan.Bind("linear", train)
//	x, err := dense.Matrix[float64](rows)
package dense

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
)

// Learner is a models.Learner that fits straight from a plan. The classifier it
// returns predicts from rows with the plan's source columns.
type Learner interface {
	models.Learner
	FitPlan(ctx context.Context, plan *Plan, train table.View) (models.Classifier, error)
}

// Clusterer is a models.Clusterer that clusters straight from a plan.
type Clusterer interface {
	models.Clusterer
	ClusterPlan(ctx context.Context, plan *Plan, rows table.View) (models.Clustering, error)
}

// Plan is a list of output columns over a schema of source columns. It is
// immutable once made.
type Plan struct {
	Source  table.Schema
	Columns []Column
}

// Kind is how a column comes from its source.
type Kind uint8

const (
	Number   Kind = iota // numeric source through Ops
	Hot                  // categorical source: On where the code is Code, else Off
	Lookup               // categorical source: Table[code+1]
	Category             // categorical source, passed through; not a number
)

// Column is one output column.
type Column struct {
	Name   string
	Unit   string
	Kind   Kind
	Source int       // index into Plan.Source
	Ops    []Op      // of a Number, applied in turn
	Code   int32     // of a Hot: 0 missing, 1… a level of the source
	On     float64   // of a Hot
	Off    float64   // of a Hot
	Table  []float64 // of a Lookup: unseen, missing, level 0, level 1, …
}

// OpKind is a function of one number.
type OpKind uint8

const (
	Scale OpKind = iota // (x-A)/B
	Log1p               // log(1+max(x, 0))
	Fill                // A where x is missing
	Zero                // 0 whatever x is, also where it is missing
)

// Op is a function of one number with its constants.
type Op struct {
	Kind OpKind
	A, B float64
}

// At applies the function to one number.
func (o Op) At(x float64) float64 {
	switch o.Kind {
	case Scale:
		return (x - o.A) / o.B
	case Log1p:
		if x < 0 {
			x = 0
		}
		return math.Log1p(x)
	case Fill:
		if math.IsNaN(x) {
			return o.A
		}
		return x
	}
	return 0
}

func (o Op) all(x []float64) {
	if o.Kind == Scale {
		for i, v := range x {
			x[i] = (v - o.A) / o.B
		}
		return
	}
	for i, v := range x {
		x[i] = o.At(v)
	}
}

// With returns the column followed by one more function; unit is the result's.
func (c Column) With(o Op, unit string) Column {
	c.Unit = unit
	switch c.Kind {
	case Number:
		c.Ops = append(slices.Clip(slices.Clone(c.Ops)), o)
	case Hot:
		c.On, c.Off = o.At(c.On), o.At(c.Off)
	case Lookup:
		c.Table = slices.Clone(c.Table)
		o.all(c.Table)
	default:
		panic(fmt.Sprintf("dense: column %q is categorical and has no number", c.Name))
	}
	return c
}

// Identity is the plan of a view's features as they are, categories included.
func Identity(v table.View) *Plan {
	p := &Plan{Source: table.SchemaOf(v)}
	for k, f := range p.Source {
		kind := Number
		if f.Kind == table.CodeKind {
			kind = Category
		}
		p.Columns = append(p.Columns, Column{Name: f.Name, Unit: f.Unit, Kind: kind, Source: k})
	}
	return p
}

// Of is Identity for a model that needs numbers: a categorical feature is an error.
func Of(pkg string, v table.View) (*Plan, error) {
	p := Identity(v)
	return p, p.Numeric(pkg)
}

// Numeric reports the first column that is still a category.
func (p *Plan) Numeric(pkg string) error {
	for _, c := range p.Columns {
		if c.Kind == Category {
			return fmt.Errorf("%s: feature %q is categorical; want numbers; put encode.OneHot or encode.Ordinal before the learner", pkg, c.Name)
		}
	}
	return nil
}

// Distinct reports two columns of one name.
func (p *Plan) Distinct(pkg string) error {
	seen := make(map[string]bool, len(p.Columns))
	for _, c := range p.Columns {
		if seen[c.Name] {
			return fmt.Errorf("%s: two columns are called %q; rename one of their sources", pkg, c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// Width is the number of columns.
func (p *Plan) Width() int { return len(p.Columns) }

// Names lists the columns' names.
func (p *Plan) Names() []string {
	names := make([]string, len(p.Columns))
	for j, c := range p.Columns {
		names[j] = c.Name
	}
	return names
}
