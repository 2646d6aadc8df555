package onnx

import (
	"fmt"
	"unicode/utf8"

	"flowbook/internal/table"
)

// graph is an ONNX graph being written. A value in it is known by its name: inputs by
// that of their column, all others by prefix and a number.
type graph struct {
	m     message
	count int
	err   error
}

const prefix = "flowbook:"

// column is a value of one number or one category a row.
type column struct {
	value  string   // rows × 1: double, or int64 codes: 0 unseen, 1 missing, 2… levels
	levels []string // of a category
	coded  bool
}

// columns are a table's, by name.
type columns map[string]column

func (g *graph) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf("onnx: "+format, args...)
	}
}

func (g *graph) fresh() string {
	g.count++
	return fmt.Sprintf("%s%d", prefix, g.count)
}

// node adds an operation and returns the name of its one output.
func (g *graph) node(domain, op string, inputs []string, attributes ...message) string {
	out := g.fresh()
	g.named(out, domain, op, inputs, attributes...)
	return out
}

func (g *graph) named(out, domain, op string, inputs []string, attributes ...message) {
	var m message
	for _, in := range inputs {
		m.text(1, in)
	}
	m.text(2, out)
	m.text(3, out)
	m.text(4, op)
	for _, a := range attributes {
		m.message(5, a)
	}
	if domain != "" {
		m.text(7, domain)
	}
	g.m.message(1, m)
}

// op is an operation of the standard domain without attributes.
func (g *graph) op(op string, inputs ...string) string { return g.node("", op, inputs) }

// doubles, ints and number add constants.
func (g *graph) doubles(v []float64, dims ...int) string {
	name := g.fresh()
	g.m.message(5, tensor(name, dims, v))
	return name
}

func (g *graph) ints(v ...int64) string {
	name := g.fresh()
	g.m.message(5, tensor(name, []int{len(v)}, v))
	return name
}

func (g *graph) number(v float64) string { return g.doubles([]float64{v}) }

// gather picks rows of a constant by a rows × 1 value of indices: rows × width.
func (g *graph) gather(values []float64, width int, at string) string {
	flat := g.node("", "Reshape", []string{at, g.ints(-1)})
	return g.op("Gather", g.doubles(values, len(values)/width, width), flat)
}

// beside puts values of the same rows side by side.
func (g *graph) beside(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return g.node("", "Concat", values, attribute("axis", int64(1)))
}

// input declares the columns that a model reads: numbers as double, NaN for missing;
// categories as text, "" for missing.
func (g *graph) input(schema table.Schema) columns {
	out := columns{}
	for _, f := range schema {
		if f.Name == "" || !utf8.ValidString(f.Name) || len(f.Name) >= len(prefix) && f.Name[:len(prefix)] == prefix {
			g.fail("a column is called %q; want a name in UTF-8 that does not begin with %q", f.Name, prefix)
			return nil
		}
		if f.Kind != table.CodeKind {
			g.m.message(11, valueInfo(f.Name, typeDouble, 1))
			out[f.Name] = column{value: f.Name}
			continue
		}
		g.m.message(11, valueInfo(f.Name, typeString, 1))
		keys, values := []string{""}, []int64{1}
		for l, name := range f.Levels {
			if name == "" || !utf8.ValidString(name) {
				g.fail("column %q has the level %q; want text in UTF-8 that is not empty", f.Name, name)
				return nil
			}
			keys, values = append(keys, name), append(values, int64(l+2))
		}
		code := g.node(ml, "LabelEncoder", []string{f.Name}, attribute("keys_strings", keys), attribute("values_int64s", values), attribute("default_int64", int64(0)))
		out[f.Name] = column{value: code, levels: f.Levels, coded: true}
	}
	return out
}

// ml is the domain of trees and label encoders.
const ml = "ai.onnx.ml"
