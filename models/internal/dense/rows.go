package dense

import (
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// Rows is a plan bound to the rows of a view. It shares the table's storage and
// is safe for concurrent use.
type Rows struct {
	plan    *Plan
	view    table.View
	n       int
	index   []int // nil: all rows of the table
	sources []source
}

// source is one column of the view: exactly one of the slices is set.
type source struct {
	floats []float64 // by row of the table
	ints   []int64   // by row of the table
	codes  []int32   // by row of the view, in the codes of the plan's schema
}

// Bind finds the plan's source columns in a view. It refuses sealed rows and
// rows that lack a column.
func (p *Plan) Bind(pkg string, v table.View) (*Rows, error) {
	if err := models.Predictable(pkg, p.Source, v); err != nil {
		return nil, err
	}
	r := &Rows{plan: p, view: v, n: v.Rows(), index: v.Index(), sources: make([]source, len(p.Source))}
	for k, f := range p.Source {
		c := v.Table().Column(f.Name)
		switch c.Kind {
		case table.CodeKind:
			r.sources[k].codes = p.Source.Codes(v, k)
		case table.FloatKind:
			r.sources[k].floats = c.Floats()
		default:
			r.sources[k].ints = c.Ints()
		}
	}
	return r, nil
}

// Plan is the plan that was bound.
func (r *Rows) Plan() *Plan { return r.plan }

// Len is the number of rows.
func (r *Rows) Len() int { return r.n }

// Codes returns the codes of a categorical source, one a row: table.Unseen, 0
// missing, 1… a level. Callers only read.
func (r *Rows) Codes(source int) []int32 { return r.sources[source].codes }

// raw writes a numeric source's values of rows lo ≤ i < hi.
func (r *Rows) raw(k int, dst []float64, lo, hi int) {
	s := r.sources[k]
	switch {
	case s.floats != nil && r.index == nil:
		copy(dst, s.floats[lo:hi])
	case s.floats != nil:
		for i, row := range r.index[lo:hi] {
			dst[i] = s.floats[row]
		}
	case r.index == nil:
		for i, v := range s.ints[lo:hi] {
			dst[i] = float64(v)
		}
	default:
		for i, row := range r.index[lo:hi] {
			dst[i] = float64(s.ints[row])
		}
	}
}

// Values writes column j of rows lo ≤ i < hi to dst; NaN where it is missing. The
// column must not be a Category.
func (r *Rows) Values(j int, dst []float64, lo, hi int) {
	c := &r.plan.Columns[j]
	switch c.Kind {
	case Number:
		r.raw(c.Source, dst, lo, hi)
		for _, o := range c.Ops {
			o.all(dst[:hi-lo])
		}
	case Hot:
		for i, code := range r.sources[c.Source].codes[lo:hi] {
			dst[i] = c.Off
			if code == c.Code {
				dst[i] = c.On
			}
		}
	case Lookup:
		for i, code := range r.sources[c.Source].codes[lo:hi] {
			dst[i] = c.Table[code+1]
		}
	default:
		panic(fmt.Sprintf("dense: column %q is categorical and has no number", c.Name))
	}
}

// Real is the kinds of number a matrix may hold.
type Real interface{ float32 | float64 }

// tile is the number of rows filled at a time: a tile of a wide matrix stays in
// the second-level cache while its columns are written one after the other.
const tile = 256

// blockRows is the number of rows of one item of parallel work.
const blockRows = 4096

// hotGroup is a run of Hot columns of one source: a row is off, but for one place.
type hotGroup[T Real] struct {
	first, width, source int
	off, on              []T
	at                   []int32 // by code+1: place in the run, or -1
}

func hotGroups[T Real](p *Plan) []hotGroup[T] {
	var groups []hotGroup[T]
	for j, c := range p.Columns {
		if c.Kind != Hot {
			continue
		}
		if g := len(groups) - 1; g < 0 || groups[g].source != c.Source || groups[g].first+groups[g].width != j || groups[g].at[c.Code+1] >= 0 {
			at := make([]int32, len(p.Source[c.Source].Levels)+2)
			for i := range at {
				at[i] = -1
			}
			groups = append(groups, hotGroup[T]{first: j, source: c.Source, at: at})
		}
		g := &groups[len(groups)-1]
		g.at[c.Code+1] = int32(g.width)
		g.off, g.on = append(g.off, T(c.Off)), append(g.on, T(c.On))
		g.width++
	}
	return groups
}

// Matrix returns all rows, row-major: n × Width numbers. A missing or infinite
// number, or one too large for T, is an error that names column and row.
func Matrix[T Real](r *Rows, pkg string) ([]T, error) {
	if err := r.plan.Numeric(pkg); err != nil {
		return nil, err
	}
	p := r.plan.Width()
	x := make([]T, r.n*p)
	groups := hotGroups[T](r.plan)
	errs := make([]error, par.Count(r.n, blockRows))
	par.Blocks(r.n, blockRows, func(b, lo, hi int) {
		buf := make([]float64, tile)
		for t := lo; t < hi && errs[b] == nil; t += tile {
			errs[b] = fill(r, pkg, groups, buf, x[t*p:min(hi, t+tile)*p], t, min(hi, t+tile))
		}
	})
	return x, first(errs)
}

// FillRows writes rows lo ≤ i < hi to x, row-major, as Matrix has them, for a model that
// works through its rows piece by piece.
func FillRows[T Real](r *Rows, pkg string, x []T, lo, hi int) error {
	if err := r.plan.Numeric(pkg); err != nil {
		return err
	}
	p, groups, buf := r.plan.Width(), hotGroups[T](r.plan), make([]float64, tile)
	for t := lo; t < hi; t += tile {
		if err := fill(r, pkg, groups, buf, x[(t-lo)*p:(min(hi, t+tile)-lo)*p], t, min(hi, t+tile)); err != nil {
			return err
		}
	}
	return nil
}

// fill writes rows lo ≤ i < hi, at most a tile.
func fill[T Real](r *Rows, pkg string, groups []hotGroup[T], buf []float64, x []T, lo, hi int) error {
	p := r.plan.Width()
	for _, g := range groups {
		for i, code := range r.sources[g.source].codes[lo:hi] {
			row := x[i*p+g.first : i*p+g.first+g.width]
			copy(row, g.off)
			if a := g.at[code+1]; a >= 0 {
				row[a] = g.on[a]
			}
		}
	}
	for j, c := range r.plan.Columns {
		if c.Kind == Hot {
			continue
		}
		r.Values(j, buf, lo, hi)
		bad := -1
		for i, v := range buf[:hi-lo] {
			t := T(v)
			x[i*p+j] = t
			if bad < 0 && t-t != 0 { // NaN or infinite, also after the conversion
				bad = i
			}
		}
		if bad >= 0 {
			return r.Bad(pkg, j, lo+bad, buf[bad])
		}
	}
	return nil
}

// Bad is the error about value v of column j in row i of the view.
func (r *Rows) Bad(pkg string, j, i int, v float64) error {
	what, todo := fmt.Sprint(v), "cap it"
	if math.IsNaN(v) {
		what, todo = "missing", "put encode.Impute before the learner, or drop the row"
	}
	return fmt.Errorf("%s: %s of column %q is %s; want a finite number; %s", pkg, r.Where(i), r.plan.Columns[j].Name, what, todo)
}

// Where names row i of the view by its table and its place there: "flows: row 7".
func (r *Rows) Where(i int) string {
	return fmt.Sprintf("%s: row %d", r.view.Table().Name(), r.view.Row(i)+1)
}

func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
