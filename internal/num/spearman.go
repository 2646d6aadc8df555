package num

import "flowbook/internal/par"

// SpearmanMatrix returns Spearman's rank correlation (ties share the mean of their
// ranks) of every pair of columns: symmetric, 1 on the diagonal, NaN where a column
// is constant. The columns hold no NaN and are equally long. Each is ranked once;
// time O(p n log n + p² n).
func SpearmanMatrix(columns [][]float64) [][]float64 {
	p := len(columns)
	ranks := make([][]float64, p)
	par.Do(p, func(j int) { ranks[j], _ = Ranks(columns[j]) })
	rho := make([][]float64, p)
	for i := range rho {
		rho[i] = make([]float64, p)
	}
	par.Do(p, func(i int) {
		for j := range i {
			r := Pearson(ranks[i], ranks[j])
			rho[i][j], rho[j][i] = r, r
		}
		rho[i][i] = Pearson(ranks[i], ranks[i])
	})
	return rho
}
