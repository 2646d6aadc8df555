// Package table answers: what is a table of flows, once it is in memory?
//
// A Table is a list of named, typed columns of equal length that nobody changes.
// A View picks rows and columns of it without copying. A Source hands out the
// blocks of a table that does not fit in memory. A Sealed table is a test set
// that counts the looks taken at it.
//
//	t := table.Must(table.New("flows",
//		table.Float("duration", "s", seconds),
//		table.Text("service", names),
//		table.Text("class", classes).As(table.Label)))
//	v := t.View().WithTarget("class").Take(rows)
package table

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"time"
)

// Kind is how a column's values are stored.
type Kind uint8

const (
	FloatKind Kind = iota // float64; NaN is missing
	IntKind               // int64; never missing (a column that can miss values is a float)
	CodeKind              // int32 into the column's own sorted Levels, from 1; 0 is missing
	TimeKind              // int64 microseconds since 1970-01-01 UTC; never missing
)

func (k Kind) String() string { return [...]string{"float", "int", "code", "time"}[k] }

// Role says what a column is for. Only features are ever learnt from.
type Role uint8

const (
	Feature Role = iota
	Label        // what is predicted; a table may hold several, a View has one target
	Stamp        // when the row happened
	Group        // rows that must stay in one fold share its value
	Weight       // how much the row counts, at least 0
	ID           // names the row
	Ignore       // carried along, never used
)

func (r Role) String() string {
	return [...]string{"feature", "label", "time", "group", "weight", "id", "ignore"}[r]
}

// Column is a named list of values with a kind, a unit and a role. It is a value
// that shares its storage; nobody writes to the storage once the column is made.
type Column struct {
	Name string
	Kind Kind
	Role Role
	Unit string // "s", "bytes", "packets"; "" where there is none

	floats []float64
	ints   []int64
	codes  []int32
	levels []string
}

// Float makes a column of float64; NaN is missing.
func Float(name, unit string, values []float64) Column {
	return Column{Name: name, Kind: FloatKind, Unit: unit, floats: values}
}

// Int makes a column of whole numbers.
func Int(name, unit string, values []int64) Column {
	return Column{Name: name, Kind: IntKind, Unit: unit, ints: values}
}

// Time makes a column of microseconds since 1970-01-01 UTC, with role Stamp.
func Time(name string, micros []int64) Column {
	return Column{Name: name, Kind: TimeKind, Role: Stamp, Unit: "µs", ints: micros}
}

// Code makes a categorical column: codes[i] is 0 (missing) or 1 + an index into
// levels, which must be sorted and distinct. It panics where they are not.
func Code(name string, codes []int32, levels []string) Column {
	for i := 1; i < len(levels); i++ {
		if levels[i-1] >= levels[i] {
			panic(fmt.Sprintf("table: levels of %q are not sorted and distinct at %q", name, levels[i]))
		}
	}
	for i, c := range codes {
		if c < 0 || int(c) > len(levels) {
			panic(fmt.Sprintf("table: code %d of %q in row %d has no level", c, name, i))
		}
	}
	return Column{Name: name, Kind: CodeKind, codes: codes, levels: levels}
}

// Text makes a categorical column from strings; "" is missing. Its levels are the
// strings that occur, sorted.
func Text(name string, values []string) Column {
	first := make(map[string]int32)
	for _, v := range values {
		if v != "" {
			first[v] = 0
		}
	}
	levels := make([]string, 0, len(first))
	for v := range first {
		levels = append(levels, v)
	}
	sort.Strings(levels)
	for i, v := range levels {
		first[v] = int32(i + 1)
	}
	codes := make([]int32, len(values))
	for i, v := range values {
		codes[i] = first[v] // the missing "" is not in the map: 0
	}
	return Column{Name: name, Kind: CodeKind, codes: codes, levels: levels}
}

// As returns the column with another role.
func (c Column) As(r Role) Column { c.Role = r; return c }

// In returns the column with another unit.
func (c Column) In(unit string) Column { c.Unit = unit; return c }

// Named returns the column under another name.
func (c Column) Named(name string) Column { c.Name = name; return c }

// Len is the number of rows.
func (c Column) Len() int {
	switch c.Kind {
	case FloatKind:
		return len(c.floats)
	case CodeKind:
		return len(c.codes)
	}
	return len(c.ints)
}

// Numeric reports whether the column holds numbers (float or int).
func (c Column) Numeric() bool { return c.Kind == FloatKind || c.Kind == IntKind }

// Floats returns the storage of a float column. It panics for another kind; so do
// Ints (int and time), Codes and Levels (code). Callers only read.
func (c Column) Floats() []float64 { c.want(FloatKind, FloatKind); return c.floats }

// Ints returns the storage of an int or time column.
func (c Column) Ints() []int64 { c.want(IntKind, TimeKind); return c.ints }

// Codes returns the storage of a code column.
func (c Column) Codes() []int32 { c.want(CodeKind, CodeKind); return c.codes }

// Levels returns the sorted levels of a code column; code i+1 stands for Levels()[i].
func (c Column) Levels() []string { c.want(CodeKind, CodeKind); return c.levels }

func (c Column) want(a, b Kind) {
	if c.Kind != a && c.Kind != b {
		panic(fmt.Sprintf("table: column %q is of kind %v, not %v", c.Name, c.Kind, a))
	}
}

// At returns row i as a number; NaN where it is missing. It panics on a code
// column: a category has no number.
func (c Column) At(i int) float64 {
	switch c.Kind {
	case FloatKind:
		return c.floats[i]
	case IntKind, TimeKind:
		return float64(c.ints[i])
	}
	panic(fmt.Sprintf("table: column %q is categorical and has no number", c.Name))
}

// String returns row i as text; "" where it is missing.
func (c Column) String(i int) string {
	switch c.Kind {
	case FloatKind:
		if math.IsNaN(c.floats[i]) {
			return ""
		}
		return strconv.FormatFloat(c.floats[i], 'g', -1, 64)
	case IntKind:
		return strconv.FormatInt(c.ints[i], 10)
	case TimeKind:
		return time.UnixMicro(c.ints[i]).UTC().Format("2006-01-02T15:04:05.999999Z")
	}
	if c.codes[i] == 0 {
		return ""
	}
	return c.levels[c.codes[i]-1]
}

// Missing counts the rows without a value.
func (c Column) Missing() int {
	n := 0
	switch c.Kind {
	case FloatKind:
		for _, v := range c.floats {
			if math.IsNaN(v) {
				n++
			}
		}
	case CodeKind:
		for _, v := range c.codes {
			if v == 0 {
				n++
			}
		}
	}
	return n
}

// Pick returns a column with the given rows, copied; nil means all, shared. Levels
// stay as they are, also those that no picked row has.
func (c Column) Pick(rows []int) Column {
	if rows == nil {
		return c
	}
	switch c.Kind {
	case FloatKind:
		c.floats = pick(c.floats, rows)
	case CodeKind:
		c.codes = pick(c.codes, rows)
	default:
		c.ints = pick(c.ints, rows)
	}
	return c
}

func pick[T any](from []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = from[r]
	}
	return out
}

// Level returns the code of a level, or 0 if the column has no such level.
func (c Column) Level(name string) int32 {
	if i, ok := slices.BinarySearch(c.Levels(), name); ok {
		return int32(i + 1)
	}
	return 0
}
