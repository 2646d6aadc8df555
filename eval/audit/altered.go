package audit

import (
	"math"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// alteration is one way to change test rows.
type alteration struct {
	name  string
	half  int // altered test rows are those whose number is even (0) or odd (1), the others are compared; -1: all are altered and compared
	alter func(train, test table.View, rows []int) []table.Column
}

// of alters rows of the table behind test, and behind train where that is the same.
func (a alteration) of(train, test table.View) (newTrain, newTest table.View, err error) {
	var rows []int // of the table
	for i := range test.Rows() {
		if a.half < 0 || i%2 == a.half {
			rows = append(rows, test.Row(i))
		}
	}
	altered, err := test.Table().With(a.alter(train, test, rows)...)
	if err != nil {
		return train, test, err
	}
	newTest = over(altered, test)
	if train.Table() == test.Table() {
		train = over(altered, train)
	}
	return train, newTest, nil
}

// over is the view's rows, features and target over another table with its columns.
func over(t *table.Table, v table.View) table.View {
	var features []string
	for _, f := range v.Features() {
		features = append(features, f.Name)
	}
	u := t.View().Select(features...)
	if target, ok := v.Target(); ok {
		u = u.WithTarget(target.Name)
	}
	if v.Index() != nil {
		u = u.Take(v.Index())
	}
	return u
}

// beyond puts the features of rows out of the range of all rows of both tables. Where
// the tables are one, a new level would be news to training too: categories become the
// last level.
func beyond(train, test table.View, rows []int) []table.Column {
	var out []table.Column
	for _, c := range test.Features() {
		if c.Kind == table.CodeKind {
			levels, codes, own := c.Levels(), slices.Clone(c.Codes()), int32(len(c.Levels()))
			if train.Table() != test.Table() {
				levels, codes, own = withLevel(levels, codes, fresh(levels, "(altered)"))
			}
			for _, r := range rows {
				codes[r] = own
			}
			out = append(out, table.Code(c.Name, codes, levels).As(c.Role))
			continue
		}
		far := magnitude(c)
		if other, err := train.Table().Lookup(c.Name); err == nil && other.Kind != table.CodeKind {
			far = max(far, magnitude(other))
		}
		out = append(out, replaced(c, rows, 2*far+1))
	}
	return out
}

// magnitude is the largest finite magnitude of a column.
func magnitude(c table.Column) float64 {
	far := 0.0
	for i := range c.Len() {
		if v := math.Abs(c.At(i)); v > far && !math.IsInf(v, 0) {
			far = v
		}
	}
	return far
}

// replaced is a column of numbers or times with v in some rows, as far as it fits.
func replaced(c table.Column, rows []int, v float64) table.Column {
	if c.Kind == table.FloatKind {
		values := slices.Clone(c.Floats())
		for _, r := range rows {
			values[r] = min(v, math.MaxFloat64)
		}
		return table.Float(c.Name, c.Unit, values).As(c.Role)
	}
	if math.IsNaN(v) {
		return c // whole numbers are never missing
	}
	values := slices.Clone(c.Ints())
	for _, r := range rows {
		values[r] = int64(min(v, 1<<62))
	}
	if c.Kind == table.TimeKind {
		return table.Time(c.Name, values).As(c.Role)
	}
	return table.Int(c.Name, c.Unit, values).As(c.Role)
}

// fresh is the name, with marks behind it until no level has it.
func fresh(levels []string, name string) string {
	for slices.Contains(levels, name) {
		name += "'"
	}
	return name
}

// withLevel adds a level, or finds it, and returns its code and the codes of all rows.
func withLevel(levels []string, codes []int32, name string) (all []string, moved []int32, own int32) {
	at, ok := slices.BinarySearch(levels, name)
	if ok {
		return levels, codes, int32(at + 1)
	}
	moved = slices.Clone(codes)
	for i, code := range moved {
		if int(code) > at {
			moved[i]++
		}
	}
	return slices.Insert(slices.Clone(levels), at, name), moved, int32(at + 1)
}

// copied gives rows the features of the first training row.
func copied(train, test table.View, rows []int) []table.Column {
	from := train.Row(0)
	var out []table.Column
	for _, c := range test.Features() {
		source, err := train.Table().Lookup(c.Name)
		if err != nil || (source.Kind == table.CodeKind) != (c.Kind == table.CodeKind) {
			continue // a feature of test alone
		}
		if c.Kind != table.CodeKind {
			out = append(out, replaced(c, rows, source.At(from)))
			continue
		}
		levels, codes, code := c.Levels(), slices.Clone(c.Codes()), int32(0)
		if name := source.String(from); name != "" {
			levels, codes, code = withLevel(levels, codes, name)
		}
		for _, r := range rows {
			codes[r] = code
		}
		out = append(out, table.Code(c.Name, codes, levels).As(c.Role))
	}
	return out
}

// relabelled gives every step-th of the rows the next of the target's classes, the last
// one the first.
func relabelled(step int) func(train, test table.View, rows []int) []table.Column {
	return func(train, test table.View, rows []int) []table.Column {
		return labels(train, test, func(codes []int32, classes int32) {
			for i := 0; i < len(rows); i += step {
				codes[rows[i]] = codes[rows[i]]%classes + 1
			}
		})
	}
}

// shuffled deals the rows' labels anew among them.
func shuffled(train, test table.View, rows []int) []table.Column {
	return labels(train, test, func(codes []int32, _ int32) {
		rng.New(0).At("audit: labels shuffled").Rand().Shuffle(len(rows), func(i, j int) {
			codes[rows[i]], codes[rows[j]] = codes[rows[j]], codes[rows[i]]
		})
	})
}

// labels changes the codes of the target, which has all levels of training too.
func labels(train, test table.View, change func(codes []int32, classes int32)) []table.Column {
	target, _ := test.Target()
	c := test.Table().Column(target.Name)
	levels, codes := c.Levels(), slices.Clone(c.Codes())
	if t, ok := train.Target(); ok && t.Kind == table.CodeKind {
		for _, name := range t.Levels() {
			levels, codes, _ = withLevel(levels, codes, name)
		}
	}
	change(codes, int32(len(levels)))
	return []table.Column{table.Code(c.Name, codes, levels).As(c.Role)}
}
