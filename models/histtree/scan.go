package histtree

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// A scan makes bins of a source, which it reads twice.
type scan struct {
	*binned
	limit         int
	number        bool // the target is a number
	target        string
	weight        string // "": there is none
	features      []*feature
	rows, read    int // of the whole source; of the blocks before this one
	counted       uint64
	kept          []bool    // by row of the block: its weight is not 0
	weigh         []float64 // by row of the block
	at            []uint32  // by row of the block: 1 + position, 0 if it is not kept
	names         []string  // classes as they appear
	counts        []uint32  // rows of each that count
	order         []int     // classes in the order of their first row that counts
	next          []uint32  // position of the next row of a class
	values, heavy []float64 // target and weights by position
}

// A feature is what a scan knows of a column.
type feature struct {
	table.Field
	counter *counter
	many    bool // more values than are counted
	gaps    bool // some row has no value
	drawn   sample
	names   levelList
	used    []bool   // of a category, by code among names: some row has it; the first is missing
	code    []uint16 // of a number, by 1 + number of the value; of a category, by code among names
}

// A levelList is the levels of a category as they appear in block after block.
type levelList struct {
	names []string
	index map[string]int // from 1
}

// codes returns the code among all levels of each code of a block.
func (l *levelList) codes(block []string) []int {
	if l.index == nil {
		l.index = map[string]int{}
	}
	to := make([]int, len(block)+1)
	for i, name := range block {
		at, ok := l.index[name]
		if !ok {
			name = strings.Clone(name) // not a part of what a block was read from
			l.names = append(l.names, name)
			at = len(l.names)
			l.index[name] = at
		}
		to[i+1] = at
	}
	return to
}

