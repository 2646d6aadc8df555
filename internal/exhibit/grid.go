package exhibit

import "math"

// Grid is a table on the page.
type Grid struct {
	Title   string   // short, unique within its chapter; becomes an anchor
	Caption string   // one sentence: what is shown, of which rows
	Columns []string // header, with the unit where there is one: "duration (s)"
	Rows    [][]Cell // each as long as Columns
	Folded  bool     // shown closed: long tables that few readers want
}

// Exhibit shows the grid.
func (g Grid) Exhibit() Exhibit { return Exhibit{Grids: []Grid{g}} }

// CellKind says how a cell is shown and sorted.
type CellKind uint8

const (
	TextCell    CellKind = iota // Text, as it is
	NumberCell                  // Value to four significant digits, with its interval
	CountCell                   // Value as a whole number with thousands marks
	PercentCell                 // Value in [0, 1] shown as a percentage
	PCell                       // a p-value: Value, and Log10 where Value underflows
)

// Cell is one field of a Grid: text, or a number with its unit and interval.
// A NaN value shows as an en dash.
type Cell struct {
	Kind  CellKind
	Text  string
	Value float64
	Low   float64 // interval, shown when Level > 0
	High  float64
	Level float64
	Log10 float64 // PCell: log10 of p, exact where p itself is below 1e-300
	Unit  string
}

// Text returns a cell of text.
func Text(s string) Cell { return Cell{Kind: TextCell, Text: s, Value: math.NaN()} }

// Num returns a cell shown to four significant digits.
func Num(v float64) Cell { return Cell{Kind: NumberCell, Value: v} }

// Between returns a number with its confidence interval.
func Between(v, low, high, level float64) Cell {
	return Cell{Kind: NumberCell, Value: v, Low: low, High: high, Level: level}
}

// Count returns a cell shown as a whole number.
func Count(n int) Cell { return Cell{Kind: CountCell, Value: float64(n)} }

// Percent returns a fraction in [0, 1] shown as a percentage.
func Percent(v float64) Cell { return Cell{Kind: PercentCell, Value: v} }

// P returns a p-value; log10 is its decimal logarithm, which stays exact where p
// underflows to zero.
func P(p, log10 float64) Cell { return Cell{Kind: PCell, Value: p, Log10: log10} }
