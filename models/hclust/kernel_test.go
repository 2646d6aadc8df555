package hclust

import (
	"math"
	"testing"

	"flowbook/internal/rng"
)

// Assembly and plain Go add the same bits, and a box is never farther than a point in it.
func TestKernels(t *testing.T) {
	g := rng.New(11).Rand()
	for n := range 200 {
		a, b, low, high := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range a {
			a[i], b[i] = g.NormFloat64(), g.NormFloat64()
			low[i], high[i] = b[i]-g.Float64(), b[i]+g.Float64()
			if i%5 == 0 {
				low[i], high[i] = b[i], b[i]
			}
		}
		var twins [2][2]float64
		for k, on := range both() {
			turn(on)
			twins[k] = [2]float64{square(a, b, math.Inf(1)), gap(a, low, high, math.Inf(1))}
			if back := square(b, a, math.Inf(1)); back != twins[k][0] {
				t.Errorf("%d columns: %v one way, %v the other", n, twins[k][0], back)
			}
			if limit := twins[k][0] / 2; n > 0 && !(square(a, b, limit) > limit) {
				t.Errorf("%d columns: not above a limit of half", n)
			}
			if limit := twins[k][1] / 2; limit > 0 && !(gap(a, low, high, limit) > limit) {
				t.Errorf("%d columns: gap not above a limit of half", n)
			}
		}
		turn(true)
		if twins[0] != twins[1] {
			t.Errorf("%d columns: %v and %v", n, twins[0], twins[1])
		}
		want, wide := 0.0, 0.0
		for i, v := range a {
			want += (v - b[i]) * (v - b[i])
			wide += math.Pow(math.Max(0, math.Max(low[i]-v, v-high[i])), 2)
		}
		if !(math.Abs(twins[0][0]-want) <= 1e-12*want) || !(math.Abs(twins[0][1]-wide) <= 1e-12*wide) {
			t.Errorf("%d columns: %v, want %v and %v", n, twins[0], want, wide)
		}
		if twins[0][1] > twins[0][0] {
			t.Errorf("%d columns: the box is %v away and a point in it %v", n, twins[0][1], twins[0][0])
		}
	}
}