func newScan(source table.Source, target string, number bool, limit int) (*scan, error) {
	s := &scan{binned: &binned{}, limit: limit, number: number, target: target}
	found := false
	for _, c := range source.Columns() {
		switch {
		case c.Name == target:
			found = true
			if number && !c.Numeric() {
				return nil, fmt.Errorf("histtree: target %q is of kind %v; regression needs a numeric column", target, c.Kind)
			}
			if !number && c.Kind != table.CodeKind {
				return nil, fmt.Errorf("histtree: target %q is of kind %v; classes need a categorical column", target, c.Kind)
			}
		case c.Role == table.Feature:
			s.schema = append(s.schema, table.Field{Name: c.Name, Kind: c.Kind, Unit: c.Unit})
		case c.Role == table.Weight:
			if s.weight = c.Name; c.Kind == table.CodeKind {
				return nil, fmt.Errorf("histtree: weights are in column %q, which is categorical; want numbers", c.Name)
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("histtree: the source has no column %q to predict", target)
	}
	if len(s.schema) == 0 {
		return nil, fmt.Errorf("histtree: no features to fit on; give a column the role feature")
	}
	if err := s.sortSchema(); err != nil {
		return nil, err
	}
	for _, f := range s.schema {
		own := &feature{Field: f}
		if f.Kind == table.CodeKind {
			own.used = make([]bool, 1)
		} else {
			own.counter = newCounter()
		}
		s.features = append(s.features, own)
	}
	return s, nil
}

// begin looks at target and weights of a block; class says the class of each row, of a
// number all have one. It fails where a row has none.
func (s *scan) begin(b *table.Table, class func(row, code int)) error {
	n := b.Rows()
	s.kept, s.weigh = slices.Grow(s.kept[:0], n)[:n], slices.Grow(s.weigh[:0], n)[:n]
	for i := range n {
		s.kept[i], s.weigh[i] = true, 1
	}
	if s.weight != "" {
		c, err := b.Lookup(s.weight)
		if err != nil {
			return err
		}
		if c.Kind == table.CodeKind {
			return fmt.Errorf("weights are in column %q, which is categorical; want numbers", c.Name)
		}
		for i := range n {
			w := c.At(i)
			if !(w >= 0) || math.IsInf(w, 0) {
				return fmt.Errorf("row %d has weight %v; want a number of at least 0", s.read+i+1, w)
			}
			s.kept[i], s.weigh[i] = w > 0, w
		}
	}
	c, err := b.Lookup(s.target)
	if err != nil {
		return err
	}
	if s.number != c.Numeric() || !s.number && c.Kind != table.CodeKind {
		return fmt.Errorf("target %q is of kind %v in the block from row %d on", s.target, c.Kind, s.read+1)
	}
	if s.number {
		for i := range n {
			if y := c.At(i); math.IsNaN(y) || math.IsInf(y, 0) {
				return fmt.Errorf("row %d has %q of %v; want a finite number, drop rows without one", s.read+i+1, s.target, y)
			}
			class(i, 0)
		}
		return nil
	}
	names := levelList{s.names, map[string]int{}}
	for i, name := range s.names {
		names.index[name] = i + 1
	}
	have := c.Levels()
	to := make([]int, len(have)+1)
	for i, code := range c.Codes() {
		if code == 0 {
			return fmt.Errorf("row %d has no %q", s.read+i+1, s.target)
		}
		if to[code] == 0 { // only classes that some row has
			to[code] = names.codes(have[code-1 : code])[1]
			s.names = names.names
		}
		class(i, to[code]-1)
	}
	return nil
}

// count is the first pass: it counts rows, classes, values and levels of a block.
func (s *scan) count(b *table.Table) error {
	start := s.counted
	err := s.begin(b, func(row, class int) {
		for len(s.counts) <= class {
			s.counts = append(s.counts, 0)
		}
		if s.kept[row] {
			if s.counts[class] == 0 {
				s.order = append(s.order, class)
			}
			s.counts[class]++
			s.counted++
		}
	})
	if err != nil {
		return err
	}
	if s.rows += b.Rows(); s.rows > mostRows {
		return fmt.Errorf("%d rows; want at most %d", s.rows, mostRows)
	}
	return s.each(b, func(i int, c table.Column) error {
		f := s.features[i]
		switch c.Kind {
		case table.CodeKind:
			f.countLevels(c, s.kept)
		case table.FloatKind:
			countBlock(f, c.Floats(), s.kept, s.weigh, start)
		default:
			countBlock(f, c.Ints(), s.kept, s.weigh, start)
		}
		return nil
	})
}

// each calls do for the column of every feature, on all cores.
func (s *scan) each(b *table.Table, do func(i int, c table.Column) error) error {
	errs := make([]error, len(s.features))
	par.Do(len(s.features), func(i int) {
		f := s.features[i]
		c, err := b.Lookup(f.Name)
		if err == nil && c.Kind != f.Kind {
			err = fmt.Errorf("column %q is of kind %v in the block from row %d on, of kind %v before", f.Name, c.Kind, s.read+1, f.Kind)
		}
		if err == nil {
			err = do(i, c)
		}
		errs[i] = err
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *feature) countLevels(c table.Column, kept []bool) {
	to := f.names.codes(c.Levels())
	for len(f.used) <= len(f.names.names) {
		f.used = append(f.used, false)
	}
	for i, code := range c.Codes() {
		if kept[i] {
			f.used[to[code]] = true
		}
	}
}

// countBlock counts the values of a block whose first row that counts has the number
// row, and draws some for the sample.
func countBlock[T float64 | int64](f *feature, values []T, kept []bool, weigh []float64, row uint64) {
	counter := f.counter
	for i, v := range values {
		if !kept[i] {
			continue
		}
		luck := drawWith(row)
		row++
		x := float64(v) + 0 // -0 becomes 0
		if x != x {
			f.gaps = true
			continue
		}
		f.drawn.add(luck, x, weigh[i])
		if f.many {
			continue
		}
		counter.weight[counter.id(x)] += weigh[i]
		f.many = len(counter.values) > manyValues
	}
}

// cut makes bins of what was counted, and room for the codes.
func (s *scan) cut() error {
	switch {
	case s.rows == 0:
		return fmt.Errorf("no rows to fit on")
	case s.counted == 0:
		return fmt.Errorf("all rows have weight 0")
	}
	for c, n := range s.counts { // classes all of whose rows have weight 0 come last
		if n == 0 {
			s.order = append(s.order, c)
		}
	}
	if s.number {
		s.names = []string{""}
		s.values = make([]float64, s.counted)
	}
	s.classes = slices.Sorted(slices.Values(s.names))
	s.ends, s.next = []uint32{0}, make([]uint32, len(s.names))
	for run, c := range s.order {
		place, _ := slices.BinarySearch(s.classes, s.names[c])
		s.answer, s.runs = append(s.answer, place), append(s.runs, run)
		s.next[c] = s.ends[run]
		s.ends = append(s.ends, s.ends[run]+s.counts[c])
	}
	if s.weight != "" {
		s.heavy = make([]float64, s.counted)
	}
	s.columns = make([]column, len(s.features))
	errs := make([]error, len(s.features))
	par.Do(len(s.features), func(i int) { s.columns[i], errs[i] = s.features[i].cut(s.limit) })
	for i, err := range errs {
		if err != nil {
			return err
		}
		if c := &s.columns[i]; c.bins > 256 {
			c.wide = make([]uint16, s.counted)
		} else {
			c.narrow = make([]uint8, s.counted)
		}
		s.schema[i] = s.features[i].Field
	}
	return nil
}

func (f *feature) cut(limit int) (column, error) {
	if f.Kind == table.CodeKind {
		f.Levels = slices.Sorted(slices.Values(f.names.names))
		used, place := make([]bool, len(f.used)), make([]int, len(f.used))
		used[0] = f.used[0]
		for i, name := range f.names.names {
			at, _ := slices.BinarySearch(f.Levels, name)
			place[i+1] = at + 1
			used[at+1] = f.used[i+1]
		}
		col, code, err := knownLevels(f.Field, used)
		f.code = make([]uint16, len(code))
		for i, at := range place {
			f.code[i] = code[at]
		}
		return col, err
	}
	var col column
	if f.many {
		col.first, col.edges = 1, f.drawn.edges(limit)
		f.counter = nil
	} else {
		var bin []uint16
		col.edges, bin = f.counter.cut(limit)
		if f.gaps {
			col.first = 1
		}
		f.code = make([]uint16, len(bin)+1)
		for i, b := range bin {
			f.code[i+1] = b + uint16(col.first)
		}
	}
	f.drawn = sample{}
	col.bins = len(col.edges.lower) + col.first
	return col, nil
}
