package table

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
)

// Table is an immutable list of columns of equal length with distinct names.
type Table struct {
	name    string
	columns []Column
	index   map[string]int
	rows    int
	seal    *Sealed // not nil: a test set, see Seal
}

// New makes a table. The name says what the rows are ("KDDTrain+"); errors and
// captions use it.
func New(name string, columns ...Column) (*Table, error) {
	t := &Table{name: name, columns: slices.Clone(columns), index: make(map[string]int, len(columns))}
	for i, c := range t.columns {
		if i == 0 {
			t.rows = c.Len()
		}
		if c.Len() != t.rows {
			return nil, fmt.Errorf("table: %s: column %q has %d rows and %q has %d", name, c.Name, c.Len(), columns[0].Name, t.rows)
		}
		if _, twice := t.index[c.Name]; twice {
			return nil, fmt.Errorf("table: %s: two columns are called %q", name, c.Name)
		}
		t.index[c.Name] = i
	}
	return t, nil
}

// Must returns t, or panics: for tables whose columns the program made itself.
func Must(t *Table, err error) *Table {
	if err != nil {
		panic(err)
	}
	return t
}

// Name says what the rows are.
func (t *Table) Name() string { return t.name }

// Rows is the number of rows.
func (t *Table) Rows() int { return t.rows }

// Columns returns all columns in order. Callers only read.
func (t *Table) Columns() []Column { return t.columns }

// Lookup returns the column of that name.
func (t *Table) Lookup(name string) (Column, error) {
	if i, ok := t.index[name]; ok {
		return t.columns[i], nil
	}
	return Column{}, fmt.Errorf("table: %s has no column %q", t.name, name)
}

// Column is Lookup for a name that must be there; it panics if it is not.
func (t *Table) Column(name string) Column {
	c, err := t.Lookup(name)
	if err != nil {
		panic(err)
	}
	return c
}

// With returns a table with these columns added, or put in the place of columns
// of the same name.
func (t *Table) With(columns ...Column) (*Table, error) {
	all := slices.Clone(t.columns)
	for _, c := range columns {
		if i, ok := t.index[c.Name]; ok {
			all[i] = c
		} else {
			all = append(all, c)
		}
	}
	u, err := New(t.name, all...)
	if err != nil {
		return nil, err
	}
	u.seal = t.seal
	return u, nil
}

// Head returns the first n rows (all, if there are fewer) as a table that shares storage.
func (t *Table) Head(name string, n int) *Table {
	n = min(n, t.rows)
	columns := slices.Clone(t.columns)
	for i := range columns {
		c := &columns[i]
		switch c.Kind {
		case FloatKind:
			c.floats = c.floats[:n]
		case CodeKind:
			c.codes = c.codes[:n]
		default:
			c.ints = c.ints[:n]
		}
	}
	u := Must(New(name, columns...))
	u.seal = t.seal
	return u
}

// Concat stacks tables that have the same columns (name and kind, in order) and
// keeps the first one's roles and units. Levels are joined. Where a part is
// sealed, so is the result; parts under two seals are an error, for the result
// could not tell which of them was opened.
func Concat(name string, parts ...*Table) (*Table, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("table: %s: nothing to stack", name)
	}
	columns := make([]Column, len(parts[0].columns))
	for j, first := range parts[0].columns {
		c := Column{Name: first.Name, Kind: first.Kind, Role: first.Role, Unit: first.Unit}
		if first.Kind == CodeKind {
			for _, p := range parts {
				if k, ok := p.index[c.Name]; ok && p.columns[k].Kind == CodeKind {
					c.levels = append(c.levels, p.columns[k].levels...)
				}
			}
			slices.Sort(c.levels)
			c.levels = slices.Compact(c.levels)
		}
		for _, p := range parts {
			o, err := p.Lookup(first.Name)
			if err != nil {
				return nil, err
			}
			if o.Kind != first.Kind {
				return nil, fmt.Errorf("table: %s: column %q is %v in %s and %v in %s", name, o.Name, first.Kind, parts[0].name, o.Kind, p.name)
			}
			c.floats = append(c.floats, o.floats...)
			c.ints = append(c.ints, o.ints...)
			if first.Kind == CodeKind {
				c.codes = append(c.codes, recode(o, c.levels, 0)...)
			}
		}
		columns[j] = c
	}
	t, err := New(name, columns...)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.seal == nil {
			continue
		}
		if t.seal != nil && t.seal != p.seal {
			return nil, fmt.Errorf("table: %s: %s and %s are sealed apart; stack them first and seal the result", name, t.seal.Name(), p.name)
		}
		t.seal = p.seal
	}
	return t, nil
}

// recode translates c's codes into codes of levels; a level that is not among
// them becomes unseen.
func recode(c Column, levels []string, unseen int32) []int32 {
	to := make([]int32, len(c.levels)+1)
	for i, l := range c.levels {
		if k, ok := slices.BinarySearch(levels, l); ok {
			to[i+1] = int32(k + 1)
		} else {
			to[i+1] = unseen
		}
	}
	out := make([]int32, len(c.codes))
	for i, v := range c.codes {
		out[i] = to[v]
	}
	return out
}

// Summary is a grid with one line a column: role, kind, missing values, and the
// quartiles of a number or the commonest level of a category.
func (t *Table) Summary() exhibit.Grid {
	g := exhibit.Grid{
		Title:   "Columns of " + t.name,
		Caption: fmt.Sprintf("%d rows, %d columns.", t.rows, len(t.columns)),
		Columns: []string{"column", "unit", "role", "kind", "missing", "distinct", "min", "median", "max", "commonest"},
		Folded:  true,
	}
	for _, c := range t.columns {
		row := []exhibit.Cell{exhibit.Text(c.Name), exhibit.Text(c.Unit), exhibit.Text(c.Role.String()), exhibit.Text(c.Kind.String()), exhibit.Count(c.Missing())}
		if c.Kind == CodeKind {
			count := make([]int, len(c.levels)+1)
			for _, v := range c.codes {
				count[v]++
			}
			best, distinct := 0, 0
			for l := 1; l < len(count); l++ {
				if count[l] > 0 {
					distinct++
				}
				if best == 0 && count[l] > 0 || best > 0 && count[l] > count[best] {
					best = l
				}
			}
			common := ""
			if best > 0 {
				common = fmt.Sprintf("%s (%d)", c.levels[best-1], count[best])
			}
			row = append(row, exhibit.Count(distinct), exhibit.Text(""), exhibit.Text(""), exhibit.Text(""), exhibit.Text(common))
		} else {
			v := make([]float64, 0, t.rows)
			for i := range t.rows {
				if x := c.At(i); !math.IsNaN(x) {
					v = append(v, x)
				}
			}
			slices.Sort(v)
			distinct := 0
			for i := range v {
				if i == 0 || v[i] != v[i-1] {
					distinct++
				}
			}
			row = append(row, exhibit.Count(distinct), exhibit.Num(num.Quantile(v, 0)), exhibit.Num(num.Quantile(v, 0.5)), exhibit.Num(num.Quantile(v, 1)), exhibit.Text(""))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}
