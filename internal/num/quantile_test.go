package num

import (
	"math"
	"testing"
)

func TestQuantileBesideInfinity(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		sorted  []float64
		q, want float64
	}{
		{[]float64{1, inf}, 0, 1},
		{[]float64{1, inf}, 0.5, inf},
		{[]float64{-inf, 1}, 0, -inf},
		{[]float64{-inf, 1}, 0.5, -inf},
		{[]float64{-inf, 1}, 1, 1},
		{[]float64{-inf, inf}, 0.5, -inf},
		{[]float64{1, 2, inf}, 0.5, 2},
	} {
		if got := Quantile(c.sorted, c.q); got != c.want {
			t.Errorf("quantile %g of %v is %g, want %g", c.q, c.sorted, got, c.want)
		}
	}
}
