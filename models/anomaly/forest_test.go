package anomaly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

var background = context.Background()

// view makes a table of p numbers a row.
func view(x []float64, p int) table.View {
	columns := make([]table.Column, p)
	for j := range columns {
		values := make([]float64, len(x)/p)
		for i := range values {
			values[i] = x[i*p+j]
		}
		columns[j] = table.Float(fmt.Sprintf("x%02d", j), "", values)
	}
	return table.Must(table.New("numbers", columns...)).View()
}

func fit(t testing.TB, d Detector, v table.View) Model {
	t.Helper()
	m, err := d.FitDetector(background, v)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func score(t testing.TB, m Model, v table.View) []float64 {
	t.Helper()
	s, err := m.Score(background, v)
	if err != nil {
		t.Fatal(err)
	}
	if len(s) != v.Rows() {
		t.Fatalf("%d scores of %d rows", len(s), v.Rows())
	}
	for i, x := range s {
		if x-x != 0 {
			t.Fatalf("row %d scores %v", i, x)
		}
	}
	return s
}

// auc is the area under the ROC curve of scores, of which the odd ones should be high.
func auc(scores []float64, odd []bool) float64 {
	ranks, _ := num.Ranks(scores)
	sum, n := 0.0, 0.0
	for i, r := range ranks {
		if odd[i] {
			sum += r
			n++
		}
	}
	return (sum - n*(n+1)/2) / n / (float64(len(scores)) - n)
}

// The mean area over seeds is within one standard error of scikit-learn's, or above: on
// each set within what a single forest's area deviates by, and on average over the sets
// within the standard error of that average's difference, which the many seeds make small.
func TestForestIsScikitLearns(t *testing.T) {
	text, err := os.ReadFile("testdata/forest.json")
	if err != nil {
		t.Fatal(err)
	}
	var sets []struct {
		Name                string
		Columns, Odd, Seeds int
		X                   []float64
		Mean, SD            float64
	}
	if err := json.Unmarshal(text, &sets); err != nil {
		t.Fatal(err)
	}
	const seeds = 60
	better, spread := 0.0, 0.0
	for _, set := range sets {
		v := view(set.X, set.Columns)
		odd := make([]bool, v.Rows())
		for i := v.Rows() - set.Odd; i < v.Rows(); i++ {
			odd[i] = true
		}
		var areas []float64
		for s := range seeds {
			areas = append(areas, auc(score(t, fit(t, Forest{Seed: rng.New(uint64(s))}, v), v), odd))
		}
		mean, variance := num.MeanVariance(areas)
		better += mean - set.Mean
		spread += variance/seeds + set.SD*set.SD/float64(set.Seeds)
		t.Logf("%s: AUC %.5f (sd %.5f), scikit-learn's %.5f (%.5f)", set.Name, mean, math.Sqrt(variance), set.Mean, set.SD)
		if !(mean >= set.Mean-set.SD) {
			t.Errorf("%s: AUC %.5f, scikit-learn's %.5f", set.Name, mean, set.Mean)
		}
	}
	if !(better >= -math.Sqrt(spread)) {
		t.Errorf("on %d sets the area is smaller by %.5f on average, standard error %.5f", len(sets), -better/float64(len(sets)), math.Sqrt(spread)/float64(len(sets)))
	}
}

// gappy are rows with numbers, whole numbers, a category, and gaps in all but those.
func gappy(n int) table.View {
	g := rng.New(21).Rand()
	rate, count, service := make([]float64, n), make([]int64, n), make([]string, n)
	for i := range n {
		rate[i], count[i], service[i] = g.NormFloat64(), int64(g.IntN(5)), []string{"dns", "http", "ssh", "ftp", ""}[g.IntN(5)]
		if g.IntN(6) == 0 {
			rate[i] = math.NaN()
		}
	}
	return table.Must(table.New("flows", table.Float("rate", "", rate), table.Int("count", "", count), table.Text("service", service))).View()
}

func first(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// By hand: 2(ln 255 + γ) - 2·255/256 = 10.2448, and the paper's c(2) = 1, c(1) = 0.
func TestMeanPath(t *testing.T) {
	for n, want := range map[int]float64{0: 0, 1: 0, 2: 1, 3: 2*(math.Ln2+0.5772156649015329) - 4.0/3, 256: 10.244770920119917} {
		if got := meanPath(n); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("c(%d) = %v, want %v", n, got, want)
		}
	}
}

// The trees' laws: all rows arrive at leaves, no deeper than allowed, in children that
// come later, and the thresholds lie within the values.
func TestForestLaws(t *testing.T) {
	v := gappy(400)
	m := fit(t, Forest{Trees: 30, Sample: 64}, v).(*isolationForest)
	for _, tree := range m.trees {
		for i, n := range tree.nodes {
			if leaf := n.feature&7 == 0; leaf != (int(n.left) == i) || !leaf && (int(n.left) <= i || int(n.left)+1 >= len(tree.nodes)) {
				t.Fatalf("node %d goes to %d of %d", i, n.left, len(tree.nodes))
			}
			if m.plan.Columns[n.feature>>3].Name == "rate" && !(math.Abs(n.at) < 5) {
				t.Fatalf("node %d splits at %v", i, n.at)
			}
		}
		if tree.depth > 6 {
			t.Fatalf("depth %d of 64 rows", tree.depth)
		}
	}
	if n, unit := m.Size(); n < 30*3 || unit != "nodes" {
		t.Errorf("size %d %s", n, unit)
	}
}

// The same bytes at any number of cores, for a row alone, in any order of rows and columns.
func TestForestAtAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	v := gappy(5000)
	want := score(t, fit(t, Forest{}, v), v)
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		m := fit(t, Forest{}, v.Select("service", "rate", "count"))
		if got := score(t, m, v); !slices.Equal(got, want) {
			t.Errorf("%d cores: other scores", procs)
		}
		back := first(5000)
		slices.Reverse(back)
		got := score(t, m, v.Take(back))
		slices.Reverse(got)
		if !slices.Equal(got, want) || score(t, m, v.Take([]int{4321}))[0] != want[4321] {
			t.Errorf("%d cores: a row's score depends on the others", procs)
		}
	}
	if slices.Equal(score(t, fit(t, Forest{}.WithSeed(rng.New(2)), v), v), want) {
		t.Error("another seed grows the same trees")
	}
}

