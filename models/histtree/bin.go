package histtree

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// column is a feature in bins.
type column struct {
	narrow []uint8  // code by position, where there are at most 256 bins
	wide   []uint16 // code by position, where there are more
	bins   int      // codes in use, missing included
	first  int      // code of the first value: 1 if code 0 is missing, else 0
	edges  edges    // of a number, by code - first
	levels int      // of a category: levels of the schema
	known  []int32  // of a category: schema code of each bin (0 missing, l the l-th level); nil for a number
}

// binned is a training set in bins; it is shared by all trees and never changed.
type binned struct {
	schema  table.Schema // sorted by name, so that the order of columns does not matter
	columns []column
	classes []string
	answer  []int     // place of class c among classes; in training, classes are numbered as they first appear, so that their names do not matter
	ends    []uint32  // run c owns positions ends[c]:ends[c+1]
	runs    []int     // run of class c: c, unless other weights have numbered the classes anew
	place   []uint32  // by row of the view: 1 + its position, 0 for one left out
	small   []uint8   // weights by position, where they fit into the entries of idx
	large   []float64 // weights by position, where they do not; neither: all are 1
	total   float64   // weight of all rows
	bins    int       // of all columns together
}

func (b *binned) rows() int { return int(b.ends[len(b.ends)-1]) }

// mostLevels is the number of levels that fit into a uint16 beside missing.
const mostLevels = 1<<16 - 1

// manyValues is where counting distinct values one by one ends: beyond it bins are cut
// from a sample of the rows that have one.
const manyValues = 1 << 16

