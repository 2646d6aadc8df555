// Package plots answers: what do the numbers look like?
//
// Every chart is a struct whose zero value works beside its data; it turns plain
// slices into an SVG figure and never fails: values that cannot be drawn (missing,
// infinite, not positive on a log axis) are left out and counted in the caption,
// and a chart without a value to draw says "no data".
//
//	nb.Show(plots.Histogram{
//		Name:   "src-bytes",
//		Title:  "Bytes sent by the source",
//		XLabel: "src_bytes (bytes)",
//		Groups: []plots.Group{{Name: "normal", Values: normal}, {Name: "attack", Values: attack}},
//		Scale:  plots.Log1p,
//	})
//
// Ranges, scales, fonts and drawing are gonum/plot's. The layout of axes (axes.go)
// and the SVG backend (svg.go) are our own: gonum's cut labels, and write three to
// six times the bytes. Colours are safe for the colour-blind and groups differ in dash,
// marker or texture too. The same data give the same bytes, whatever the number of
// cores.
package plots

import "fmt"

// Group is a named sample: one colour in a histogram, one box, one density.
type Group struct {
	Name   string
	Values []float64 // NaN is missing
}

// GroupBy splits values by the label beside each. Groups come in the order
// given, and a group without rows is kept, empty; rows with a label that is not
// listed are left out. It panics when the lengths differ. Time O(n).
func GroupBy(values []float64, labels []string, order ...string) []Group {
	if len(values) != len(labels) {
		panic(fmt.Sprintf("plots: GroupBy of %d values and %d labels", len(values), len(labels)))
	}
	groups, at := make([]Group, len(order)), make(map[string]int, len(order))
	for i, name := range order {
		groups[i].Name, at[name] = name, i
	}
	for i, v := range values {
		if g, ok := at[labels[i]]; ok {
			groups[g].Values = append(groups[g].Values, v)
		}
	}
	return groups
}

// Points is a named cloud of points.
type Points struct {
	Name string
	X, Y []float64 // of the same length; a point with NaN in either is missing
}

// Series is a named line, with a band where Low and High are given.
type Series struct {
	Name      string
	X, Y      []float64 // of the same length, X ascending; a NaN in Y leaves a gap
	Low, High []float64 // band around Y, empty or as long as Y
}

// Mark is a labelled position on an axis: an event, a threshold.
type Mark struct {
	At    float64
	Label string
}

// Scale says how an axis maps values to positions.
type Scale uint8

const (
	Linear Scale = iota // as they are
	Log                 // powers of ten; values at or below 0 are left out
	Log1p               // sign(x)·log(1+|x|): zero and negative values keep their place
)

// Size is the shape of a figure, in pixels of a report column 640 wide.
type Size uint8

const (
	Auto     Size = iota // the chart decides: 640 x 400, taller with many rows
	Standard             // 640 x 400
	Wide                 // 640 x 280
	Square               // 520 x 520
	Tall                 // 640 x 640
)