// The most unusual row is far away, has a level of its own, or lacks a value.
func TestForestFindsTheOddOne(t *testing.T) {
	n := 300
	g := rng.New(4).Rand()
	x, s := make([]float64, n), slices.Repeat([]string{"http"}, n)
	for i := range x {
		x[i] = g.NormFloat64()
	}
	x[17], s[18] = 30, "gopher"
	x[19] = math.NaN()
	v := table.Must(table.New("flows", table.Float("x", "", x), table.Text("s", s))).View()
	got := score(t, fit(t, Forest{}, v), v)
	ranks, _ := num.Ranks(got)
	for _, i := range []int{17, 18, 19} {
		if ranks[i] < float64(n-8) {
			t.Errorf("row %d ranks %v of %d by its score of %v", i, ranks[i], n, got[i])
		}
	}
}

func TestForestDegenerate(t *testing.T) {
	half := func(what string, v table.View) {
		t.Helper()
		for _, s := range score(t, fit(t, Forest{}, v), v) {
			if !(s == 0.5) {
				t.Errorf("%s: score %v, want 0.5", what, s)
			}
		}
	}
	half("one row", view([]float64{1, 2}, 2))
	v := gappy(20)
	half("one row of many kinds", v.Take([]int{3}))
	equal := fit(t, Forest{}, view(slices.Repeat([]float64{3}, 300), 1))
	for _, s := range score(t, equal, view([]float64{3, 1e300, math.Inf(-1), math.NaN()}, 1)) {
		if !(math.Abs(s-0.5) <= 1e-12) {
			t.Errorf("rows all equal: score %v, want 0.5", s)
		}
	}
	gaps := score(t, fit(t, Forest{}, view(slices.Repeat([]float64{math.NaN()}, 50), 1)), view([]float64{1, math.NaN()}, 1))
	if !(math.Abs(gaps[0]-0.5) <= 1e-12 && gaps[0] == gaps[1]) {
		t.Errorf("nothing but gaps: scores %v", gaps)
	}
	score(t, fit(t, Forest{}, view([]float64{-math.MaxFloat64, math.MaxFloat64, 0}, 1)), view([]float64{1}, 1))
	if s := score(t, fit(t, Forest{}, v), v.Take([]int{})); len(s) != 0 {
		t.Errorf("%d scores of no rows", len(s))
	}
}

func TestForestRefuses(t *testing.T) {
	v := gappy(20)
	cancelled, cancel := context.WithCancel(background)
	cancel()
	for _, c := range []struct {
		f    Forest
		v    table.View
		says string
	}{
		{Forest{Trees: -1}, v, "-1 trees"},
		{Forest{Sample: -2}, v, "of -2 rows"},
		{Forest{}, v.Take([]int{}), "no rows"},
		{Forest{}, view([]float64{1, 2, math.Inf(-1)}, 1), "row 3 of column \"x00\" is -Inf"},
	} {
		if _, err := c.f.FitDetector(background, c.v); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error with %q", c.f, err, c.says)
		}
	}
	m := fit(t, Forest{}, v)
	if _, err := (Forest{}).FitDetector(cancelled, v); !errors.Is(err, context.Canceled) {
		t.Errorf("fit with a cancelled context: %v", err)
	}
	if _, err := m.Score(cancelled, v); !errors.Is(err, context.Canceled) {
		t.Errorf("score with a cancelled context: %v", err)
	}
	if _, err := m.Score(background, table.Seal(v.Table()).Describe("a test")); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("sealed rows: %v", err)
	}
	if _, err := m.Score(background, view([]float64{1}, 1)); err == nil || !strings.Contains(err.Error(), "count") {
		t.Errorf("rows without columns: %v", err)
	}
}
