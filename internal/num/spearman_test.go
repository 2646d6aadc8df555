package num

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSpearmanMatrixIsSpearmanOfPairs(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	columns := make([][]float64, 4)
	for j := range columns {
		columns[j] = make([]float64, 200)
		for i := range columns[j] {
			columns[j][i] = float64(g.IntN(20)) + float64(j)*columns[0][i]
		}
	}
	columns[3] = make([]float64, 200)
	rho := SpearmanMatrix(columns)
	for i := range columns {
		for j := range columns {
			want := Spearman(columns[i], columns[j])
			if math.IsNaN(want) != math.IsNaN(rho[i][j]) || !math.IsNaN(want) && !(math.Abs(rho[i][j]-want) <= 1e-14) {
				t.Errorf("rho[%d][%d] = %g, want %g", i, j, rho[i][j], want)
			}
		}
	}
}
