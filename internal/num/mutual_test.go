package num

import (
	"math"
	"slices"
	"testing"
)

// Expected values: sklearn.metrics.mutual_info_score, scikit-learn 1.2.1.
func TestMutualInformation(t *testing.T) {
	for _, c := range []struct {
		a, b []int32
		want float64
	}{
		{[]int32{0, 0, 1, 1}, []int32{0, 0, 1, 1}, math.Ln2},
		{[]int32{0, 1, 0, 1}, []int32{0, 0, 1, 1}, 0},
		{[]int32{0, 0, 1, 1, 2, 2, 2}, []int32{0, 1, 1, 1, 2, 0, 2}, 0.6081583698769646},
		{[]int32{3, 3, 3}, []int32{0, 1, 2}, 0},
	} {
		if got := MutualInformation(c.a, c.b); !(math.Abs(got-c.want) <= 1e-12) {
			t.Errorf("MI(%v, %v) = %.16g, want %.16g", c.a, c.b, got, c.want)
		}
		if a, b := MutualInformation(c.a, c.b), MutualInformation(c.b, c.a); !(math.Abs(a-b) <= 1e-12) {
			t.Errorf("not symmetric: %g, %g", a, b)
		}
	}
}

func TestParts(t *testing.T) {
	part, edges := Parts([]float64{4, 1, 2, math.NaN(), 3, 1}, 2)
	if !slices.Equal(edges, []float64{2}) || !slices.Equal(part, []int32{1, 0, 0, 2, 1, 0}) {
		t.Errorf("parts %v, edges %v", part, edges)
	}
}
