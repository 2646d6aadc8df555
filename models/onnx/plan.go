package onnx

import (
	"slices"

	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/internal/dense"
)

// apply makes the columns that a plan describes of those it reads.
func (g *graph) apply(p *dense.Plan, from columns) columns {
	out := columns{}
	for _, c := range p.Columns {
		source, ok := g.source(p, c, from)
		if !ok {
			return nil
		}
		switch c.Kind {
		case dense.Number:
			source.value = g.functions(c.Ops, source.value)
		case dense.Hot:
			n := len(source.levels) + 2
			values := slices.Repeat([]float64{c.Off}, n)
			values[c.Code+1] = c.On
			source = column{value: g.gather(values, 1, source.value)}
		case dense.Lookup:
			source = column{value: g.gather(c.Table, 1, source.value)}
		}
		out[c.Name] = source
	}
	return out
}

// source is the column that c reads, in the codes of the plan.
func (g *graph) source(p *dense.Plan, c dense.Column, from columns) (column, bool) {
	f := p.Source[c.Source]
	source, ok := from[f.Name]
	if !ok || source.coded != (f.Kind == table.CodeKind) {
		g.fail("there is no column %q of kind %v before the encoders", f.Name, f.Kind)
		return column{}, false
	}
	return g.recode(source, f), true
}

// recode brings a category into the levels of f, as a table's is: by text. A level that
// f does not have is unseen; one unseen before is encode.Unseen, should f have that.
func (g *graph) recode(c column, f table.Field) column {
	if !c.coded || slices.Equal(c.levels, f.Levels) {
		return c
	}
	to := make([]float64, len(c.levels)+2)
	for i := range to {
		name := encode.Unseen
		if i == 1 {
			to[i] = 1
			continue
		} else if i > 1 {
			name = c.levels[i-2]
		}
		if l, ok := slices.BinarySearch(f.Levels, name); ok {
			to[i] = float64(l + 2)
		}
	}
	code := g.node("", "Cast", []string{g.gather(to, 1, c.value)}, attribute("to", int64(typeInt64)))
	return column{value: code, levels: f.Levels, coded: true}
}

// functions applies ops in turn to a value.
func (g *graph) functions(ops []dense.Op, x string) string {
	for _, o := range ops {
		switch o.Kind {
		case dense.Scale:
			x = g.op("Div", g.op("Sub", x, g.number(o.A)), g.number(o.B))
		case dense.Log1p:
			x = g.log1p(x)
		case dense.Fill:
			x = g.op("Where", g.op("IsNaN", x), g.number(o.A), x)
		case dense.Zero:
			x = g.op("Where", g.op("Equal", x, x), g.number(0), g.number(0)) // also where it is missing
		}
	}
	return x
}

// log1p is log(1+max(x, 0)): exact where x is large, and where 1+x rounds, its error is
// divided out (Kahan): log(u)·x/(u-1) with u = 1+x as rounded, x where u is 1.
func (g *graph) log1p(x string) string {
	one, zero := g.number(1), g.number(0)
	x = g.op("Where", g.op("Less", x, zero), zero, x)
	u := g.op("Add", x, one)
	d := g.op("Sub", u, one)
	same := g.op("Equal", d, zero)
	exact := g.op("Mul", g.op("Log", u), g.op("Div", x, g.op("Where", same, one, d)))
	large := g.op("Equal", d, x) // nothing to correct; ∞/∞ is not made
	return g.op("Where", same, x, g.op("Where", large, g.op("Log", u), exact))
}
