package decompose

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/table"
)

// Share keeps as many components as explain it.
func TestPCAShare(t *testing.T) {
	v := spread(500, 8)
	all := fit(t, PCA{}, v).Ratio()
	for _, share := range []float64{0.01, 0.5, 0.9, 0.99, 1} {
		k := fit(t, PCA{Share: share}, v).K()
		sum := 0.0
		for _, r := range all[:k-1] {
			sum += r
		}
		if !(sum < share) || k < len(all) && !(sum+all[k-1] >= share-1e-12) {
			t.Errorf("%d components for a share of %v of %v", k, share, all)
		}
	}
}

// The mean of many rows is right to the last digits where the rows are centred one by
// one, and far below what they differ by where sums of squares are.
func TestPCAMean(t *testing.T) {
	v := view(slices.Repeat([]float64{0.1, 1, 0.3, 2}, 10000), 2)
	near(t, "mean", fit(t, PCA{Solver: Full}, v).Mean(), []float64{0.2, 1.5}, 1e-15, 1)
	near(t, "mean", fit(t, PCA{}, v).Mean(), []float64{0.2, 1.5}, 1e-12, 1)
	near(t, "mean", fit(t, PCA{K: 1, Solver: Randomised}, v).Mean(), []float64{0.2, 1.5}, 1e-12, 1)
}

// Rows that do not differ have components all the same, and explain nothing.
func TestPCAOfEqualRows(t *testing.T) {
	v := view(slices.Repeat([]float64{3, -1, 0.1}, 20), 3)
	for _, p := range []PCA{{}, {Solver: Full}, {K: 2, Solver: Randomised}, {Share: 0.95}} {
		m := fit(t, p, v)
		lost, err := m.Errors(background, v)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "errors", lost, make([]float64, 20), 1e-20, 1)
		near(t, "variance", m.Variance(), make([]float64, m.K()), 1e-20, 1)
		near(t, "mean", m.Mean(), []float64{3, -1, 0.1}, 1e-15, 1)
		for _, r := range m.Ratio() {
			if !(r >= 0 && r <= 1) {
				t.Errorf("%+v: ratios %v", p, m.Ratio())
			}
		}
	}
}

func TestPCARefuses(t *testing.T) {
	v := spread(20, 3)
	cancelled, cancel := context.WithCancel(background)
	cancel()
	withValue := func(x float64) table.View {
		values := v.Floats("x01")
		values[6] = x
		return table.Must(v.Table().With(table.Float("x01", "", values))).View()
	}
	for _, c := range []struct {
		p    PCA
		v    table.View
		says string
	}{
		{PCA{K: -1}, v, "K is -1"},
		{PCA{K: 4}, v, "at most 3 components"},
		{PCA{K: 3}, v.Take([]int{1, 2, 3}), "at most 2 components"},
		{PCA{Share: 1.5}, v, "Share is 1.5"},
		{PCA{Share: math.NaN()}, v, "Share is NaN"},
		{PCA{K: 1, Share: 0.5}, v, "both K and Share"},
		{PCA{Solver: 9}, v, "Solver is 9"},
		{PCA{Solver: Randomised}, v, "needs K"},
		{PCA{Oversample: -1}, v, "Oversample is -1"},
		{PCA{}, v.Take([]int{4}), "1 rows"},
		{PCA{}, v.Take([]int{}), "0 rows"},
		{PCA{}, table.View{}, "0 rows"},
		{PCA{}, v.Select(), "no features"},
		{PCA{}, table.Must(v.Table().With(table.Text("s", slices.Repeat([]string{"a"}, 20)))).View(), "categorical"},
		{PCA{}, table.Seal(v.Table()).Describe("a test"), "sealed"},
		{PCA{}, withValue(math.NaN()), "row 7 of column \"x01\" is missing"},
		{PCA{Solver: Full}, withValue(math.Inf(1)), "row 7 of column \"x01\" is +Inf"},
		{PCA{}, withValue(1e300), "too large"},
		{PCA{Solver: Full}, withValue(1e300), "too large"},
		{PCA{K: 1, Solver: Randomised}, withValue(1e300), "too large"},
		{PCA{}, table.Must(v.Table().With(table.Float("w", "", slices.Repeat([]float64{0.01}, 20)).As(table.Weight))).View(), "add up to more than 1"},
	} {
		if _, err := c.p.Fit(background, c.v); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error with %q", c.p, err, c.says)
		}
	}
	for _, p := range []PCA{{}, {Solver: Full}, {K: 2, Solver: Randomised}} {
		if _, err := p.Fit(cancelled, v); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v with a cancelled context", p, err)
		}
	}
	m := fit(t, PCA{}, v)
	if _, err := m.Transform(cancelled, v); !errors.Is(err, context.Canceled) {
		t.Errorf("Transform with a cancelled context: %v", err)
	}
	if _, err := m.Transform(background, v.Table().View().Take([]int{}).Select()); err != nil {
		t.Errorf("no rows: %v", err)
	}
	if _, err := m.Scores(background, view([]float64{1, 2}, 2)); err == nil || !strings.Contains(err.Error(), "x02") {
		t.Errorf("rows without a column: %v", err)
	}
	if _, err := m.Scores(background, withValue(math.NaN())); err == nil || !strings.Contains(err.Error(), "row 7") {
		t.Errorf("a gap: %v", err)
	}
}
