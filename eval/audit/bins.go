package audit

import (
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/table"
)

// bins cuts one feature of training into at most n parts of about equal size, or
// one for each level; missing and unseen values have parts of their own. It
// returns the part of each row of train and test, and how many parts there are.
//
// Edges are quantiles of the training rows, of at most maxSample evenly spaced ones
// where there are more. A value that fills several quantiles makes one edge.
func bins(schema table.Schema, k, n int, train, test table.View) (a, b []int32, parts int) {
	if schema[k].Kind == table.CodeKind {
		parts = len(schema[k].Levels) + 2 // missing, the levels, unseen
		return levelBins(schema.Codes(train, k), parts), levelBins(schema.Codes(test, k), parts), parts
	}
	x, y := schema.Floats(train, k), schema.Floats(test, k)
	step := max(1, (len(x)+maxSample-1)/maxSample)
	sample := make([]float64, 0, len(x)/step+1)
	for i := 0; i < len(x); i += step {
		sample = append(sample, x[i])
	}
	sample, _ = num.DropNaN(sample)
	slices.Sort(sample)
	var edges []float64
	for q := 1; q < n && len(sample) > 0; q++ {
		edges = append(edges, sample[(len(sample)-1)*q/n])
	}
	edges = slices.Compact(edges)
	parts = len(edges) + 2 // up to each edge, beyond the last, missing
	return num.Cut(x, edges), num.Cut(y, edges), parts
}

// maxSample bounds the rows that quantiles are taken from.
const maxSample = 1 << 18

func levelBins(codes []int32, parts int) []int32 {
	out := make([]int32, len(codes))
	for i, c := range codes {
		if c == table.Unseen {
			c = int32(parts - 1)
		}
		out[i] = c
	}
	return out
}
