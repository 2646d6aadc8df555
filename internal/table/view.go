package table

import (
	"fmt"
	"math"
	"slices"
)

// View is some rows and some features of a table, with the column to predict.
// It is a small value; making one copies no data. The zero View has no rows.
type View struct {
	t        *Table
	rows     []int // nil: all
	features []int // indices of columns, in order
	target   int   // index of the column to predict; -1: none
	weight   int   // index of the weight column; -1: none
}

// View returns all rows and every column whose role is Feature. The target is the
// table's only label column, if it has exactly one; see WithTarget.
func (t *Table) View() View {
	v := View{t: t, target: -1, weight: -1}
	labels := 0
	for i, c := range t.columns {
		switch c.Role {
		case Feature:
			v.features = append(v.features, i)
		case Label:
			v.target = i
			labels++
		case Weight:
			v.weight = i
		}
	}
	if labels != 1 {
		v.target = -1
	}
	return v
}

// Table returns the table behind the view.
func (v View) Table() *Table { return v.t }

// Rows is the number of rows.
func (v View) Rows() int {
	switch {
	case v.t == nil:
		return 0
	case v.rows == nil:
		return v.t.rows
	}
	return len(v.rows)
}

// Row returns the number, in the table, of the view's row i.
func (v View) Row(i int) int {
	if v.rows == nil {
		return i
	}
	return v.rows[i]
}

// Index returns the table's row numbers in the view's order, nil for all of them.
// Callers only read.
func (v View) Index() []int { return v.rows }

// Take returns the given rows of the view, in that order; a row may come twice.
func (v View) Take(rows []int) View {
	if v.rows == nil {
		v.rows = slices.Clone(rows)
		if v.rows == nil {
			v.rows = []int{}
		}
		return v
	}
	v.rows = pick(v.rows, rows)
	return v
}

// Where returns the rows for which keep holds; keep is given the table's row number.
func (v View) Where(keep func(row int) bool) View {
	rows := []int{}
	for i := range v.Rows() {
		if r := v.Row(i); keep(r) {
			rows = append(rows, r)
		}
	}
	v.rows = rows
	return v
}

// WithTarget returns the view with another column to predict. It panics if the
// table has no such column. A feature that becomes the target stops being a feature.
func (v View) WithTarget(name string) View {
	i, ok := v.t.index[name]
	if !ok {
		panic(fmt.Sprintf("table: %s has no column %q to predict", v.t.name, name))
	}
	v.target = i
	v.features = slices.DeleteFunc(slices.Clone(v.features), func(j int) bool { return j == i })
	return v
}

// Select returns the view with just these features, in this order. It panics if
// the table has no such column.
func (v View) Select(names ...string) View {
	v.features = make([]int, len(names))
	for k, name := range names {
		i, ok := v.t.index[name]
		if !ok {
			panic(fmt.Sprintf("table: %s has no column %q", v.t.name, name))
		}
		v.features[k] = i
	}
	return v
}

// Drop returns the view without these features.
func (v View) Drop(names ...string) View {
	v.features = slices.DeleteFunc(slices.Clone(v.features), func(j int) bool {
		return slices.Contains(names, v.t.columns[j].Name)
	})
	return v
}

// Numeric returns the view with its numeric features only.
func (v View) Numeric() View {
	v.features = slices.DeleteFunc(slices.Clone(v.features), func(j int) bool { return !v.t.columns[j].Numeric() })
	return v
}

// Features returns the feature columns of the whole table: row i of the view is
// entry Row(i) of each. Use Feature for the view's own rows.
func (v View) Features() []Column {
	out := make([]Column, len(v.features))
	for k, j := range v.features {
		out[k] = v.t.columns[j]
	}
	return out
}

// Feature returns the k-th feature with just the view's rows.
func (v View) Feature(k int) Column { return v.t.columns[v.features[k]].Pick(v.rows) }

// Column returns any column of the table with just the view's rows.
func (v View) Column(name string) (Column, error) {
	c, err := v.t.Lookup(name)
	if err != nil {
		return Column{}, err
	}
	return c.Pick(v.rows), nil
}

// Floats returns a numeric column's values in the view's rows as float64, NaN
// where missing. It panics if there is no such column or it is categorical.
func (v View) Floats(name string) []float64 {
	c := v.t.Column(name)
	switch {
	case c.Kind == FloatKind && v.rows == nil:
		return slices.Clone(c.floats)
	case c.Kind == FloatKind:
		return pick(c.floats, v.rows)
	case c.Kind == CodeKind:
		c.At(0) // panics: a category has no number
	}
	out := make([]float64, v.Rows())
	for i := range out {
		out[i] = float64(c.ints[v.Row(i)])
	}
	return out
}

// Strings returns a column's values in the view's rows as text, "" where missing.
func (v View) Strings(name string) []string {
	c := v.t.Column(name)
	out := make([]string, v.Rows())
	for i := range out {
		out[i] = c.String(v.Row(i))
	}
	return out
}

// Target returns the column to predict with the view's rows; ok is false if none is set.
func (v View) Target() (c Column, ok bool) {
	if v.t == nil || v.target < 0 {
		return Column{}, false
	}
	return v.t.columns[v.target].Pick(v.rows), true
}

// Labels returns the classes that occur in the view's rows, sorted, and for each
// row the index of its class among them. It fails where no categorical target is
// set or a label is missing.
func (v View) Labels() (labels []int, classes []string, err error) {
	c, ok := v.Target()
	if !ok {
		return nil, nil, fmt.Errorf("table: no target is set; use WithTarget")
	}
	if c.Kind != CodeKind {
		return nil, nil, fmt.Errorf("table: target %q of %s is of kind %v; classes need a categorical column", c.Name, v.t.name, c.Kind)
	}
	to := make([]int, len(c.levels)+1)
	for i, code := range c.codes {
		if code == 0 {
			return nil, nil, fmt.Errorf("table: %s: row %d has no %q", v.t.name, v.Row(i)+1, c.Name)
		}
		to[code] = 1
	}
	for l, used := range to {
		if used == 1 {
			to[l] = len(classes)
			classes = append(classes, c.levels[l-1])
		}
	}
	labels = make([]int, len(c.codes))
	for i, code := range c.codes {
		labels[i] = to[code]
	}
	return labels, classes, nil
}

// Weights returns the rows' weights, or nil where the table has no weight column.
// A weight that is not a number of at least 0 is an error.
func (v View) Weights() ([]float64, error) {
	if v.weight < 0 || v.t == nil {
		return nil, nil
	}
	c := v.t.columns[v.weight]
	if c.Kind == CodeKind {
		return nil, fmt.Errorf("table: %s: weights are in column %q, which is categorical; want numbers", v.t.name, c.Name)
	}
	out := make([]float64, v.Rows())
	for i := range out {
		out[i] = c.At(v.Row(i))
		if !(out[i] >= 0) || math.IsInf(out[i], 0) {
			return nil, fmt.Errorf("table: %s: row %d has weight %v; want a number of at least 0", v.t.name, v.Row(i)+1, out[i])
		}
	}
	return out, nil
}

// Materialize copies the view's rows and its features, target and weight into a
// table of their own.
func (v View) Materialize() *Table {
	columns := make([]Column, 0, len(v.features)+2)
	for k := range v.features {
		columns = append(columns, v.Feature(k).As(Feature))
	}
	if c, ok := v.Target(); ok {
		columns = append(columns, c.As(Label))
	}
	if v.weight >= 0 {
		columns = append(columns, v.t.columns[v.weight].Pick(v.rows))
	}
	t := Must(New(v.t.name, columns...))
	t.seal = v.t.seal
	return t
}
