package nslkdd

import (
	"math"
	"slices"

	"flowbook/internal/num"
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
	var varying [][]float64
	add := func(name string, values []float64) {
		if len(values) > 0 && slices.Min(values) < slices.Max(values) {
			c.Columns = append(c.Columns, name)
			varying = append(varying, values)
		}
	}
	add(cellColumn, codes)
	for k := range columnCount {
		if categories[k] != nil {
			continue
		}
		values := make([]float64, len(rows))
		for r, i := range rows {
			values[r] = s.column[k][i]
		}
		add(columnName(k), values)
	}
	for a, row := range num.SpearmanMatrix(varying) {
		for _, rho := range row[:a] {
			c.Hundredths = append(c.Hundredths, int(math.Round(100*rho)))
		}
	}
	return c
}
