package bayes

import (
	"slices"

	"flowbook/models/internal/dense"
)

// hot fills the chart of a source from its one-hot columns: factor(on, n) is the
// log factor of a column with the value off and on, given the weight on[c] of its
// level within the weight n[c] of each class.
func (t *task) hot(source int, factor func(c dense.Column, on, n []float64) (offScore, onScore []float64)) chart {
	k, count := t.k(), t.counts[source]
	n := make([]float64, k)
	for i, v := range count {
		n[i%k] += v
	}
	var columns []dense.Column
	var offs, ons [][]float64
	for _, c := range t.rows.Plan().Columns {
		if c.Kind == dense.Hot && c.Source == source {
			off, on := factor(c, count[int(c.Code+1)*k:int(c.Code+2)*k], n)
			columns, offs, ons = append(columns, c), append(offs, off), append(ons, on)
		}
	}
	// before[j] and after[j] sum the off scores of the columns left and right of j, so
	// that a code costs one addition a class and no sum cancels.
	q := len(columns)
	before, after := make([]float64, (q+1)*k), make([]float64, (q+1)*k)
	for j := range q {
		for c := range k {
			before[(j+1)*k+c] = before[j*k+c] + offs[j][c]
		}
	}
	for j := q - 1; j >= 0; j-- {
		for c := range k {
			after[j*k+c] = after[(j+1)*k+c] + offs[j][c]
		}
	}
	out := chart{source, make([]float64, len(count))}
	at := make([][]int, len(count)/k)
	for j, c := range columns {
		at[c.Code+1] = append(at[c.Code+1], j)
	}
	for code, places := range at {
		line := out.score[code*k : (code+1)*k]
		switch len(places) {
		case 0:
			copy(line, before[q*k:])
		case 1:
			j := places[0]
			for c := range line {
				line[c] = before[j*k+c] + ons[j][c] + after[(j+1)*k+c]
			}
		default: // a level with two columns
			for j := range columns {
				for c := range line {
					if slices.Contains(places, j) {
						line[c] += ons[j][c]
					} else {
						line[c] += offs[j][c]
					}
				}
			}
		}
	}
	return out
}
