package dbscan

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/internal/dense"
)

var (
	_ models.Clusterer = Config{}
	_ dense.Clusterer  = Config{}
)

type reference struct {
	Name     string
	X        [][]float64
	W        []float64
	Eps      float64
	K        int
	Labels   []int
	Core     []int
	Sorted_k []float64
}

func load(t *testing.T) []reference {
	b, err := os.ReadFile("testdata/dbscan.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Cases []reference }
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r.Cases
}

func TestScikitLearn(t *testing.T) {
	for _, r := range load(t) {
		v := tabled(r.X, r.W)
		got := fit(t, Config{Eps: r.Eps, MinPoints: r.K}, v)
		if !renamed(got.Labels, r.Labels) {
			t.Errorf("%s: labels %v, want, under other names, %v", r.Name, got.Labels, r.Labels)
		}
		for i, core := range r.Core {
			if got.Core[i] != (core == 1) {
				t.Errorf("%s: row %d: core %v, want %v", r.Name, i, got.Core[i], core == 1)
			}
		}
		check(t, r.Name, got, r.W)
		if r.Sorted_k == nil {
			continue
		}
		curve, err := Config{MinPoints: r.K}.Curve(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range r.Sorted_k {
			if d := curve.Distance[i]; !(math.Abs(d-want) <= 1e-12*(1+want)) {
				t.Errorf("%s: distance %d is %v, want %v", r.Name, i, d, want)
			}
		}
	}
}

// renamed reports whether two labellings differ in the names of clusters only.
func renamed(a, b []int) bool {
	to, from := map[int]int{noise: noise}, map[int]int{noise: noise}
	for i := range a {
		if _, ok := to[a[i]]; !ok {
			to[a[i]] = b[i]
		}
		if _, ok := from[b[i]]; !ok {
			from[b[i]] = a[i]
		}
		if to[a[i]] != b[i] || from[b[i]] != a[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// check holds a result to what it says of itself.
func check(t *testing.T, what string, r Result, w []float64) {
	t.Helper()
	mass, has := make([]float64, r.K), make([]bool, r.K)
	for i, l := range r.Labels {
		if l < noise || l >= r.K || l == noise && r.Core[i] {
			t.Fatalf("%s: row %d has label %d, core %v, of %d clusters", what, i, l, r.Core[i], r.K)
		}
		if l != noise {
			mass[l] += weightOf(w, i)
			has[l] = has[l] || r.Core[i]
		}
	}
	if slices.Contains(has, false) || !slices.IsSortedFunc(mass, func(a, b float64) int { return int(2 * (b - a)) }) {
		t.Errorf("%s: core rows in clusters %v; masses %v", what, has, mass)
	}
	if r.Centers != nil || !math.IsNaN(r.Inertia) {
		t.Errorf("%s: centers %v, inertia %v", what, r.Centers, r.Inertia)
	}
}

// TestOrderOfRows: rows in another order have the same core rows and noise, and clusters
// that differ at the border at most: a border row stays with one of its core neighbours.
func TestOrderOfRows(t *testing.T) {
	moved := 0
	for round := range 60 {
		eps, x, w := random(round)
		if round%2 == 0 { // sparse: many rows between clusters
			g := rng.New(7).Index("sparse", round).Rand()
			eps, x, w = 0.62, make([][]float64, 250), nil
			for i := range x {
				x[i] = []float64{10 * g.Float64(), 10 * g.Float64()}
			}
		}
		order := rng.New(5).Index("order", round).Rand().Perm(len(x))
		c := Config{Eps: eps, MinPoints: 3 + round%4}
		v := tabled(x, w)
		a, b := fit(t, c, v), fit(t, c, v.Take(order))
		var before, after []int // core rows
		for i, row := range order {
			if a.Core[row] != b.Core[i] || (a.Labels[row] == noise) != (b.Labels[i] == noise) {
				t.Fatalf("round %d: row %d is core %v with label %d, moved core %v with label %d", round, row, a.Core[row], a.Labels[row], b.Core[i], b.Labels[i])
			}
			if a.Core[row] {
				before, after = append(before, a.Labels[row]), append(after, b.Labels[i])
			}
		}
		if !renamed(before, after) {
			t.Fatalf("round %d: core rows in other clusters", round)
		}
		all := make([]int, len(order))
		for i, row := range order {
			all[i] = a.Labels[row]
		}
		if !renamed(all, b.Labels) {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no border row changed its cluster: nothing was tested")
	}
}

// TestWeightsAreCopies: a whole weight is that many rows.
func TestWeightsAreCopies(t *testing.T) {
	for round := range 40 {
		eps, x, _ := random(round)
		g := rng.New(6).Index("round", round).Rand()
		w := make([]float64, len(x))
		var rows, origin []int
		for i := range w {
			w[i] = float64(1 + g.IntN(3))
			for range int(w[i]) {
				rows, origin = append(rows, i), append(origin, i)
			}
		}
		c := Config{Eps: eps, MinPoints: 4}
		a, b := fit(t, c, tabled(x, w)), fit(t, c, tabled(x, nil).Take(rows))
		for i, row := range origin {
			if a.Labels[row] != b.Labels[i] || a.Core[row] != b.Core[i] {
				t.Fatalf("round %d: row %d has label %d, its copy %d", round, row, a.Labels[row], b.Labels[i])
			}
		}
	}
}

// A row of weight 0 may be core: rows 0 and 3 are, at .1 and 2.1, through their
// neighbours' weight. Row 6 has nobody.
func TestWeightZero(t *testing.T) {
	x := [][]float64{{0.1}, {0}, {0.2}, {2.1}, {2}, {2.2}, {9}}
	r := fit(t, Config{Eps: 0.15, MinPoints: 2}, tabled(x, []float64{0, 1, 1, 0, 1, 1, 0}))
	if want := []int{0, 0, 0, 1, 1, 1, -1}; !slices.Equal(r.Labels, want) || !slices.Equal(r.Core, []bool{true, false, false, true, false, false, false}) {
		t.Errorf("labels %v, core %v", r.Labels, r.Core)
	}
}

// Ten tenths are one, in whatever order they are added.
func TestTenths(t *testing.T) {
	x, w := make([][]float64, 10), make([]float64, 10)
	for i := range x {
		x[i], w[i] = []float64{float64(i)}, 0.1
	}
	if r := fit(t, Config{Eps: 100, MinPoints: 1}, tabled(x, w)); r.K != 1 {
		t.Errorf("labels %v", r.Labels)
	}
}

// One-hot columns made as a table are those of a plan.
func TestPlanIsTable(t *testing.T) {
	g := rng.New(8).Rand()
	n := 900
	x, s, u := make([]float64, n), make([]string, n), make([]string, n)
	for i := range x {
		x[i], s[i], u[i] = g.NormFloat64(), string("abcd"[g.IntN(4)]), string("xyz"[g.IntN(3)])
	}
	v := table.Must(table.New("flows", table.Float("x", "", x), table.Text("s", s), table.Text("u", u))).View()
	steps := []encode.Step{encode.OneHot{}, encode.MinMax{}}
	made, err := encode.Pipeline(steps...).Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := made.Transform(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	for _, eps := range []float64{0.01, 0.5, 1.42, 2.1} {
		c := Config{Eps: eps, MinPoints: 6}
		a, err := encode.Before(c, steps...).Cluster(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Cluster(context.Background(), wide.View())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Labels, b.Labels) || a.K == 0 {
			t.Errorf("Eps %v: %d clusters and %d", eps, a.K, b.K)
		}
	}
}

// big is enough rows for every way of work: one part of many boxes.
func big(n int) table.View {
	g := rng.New(2).Rand()
	x := make([][]float64, n)
	for i := range x {
		c := float64(g.IntN(9))
		x[i] = []float64{c + 0.3*g.NormFloat64(), math.Mod(c*c, 5) + 0.3*g.NormFloat64(), g.NormFloat64()}
	}
	return tabled(x, nil)
}

// even is rows that are all nearly equally far apart.
func even(n, p int) [][]float64 {
	g := rng.New(3).Rand()
	x := make([][]float64, n)
	for i := range x {
		x[i] = make([]float64, p)
		for j := range x[i] {
			x[i][j] = g.NormFloat64()
		}
	}
	return x
}

func TestReproducible(t *testing.T) {
	x := even(2500, 20)
	labels, core := naive(4.2, 5, x, nil)
	for _, c := range []struct {
		Config
		v    table.View
		want Result
	}{
		{Config: Config{Eps: 0.1}, v: big(20000)},
		{Config{Eps: 4.2}, tabled(x, nil), Result{models.Clustering{Labels: labels, K: 1 + slices.Max(labels)}, core}},
	} {
		for _, procs := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(procs)
			got := fit(t, c.Config, c.v)
			runtime.GOMAXPROCS(old)
			check(t, "big", got, nil)
			if c.want.Labels == nil {
				c.want = got
			}
			if got.K != c.want.K || !slices.Equal(got.Labels, c.want.Labels) || !slices.Equal(got.Core, c.want.Core) {
				t.Errorf("Eps %v, %d cores: another clustering", c.Eps, procs)
			}
		}
		if noisy := slices.Index(c.want.Labels, noise); noisy < 0 || c.want.K == 0 {
			t.Errorf("Eps %v: %d clusters, noise from %d on: too few to mean much", c.Eps, c.want.K, noisy)
		}
	}
}

// Two dense clouds and far rows: the knee is where the far rows end. 0, 1, 2, 3 have
// their second nearest row at 1, the five others at 30 and more.
func TestKnee(t *testing.T) {
	x := [][]float64{{0}, {1}, {2}, {3}, {100}, {200}, {230}, {400}, {900}}
	c, err := Config{MinPoints: 2}.Curve(context.Background(), tabled(x, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Curve{MinPoints: 2, Distance: []float64{500, 170, 97, 30, 30, 1, 1, 1, 1}, Knee: 3, Eps: 30}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
	for _, copies := range [][][]float64{slices.Repeat([][]float64{{4}}, 9), {{1}, {1}, {2}, {2}}} {
		if c, err = (Config{MinPoints: 2}).Curve(context.Background(), tabled(copies, nil)); err != nil || c.Eps != 0 || c.Knee != 0 {
			t.Errorf("copies: %+v, %v", c, err)
		}
	}
	weighed, err := Config{MinPoints: 3}.Curve(context.Background(), tabled([][]float64{{0}, {1}, {5}}, []float64{2, 1, 0}))
	if err != nil || !slices.Equal(weighed.Distance, []float64{5, 1, 1}) {
		t.Errorf("weighed: %+v, %v", weighed, err)
	}
}
