package onnx

import (
	"math"
	"slices"

	"flowbook/models/internal/dense"
	"flowbook/models/linear"
)

// linear returns x·β + b: rows × lines. The numbers are one matrix product; all columns
// that come of one category are one look-up of what each of its levels adds.
func (g *graph) linear(p *dense.Plan, c linear.Coefficients, from columns) string {
	k := len(c.Values)
	if k == 0 {
		g.fail("a linear model of one class is a constant")
		return ""
	}
	start := slices.Clone(c.Intercept)
	tables := map[int][]float64{} // by source: a line of k a code
	var numbers []string
	var beta []float64
	for j, col := range p.Columns {
		if col.Kind == dense.Number {
			if v, ok := constant(col.Ops); ok {
				for l := range k {
					start[l] += float64(v * c.Values[l][j])
				}
				continue
			}
			source, ok := g.source(p, col, from)
			if !ok {
				return ""
			}
			numbers = append(numbers, g.functions(col.Ops, source.value))
			for l := range k {
				beta = append(beta, c.Values[l][j])
			}
			continue
		}
		codes := len(p.Source[col.Source].Levels) + 2
		if tables[col.Source] == nil {
			tables[col.Source] = make([]float64, codes*k)
		}
		for code := range codes {
			v := col.Off
			switch {
			case col.Kind == dense.Lookup:
				v = col.Table[code]
			case code == int(col.Code)+1:
				v = col.On
			}
			for l := range k {
				tables[col.Source][code*k+l] += float64(v * c.Values[l][j])
			}
		}
	}
	z := g.doubles(start, 1, k)
	if len(numbers) > 0 {
		z = g.op("Add", g.op("MatMul", g.beside(numbers), g.doubles(beta, len(numbers), k)), z)
	}
	for s := range p.Source {
		if tables[s] == nil {
			continue
		}
		source, ok := g.source(p, dense.Column{Source: s}, from)
		if !ok {
			return ""
		}
		z = g.op("Add", g.gather(tables[s], k, source.value), z)
	}
	return z
}

// constant is the number that a column with an encoder to zero has in every row.
func constant(ops []dense.Op) (v float64, ok bool) {
	at := -1
	for i, o := range ops {
		if o.Kind == dense.Zero {
			at = i
		}
	}
	if at < 0 {
		return 0, false
	}
	for _, o := range ops[at+1:] {
		v = o.At(v)
	}
	return v, true
}

// logit makes scores of a logistic regression's lines.
func (g *graph) logit(z string, lines int) string {
	if lines == 1 {
		return g.beside([]string{g.logistic(g.op("Neg", z)), g.logistic(z)})
	}
	return g.node("", "Softmax", []string{z}, attribute("axis", int64(1)))
}

// margin makes scores of a support vector machine's lines, as linear.SVMModel says.
func (g *graph) margin(z string, lines int) string {
	if lines == 1 {
		return g.beside([]string{g.squashed(g.op("Neg", z)), g.squashed(z)})
	}
	each := g.squashed(z)
	return g.op("Div", each, g.node("", "ReduceSum", []string{each, g.ints(1)}, attribute("keepdims", int64(1))))
}

func (g *graph) squashed(z string) string {
	from, one := g.number(10), g.number(1)
	size := g.op("Abs", z)
	near := g.op("Not", g.op("Less", from, size))
	rest := g.op("Div", g.number(1/(1+math.Exp(10))), g.op("Add", g.op("Sub", size, from), one))
	far := g.op("Where", g.op("Less", g.number(0), z), g.op("Sub", one, rest), rest)
	return g.op("Where", near, g.logistic(z), far)
}
