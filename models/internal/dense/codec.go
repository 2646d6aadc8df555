package dense

import (
	"math"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// maxRunLevels bounds what a loaded plan may make Linear and the like allocate: the
// levels of its one-hot runs' sources, summed over the runs. A plan that encode has
// written has one run a source.
const maxRunLevels = 1 << 24

// Save appends the plan: its source columns, then its columns, each with what its
// kind needs and no more.
func (p *Plan) Save(w *wire.Writer) {
	w.Schema(p.Source)
	w.Int(len(p.Columns))
	for _, c := range p.Columns {
		w.String(c.Name)
		w.String(c.Unit)
		w.Uint8(uint8(c.Kind))
		w.Int(c.Source)
		switch c.Kind {
		case Number:
			w.Int(len(c.Ops))
			for _, o := range c.Ops {
				w.Uint8(uint8(o.Kind))
				w.Float(o.A)
				w.Float(o.B)
			}
		case Hot:
			w.Int(int(c.Code))
			w.Float(c.On)
			w.Float(c.Off)
		case Lookup:
			w.Floats(c.Table)
		}
	}
}

// LoadPlan reads what Save wrote, never nil. It checks all that binding and filling
// rely on: that names are distinct, sources exist and are of the column's sort, codes
// and tables fit the levels, functions are known and no constant is infinite. What is
// missing may stay so (a NaN of a table), and is then refused with the row that meets it.
func LoadPlan(r *wire.Reader) *Plan {
	p := &Plan{Source: r.Schema()}
	p.Columns = make([]Column, r.Len(8+8+1+8))
	for j := range p.Columns {
		p.Columns[j] = loadColumn(r, p.Source)
	}
	if err := p.Distinct("dense"); r.Err() == nil && err != nil {
		r.Fail("%w", err)
	}
	total := 0
	seen := map[int32]bool{}
	for j, c := range p.Columns { // the runs of hotGroups, without their tables
		if c.Kind != Hot {
			continue
		}
		if j == 0 || p.Columns[j-1].Kind != Hot || p.Columns[j-1].Source != c.Source || seen[c.Code] {
			total += len(p.Source[c.Source].Levels) + 2
			clear(seen)
		}
		seen[c.Code] = true
	}
	r.Check(total <= maxRunLevels, "dense: runs of one-hot columns look at %d levels", total)
	return p
}

func loadColumn(r *wire.Reader, schema table.Schema) Column {
	c := Column{Name: r.String(), Unit: r.String(), Kind: Kind(r.Uint8())}
	if !r.Check(len(schema) > 0 && c.Kind <= Category, "dense: column %q is of kind %d with %d sources", c.Name, c.Kind, len(schema)) {
		return Column{}
	}
	c.Source = r.Int(0, len(schema)-1)
	f := schema[c.Source]
	if !r.Check((c.Kind == Number) == (f.Kind != table.CodeKind), "dense: column %q of kind %d comes from %q of kind %v", c.Name, c.Kind, f.Name, f.Kind) {
		return Column{}
	}
	switch c.Kind {
	case Number:
		c.Ops = make([]Op, r.Len(1+8+8))
		for i := range c.Ops {
			o := Op{OpKind(r.Uint8()), r.Finite(), r.Finite()}
			r.Check(o.Kind <= Zero, "dense: column %q has a function of kind %d", c.Name, o.Kind)
			c.Ops[i] = o
		}
	case Hot:
		c.Code, c.On, c.Off = int32(r.Int(0, len(f.Levels))), r.Finite(), r.Finite()
	case Lookup:
		c.Table = r.Floats()
		r.Check(len(c.Table) == len(f.Levels)+2, "dense: column %q has %d numbers for %d levels", c.Name, len(c.Table), len(f.Levels))
		for _, v := range c.Table {
			r.Check(!math.IsInf(v, 0), "dense: column %q has a level that is infinite", c.Name)
		}
	}
	return c
}
