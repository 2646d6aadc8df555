package histtree

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/modeltest"
)

var (
	_ models.RegressionLearner = Boost{}
	_ models.Sized             = (*Regressed)(nil)
)

func TestRegressionConformance(t *testing.T) {
	for _, l := range []Boost{{}, {Trees: 30, Rate: 0.3, MaxDepth: 3, MinLeaf: 5, L1: 0.5, L2: 1, MaxBins: 30}, {Trees: 1, Rate: 1, Leaves: 100, MinLeaf: 2}} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) { modeltest.RunRegression(t, l, modeltest.Saved(Kinds())) })
	}
	for _, l := range []Boost{{RowSample: 0.7}, {Trees: 200, EarlyStop: 10}} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) { modeltest.RunRegression(t, l, modeltest.DrawsRows, modeltest.Saved(Kinds())) })
	}
}

// numberTable makes a table of columns, nil being missing, and a numeric target.
func numberTable(columns [][]*float64, target, weights []float64) *table.Table {
	out := []table.Column{table.Float("target", "", target).As(table.Label)}
	for j, column := range columns {
		v := make([]float64, len(column))
		for i, x := range column {
			if v[i] = math.NaN(); x != nil {
				v[i] = *x
			}
		}
		out = append(out, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	if weights != nil {
		out = append(out, table.Float("w", "", weights).As(table.Weight))
	}
	return table.Must(table.New("numbers", out...))
}

func regressed(t testing.TB, l Boost, v table.View) *Regressed {
	t.Helper()
	m, err := l.FitRegression(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*Regressed)
}

func estimated(t testing.TB, m models.Regressor, v table.View) []float64 {
	t.Helper()
	y, err := m.Estimate(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// Where every value has its bin, the trees are scikit-learn's, but for its gradients in
// float32; over several tables, the mean difference of R² is within its own standard
// error of 0, or to the good.
func TestRegressionIsScikitLearns(t *testing.T) {
	var peers struct {
		Exact []struct {
			Trees, Depth, Leaves       int
			L2, MinLeaf, Rate          float64
			Columns                    [][]*float64
			Target, Weights, Estimates []float64
		}
		Draws []struct {
			Columns [][]*float64
			Target  []float64
			R2      float64
		}
	}
	raw, err := os.ReadFile("testdata/regression.json")
	if err == nil {
		err = json.Unmarshal(raw, &peers)
	}
	if err != nil || len(peers.Exact) == 0 || len(peers.Draws) == 0 {
		t.Fatalf("testdata/regression.json: %v", err)
	}
	for i, e := range peers.Exact {
		v := numberTable(e.Columns, e.Target, e.Weights).View()
		y := estimated(t, regressed(t, Boost{Trees: e.Trees, MaxDepth: e.Depth, Leaves: e.Leaves, L2: e.L2, MinLeaf: e.MinLeaf, Rate: e.Rate}, v), v)
		spread, off := slices.Max(e.Target)-slices.Min(e.Target), 0.0
		for r, want := range e.Estimates {
			off = max(off, math.Abs(y[r*7]-want)/spread)
			if !(math.Abs(y[r*7]-want) <= 1e-6*spread) {
				t.Errorf("model %d, row %d: estimate %v, want %v", i, r*7, y[r*7], want)
			}
		}
		t.Logf("model %d: at most %.2g of the spread apart", i, off)
	}
	var diff []float64
	for _, d := range peers.Draws {
		v := numberTable(d.Columns, d.Target, nil).View()
		test := v.Where(func(r int) bool { return r >= 350 })
		y := estimated(t, regressed(t, Boost{}, v.Where(func(r int) bool { return r < 350 })), test)
		diff = append(diff, explained(y, d.Target[350:])-d.R2)
	}
	mean, se := meanSE(diff)
	t.Logf("R² is better than scikit-learn's by %.4f ± %.4f", mean, se)
	if !(mean >= -se) {
		t.Errorf("R² is better than scikit-learn's by %.4f ± %.4f", mean, se)
	}
}

// explained is R².
func explained(y, target []float64) float64 {
	mean := sum(target) / float64(len(target))
	left, all := 0.0, 0.0
	for i, v := range target {
		left += (v - y[i]) * (v - y[i])
		all += (v - mean) * (v - mean)
	}
	return 1 - left/all
}

// Neither the scale nor a large mean of the target matters, nor one outlier to the
// rows far from it; and cores do not, on nodes large enough for all of them.
func TestRegressionScale(t *testing.T) {
	tab := flows(3000, 9, 3, rng.New(4))
	y := make([]float64, tab.Rows())
	random := newStream(rng.New(5))
	for i := range y {
		y[i] = tab.Column("x05").At(i) + float64(50*tab.Column("class").Codes()[i]) + float64(random.below(8))
	}
	view := func(change func(y float64) float64) table.View {
		other := make([]float64, len(y))
		for i, v := range y {
			other[i] = change(v)
		}
		return table.Must(tab.With(tab.Column("class").As(table.Ignore), table.Float("y", "", other).As(table.Label))).View()
	}
	v := view(func(y float64) float64 { return y })
	want := estimated(t, regressed(t, Boost{Trees: 30}, v), v)
	for name, c := range map[string]struct{ scale, shift, tol float64 }{
		"large": {math.Ldexp(1, 900), 0, 0}, "small": {math.Ldexp(1, -900), 0, 0}, "far from 0": {1, 1 << 40, 1e-3}, "upside down": {-1, 0, 1e-9},
	} {
		v := view(func(y float64) float64 { return float64(y*c.scale) + c.shift })
		for i, got := range estimated(t, regressed(t, Boost{Trees: 30}, v), v) {
			if got = (got - c.shift) / c.scale; !(math.Abs(got-want[i]) <= c.tol) {
				t.Fatalf("%s: row %d has %v, want %v", name, i, got, want[i])
			}
		}
	}
	most := slices.Max(y)
	v = view(func(y float64) float64 {
		if y == most {
			return 1e12
		}
		return y
	})
	got := estimated(t, regressed(t, Boost{Trees: 200, Rate: 0.5, MinLeaf: 1}, v), v)
	left := 0.0
	for i := range y {
		if y[i] < most {
			left += math.Abs(got[i]-y[i]) / float64(len(y))
		}
	}
	if !(left <= 5) {
		t.Errorf("beside an outlier of 1e12 the mean error is %v", left)
	}

	big := flows(40000, 6, 3, rng.New(6))
	u := big.View().WithTarget("x05")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := estimated(t, regressed(t, Boost{Trees: 5, RowSample: 0.7}, u), u)
	for _, procs := range []int{2, 7} {
		runtime.GOMAXPROCS(procs)
		if !slices.Equal(estimated(t, regressed(t, Boost{Trees: 5, RowSample: 0.7}, u), u), one) {
			t.Errorf("GOMAXPROCS %d: other estimates", procs)
		}
	}
}
