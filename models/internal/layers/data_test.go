package layers

import (
	"context"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// pairs is n rows of two numbers.
func pairs(n int) table.View {
	g := rng.New(1).Rand()
	x, y := make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i] = g.NormFloat64(), g.NormFloat64()
	}
	return table.Must(table.New("pairs", table.Float("x", "", x), table.Float("y", "", y))).View()
}

// TestSparseWhereItPays: a table that is mostly one value is kept sparse, another not.
func TestSparseWhereItPays(t *testing.T) {
	v := pairs(200)
	flags := make([]int64, 200)
	flags[7] = 1
	mostly := table.Must(v.Table().With(table.Int("a", "", flags), table.Int("b", "", flags), table.Int("c", "", flags), table.Int("d", "", flags))).View()
	for _, c := range []struct {
		v      table.View
		sparse bool
	}{{v, false}, {mostly, true}} {
		plan, err := dense.Of("test", c.v)
		if err != nil {
			t.Fatal(err)
		}
		d, err := NewData("test", plan, c.v)
		if err != nil || (d.Sparse != nil) != c.sparse || (d.Rows != nil) == c.sparse {
			t.Errorf("%d columns: sparse %v (error %v)", plan.Width(), d.Sparse != nil, err)
		}
	}
}

// TestTooLargeToLearn: what float32 cannot hold is refused by name in both forms of the
// data; what it can hold is not, however far from the usual.
func TestTooLargeToLearn(t *testing.T) {
	v := pairs(200)
	with := func(usual, once float64) error {
		x := slices.Repeat([]float64{usual}, 200)
		x[7] = once
		far := table.Must(v.Table().With(table.Float("far", "", x), table.Float("zero", "", make([]float64, 200)))).View().Select("far", "zero")
		plan, err := dense.Of("test", far)
		if err == nil {
			_, err = NewData("test", plan, far)
		}
		return err
	}
	for _, usual := range []float64{1, 3e38} { // all but one row: sparse
		if err := with(usual, 1e39); err == nil || !strings.Contains(err.Error(), `row 8 of column "far"`) {
			t.Errorf("1e39 beside %v: error %v; want one that names row 8", usual, err)
		}
		if err := with(usual, -3e38); err != nil {
			t.Errorf("-3e38 beside %v: %v", usual, err)
		}
	}
}

// TestAnswerRowsOfManyUnits: layers of few weights may have many units, as a file names
// them; what they answer is kept for fewer rows then.
func TestAnswerRowsOfManyUnits(t *testing.T) {
	if got := NewNet(Affine{9, 100}, Affine{100, 50}, Affine{50, 5}).answerRows(); got != answerRows {
		t.Errorf("a usual net answers %d rows at a time", got)
	}
	const most = 1 << 16
	all, units := []Layer{Affine{1, 1}}, 1
	for range 200 {
		all, units = append(all, Affine{1, most}, Affine{most, 1}), units+most+1
		if got := NewNet(all...).answerRows(); got < 1 || got > 1 && got*units > answerNumbers {
			t.Fatalf("%d units answer %d rows at a time", units, got)
		}
	}
}

// TestAnswer: rows come back with their numbers and answers, block by block, and one that
// is too far away is named.
func TestAnswer(t *testing.T) {
	const n = 1300
	v := pairs(n)
	plan, err := dense.Of("test", v)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := plan.Bind("test", v)
	if err != nil {
		t.Fatal(err)
	}
	net := NewNet(Affine{2, 3})
	w := []float32{1, 0, 2, 0, 1, 0, 0, 0, 5}
	seen := make([]bool, n)
	err = net.Answer(context.Background(), "test", w, rows, func(x, z []float32, lo, hi int) {
		for i := lo; i < hi; i++ {
			a, b := x[2*(i-lo)], x[2*(i-lo)+1]
			seen[i] = a == float32(v.Floats("x")[i]) && slices.Equal(z[3*(i-lo):3*(i-lo)+3], []float32{a, b, 2*a + 5})
		}
	})
	if err != nil || slices.Contains(seen, false) {
		t.Errorf("row %d has another answer, error %v", slices.Index(seen, false)+1, err)
	}
	far := slices.Clone(v.Floats("x"))
	far[601] = 3e38
	bad, err := plan.Bind("test", table.Must(v.Table().With(table.Float("x", "", far))).View())
	if err != nil {
		t.Fatal(err)
	}
	if err := net.Answer(context.Background(), "test", w, bad, func(x, z []float32, lo, hi int) {}); err == nil || !strings.Contains(err.Error(), "row 602 has numbers too large") {
		t.Errorf("error %v, want one that names row 602", err)
	}
}
