package histtree

import (
	"slices"

	"flowbook/internal/table"
)

// encoder turns rows of a view into whole numbers in the order of the schema: keys of
// values, and of categories the schema's codes, one beyond the last for an unseen level.
type encoder struct {
	rows    table.View
	used    []bool
	columns []table.Column
	codes   [][]uint64 // of a category: from the column's codes to the schema's
}

func (m *Model) encoder(rows table.View) encoder {
	e := encoder{rows, m.used, make([]table.Column, len(m.schema)), make([][]uint64, len(m.schema))}
	for f, field := range m.schema {
		if !m.used[f] {
			continue
		}
		c := rows.Table().Column(field.Name)
		e.columns[f] = c
		if field.Kind != table.CodeKind {
			continue
		}
		levels := c.Levels()
		to := make([]uint64, len(levels)+1)
		for i, name := range levels {
			if at, ok := slices.BinarySearch(field.Levels, name); ok {
				to[i+1] = uint64(at + 1)
			} else {
				to[i+1] = uint64(len(field.Levels) + 1)
			}
		}
		e.codes[f] = to
	}
	return e
}

// encode writes rows lo to hi of the view to x, row after row.
func (e encoder) encode(x []uint64, lo, hi int) {
	width := len(e.columns)
	for f := range e.columns {
		if e.used[f] {
			e.column(f, x[f:], width, lo, hi)
		}
	}
}

// column writes feature f of rows lo to hi of the view to x, stride apart.
func (e encoder) column(f int, x []uint64, stride, lo, hi int) {
	c := e.columns[f]
	switch c.Kind {
	case table.CodeKind:
		codes, to := c.Codes(), e.codes[f]
		for i := lo; i < hi; i++ {
			x[(i-lo)*stride] = to[codes[e.rows.Row(i)]]
		}
	case table.FloatKind:
		values := c.Floats()
		for i := lo; i < hi; i++ {
			x[(i-lo)*stride] = key(values[e.rows.Row(i)])
		}
	default:
		values := c.Ints()
		for i := lo; i < hi; i++ {
			x[(i-lo)*stride] = key(float64(values[e.rows.Row(i)]))
		}
	}
}
