package nslkdd

import (
	"cmp"
	"math"
	"slices"
)

// Copula holds the rank correlations (Spearman 1904, ties at their mean rank) of
// the columns that vary among some rows.
type Copula struct {
	Columns []string `json:"columns"` // "cell" for the ordered coding of the cells, then names
	// Hundredths is the lower triangle without diagonal, row by row, in hundredths.
	Hundredths []int `json:"hundredths"`
}

const cellColumn = "cell"

// copulaOf measures rows; codes are the cells' places. Few columns vary, so the
// n log n of ranking dominates.
func copulaOf(s *sheet, rows []int, codes []float64) Copula {
	var c Copula
	var scores [][]float64
	add := func(name string, values []float64) {
		if z := ranks(values); z != nil {
			c.Columns = append(c.Columns, name)
			scores = append(scores, z)
		}
	}
	if len(rows) == 0 {
		return c
	}
	add(cellColumn, codes)
	values := make([]float64, len(rows))
	for k := range columnCount {
		if categories[k] != nil {
			continue
		}
		for r, i := range rows {
			values[r] = s.column[k][i]
		}
		add(columnName(k), values)
	}
	for a := range scores {
		for b := range a {
			dot := 0.0
			for r, v := range scores[a] {
				dot += float64(v * scores[b][r])
			}
			c.Hundredths = append(c.Hundredths, int(math.Round(100*dot)))
		}
	}
	return c
}

// ranks returns mean ranks, centred and scaled to length 1; nil if all are equal.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(values[a], values[b]), a-b) })
	out := make([]float64, len(values))
	middle := float64(len(values)-1) / 2
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && values[order[hi]] == values[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			out[i] = float64(lo+hi-1)/2 - middle
		}
		lo = hi
	}
	square := 0.0
	for _, v := range out {
		square += float64(v * v)
	}
	if square == 0 {
		return nil
	}
	length := math.Sqrt(square)
	for i := range out {
		out[i] /= length
	}
	return out
}