// bin cuts the features of a view into at most limit bins each. Rows of weight 0
// are left out. Time O(n p), both cores; space one or two bytes a row and feature.
func bin(ctx context.Context, train table.View, labels []int, classes []string, weights []float64, limit int) (*binned, error) {
	b := &binned{schema: table.SchemaOf(train), classes: classes}
	if err := b.sortSchema(); err != nil {
		return nil, err
	}
	if len(labels) > mostRows {
		return nil, fmt.Errorf("histtree: %d rows; want at most %d", len(labels), mostRows)
	}
	rows := b.arrange(train, labels, weights)
	b.columns = make([]column, len(b.schema))
	scratch := sync.Pool{New: func() any { return &binner{counter: newCounter()} }}
	_, err := par.Map(ctx, len(b.schema), func(_ context.Context, k int) (struct{}, error) {
		s := scratch.Get().(*binner)
		defer scratch.Put(s)
		s.rows, s.place, s.weights, s.limit = rows, b.place, b.weight, limit
		var err error
		b.columns[k], err = s.column(train.Table().Column(b.schema[k].Name), b.schema[k])
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("histtree: %w", err)
	}
	b.countBins()
	return b, nil
}

// mostRows is how many rows there may be.
const mostRows = math.MaxUint32 >> 1

// sortSchema puts the features into the order of their names.
func (b *binned) sortSchema() error {
	slices.SortFunc(b.schema, func(x, y table.Field) int { return strings.Compare(x.Name, y.Name) })
	for i := 1; i < len(b.schema); i++ {
		if b.schema[i].Name == b.schema[i-1].Name {
			return fmt.Errorf("histtree: feature %q was selected twice", b.schema[i].Name)
		}
	}
	if len(b.schema) > math.MaxUint16 {
		return fmt.Errorf("histtree: %d features; want at most %d", len(b.schema), math.MaxUint16)
	}
	return nil
}

func (b *binned) countBins() {
	for _, c := range b.columns {
		b.bins += c.bins
	}
}

// arrange sorts the rows that count by class, notes their weights by position, and
// returns the table's row number of each position.
func (b *binned) arrange(train table.View, labels []int, weights []float64) []uint32 {
	k := len(b.classes)
	counts := func(i int) bool { return weights == nil || weights[i] > 0 }
	number := make([]int, k)
	b.answer = appearance(k, len(labels), func(i int) (int, bool) { return labels[i], counts(i) })
	b.runs = make([]int, k)
	for c, class := range b.answer {
		number[class], b.runs[c] = c, c
	}
	b.ends = make([]uint32, k+1)
	for i, class := range labels {
		if counts(i) {
			b.ends[number[class]+1]++
		}
	}
	for c := range k {
		b.ends[c+1] += b.ends[c]
	}
	rows := make([]uint32, b.rows())
	b.place = make([]uint32, len(labels))
	next := slices.Clone(b.ends)
	for i, class := range labels {
		if counts(i) {
			at := next[number[class]]
			next[number[class]]++
			rows[at], b.place[i] = uint32(train.Row(i)), at+1
		}
	}
	b.setWeights(weights)
	return rows
}

// appearance orders k classes by their first row among n that counts; those without
// one come last.
func appearance(k, n int, class func(i int) (c int, counts bool)) []int {
	order := make([]int, 0, k)
	seen := make([]bool, k)
	note := func(c int) {
		if !seen[c] {
			seen[c] = true
			order = append(order, c)
		}
	}
	for i := 0; i < n && len(order) < k; i++ {
		if c, counts := class(i); counts {
			note(c)
		}
	}
	for c := range k {
		note(c)
	}
	return order
}

// setWeights notes the weights, one a row of the view; nil means 1 each.
func (b *binned) setWeights(weights []float64) {
	n := b.rows()
	b.small, b.large, b.total = nil, nil, float64(n)
	if weights == nil {
		return
	}
	b.large = make([]float64, n)
	for i, at := range b.place {
		if at > 0 {
			b.large[at-1] = weights[i]
		}
	}
	b.pack()
}

// pack adds up the weights and makes small ones of them if they fit.
func (b *binned) pack() {
	n := b.rows()
	b.total = 0
	whole := true
	for _, w := range b.large {
		b.total += w
		whole = whole && w == math.Trunc(w) && w < 256
	}
	if whole && n <= packedMask && b.total < math.MaxUint32 {
		b.small = make([]uint8, n)
		for i, w := range b.large {
			b.small[i] = uint8(w)
		}
		b.large = nil
	}
}

// weight of the row at a position.
func (b *binned) weight(at int) float64 {
	switch {
	case b.small != nil:
		return float64(b.small[at])
	case b.large != nil:
		return b.large[at]
	}
	return 1
}

// weights lists the weights by position; nil: 1 each.
func (b *binned) weights() []float64 {
	if b.small == nil {
		return b.large
	}
	out := make([]float64, len(b.small))
	for i, w := range b.small {
		out[i] = float64(w)
	}
	return out
}

// binner cuts one column after the other; each core has its own.
type binner struct {
	rows    []uint32 // of the table, by position
	place   []uint32 // by row of the view
	weights func(at int) float64
	limit   int
	counter *counter
	ids     []uint32 // by position: 0 missing, else 1 + number of the value
}

func (s *binner) column(c table.Column, f table.Field) (column, error) {
	if cap(s.ids) < len(s.rows) {
		s.ids = make([]uint32, len(s.rows))
	}
	s.ids = s.ids[:len(s.rows)]
	if c.Kind == table.CodeKind {
		return s.category(c, f)
	}
	s.counter.reset()
	var many bool
	if c.Kind == table.FloatKind {
		many = countValues(s, c.Floats())
	} else {
		many = countValues(s, c.Ints())
	}
	if many {
		return s.continuous(c), nil
	}
	return s.number(), nil
}

// countValues gives every row the number of its value; it stops and returns true
// where there are more values than are worth counting.
func countValues[T float64 | int64](s *binner, values []T) bool {
	ids, counter := s.ids, s.counter
	slots, shift, known := counter.slots, counter.shift, counter.values
	var last float64
	id := uint32(0) // of last; 0: there is none yet
	for at, r := range s.rows {
		x := float64(values[r]) + 0 // -0 becomes 0
		if x != x {
			ids[at] = 0
			continue
		}
		if id == 0 || x != last {
			last = x
			// The first slot nearly always has it: looked at here, without a call.
			if id = slots[home(x, shift)]; id == 0 || known[id-1] != x {
				id = counter.id(x) + 1
				if len(counter.values) > manyValues {
					return true
				}
				slots, shift, known = counter.slots, counter.shift, counter.values
			}
		}
		ids[at] = id
	}
	return false
}

// number finishes a column whose distinct values were all counted.
func (s *binner) number() column {
	if len(s.counter.values) > s.limit {
		for _, at := range s.place { // in the order of the view: that of a Source
			if at > 0 && s.ids[at-1] != 0 {
				s.counter.weight[s.ids[at-1]-1] += s.weights(int(at - 1))
			}
		}
	}
	col := column{}
	if slices.Contains(s.ids, 0) {
		col.first = 1
	}
	e, bin := s.counter.cut(s.limit)
	col.edges = e
	col.bins = len(e.lower) + col.first
	code := make([]uint16, len(bin)+1) // by id; code[0] is missing
	for i, b := range bin {
		code[i+1] = b + uint16(col.first)
	}
	s.encode(&col, code)
	return col
}

// encode writes the codes of all rows from those of their ids.
func (s *binner) encode(col *column, code []uint16) {
	if col.bins > 256 {
		col.wide = make([]uint16, len(s.ids))
		for at, id := range s.ids {
			col.wide[at] = code[id]
		}
		return
	}
	col.narrow = make([]uint8, len(s.ids))
	for at, id := range s.ids {
		col.narrow[at] = uint8(code[id])
	}
}

// continuous cuts a column of very many values from a sample of its rows.
func (s *binner) continuous(c table.Column) column {
	var drawn sample
	number := uint64(0)
	for _, at := range s.place {
		if at == 0 {
			continue
		}
		if x := c.At(int(s.rows[at-1])) + 0; x == x {
			drawn.add(drawWith(number), x, s.weights(int(at-1)))
		}
		number++
	}
	col := column{first: 1, edges: drawn.edges(s.limit)}
	col.bins = len(col.edges.lower) + 1
	for at, r := range s.rows {
		s.ids[at] = 0
		if x := c.At(int(r)); x == x {
			s.ids[at] = uint32(col.edges.find(x) + 1)
		}
	}
	code := make([]uint16, col.bins) // an id is a code already
	for i := range code {
		code[i] = uint16(i)
	}
	s.encode(&col, code)
	return col
}

// category keeps a bin for every level that some row has, and for missing.
func (s *binner) category(c table.Column, f table.Field) (column, error) {
	codes := c.Codes()
	count := make([]bool, len(f.Levels)+1)
	for at, r := range s.rows {
		id := uint32(codes[r])
		s.ids[at] = id
		count[id] = true
	}
	col, code, err := knownLevels(f, count)
	if err != nil {
		return column{}, err
	}
	s.encode(&col, code)
	return col, nil
}

// knownLevels gives a bin to every level that some row has, and to missing, and returns
// the bin of each code of the schema.
func knownLevels(f table.Field, used []bool) (column, []uint16, error) {
	col := column{levels: len(f.Levels), known: []int32{}}
	if used[0] {
		col.first = 1
	}
	code := make([]uint16, len(used))
	for level, used := range used {
		if !used {
			continue
		}
		if len(col.known) > mostLevels {
			return column{}, nil, fmt.Errorf("column %q has more than %d levels; drop it, or give it the role id", f.Name, mostLevels)
		}
		code[level] = uint16(len(col.known))
		col.known = append(col.known, int32(level))
	}
	col.bins = len(col.known)
	return col, code, nil
}
