package hclust

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/internal/dense"
)

var _ dense.Clusterer = Config{}

var all = []Linkage{Ward, Average, Complete, Single}

func tabled(x [][]float64, w []float64) table.View {
	var columns []table.Column
	for j := range x[0] {
		v := make([]float64, len(x))
		for i := range v {
			v[i] = x[i][j]
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	if w != nil {
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	return table.Must(table.New("generated", columns...)).View()
}

func fit(t *testing.T, linkage Linkage, x [][]float64, w []float64) *Tree {
	t.Helper()
	tree, err := Config{Linkage: linkage}.Fit(context.Background(), tabled(x, w))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// blobs are n rows in groups of several sizes, without ties.
func blobs(n, p int) [][]float64 {
	g := rng.New(5).Rand()
	x := make([][]float64, n)
	for i := range x {
		c := g.IntN(7)
		for j := range p {
			x[i] = append(x[i], math.Mod(float64(c*(j+3)), 5)+g.NormFloat64()*0.3*float64(1+c))
		}
	}
	return x
}

type reference struct {
	Name  string
	X     [][]float64
	Trees []struct {
		Z           [][4]float64
		Order       []int
		K           []int
		Labels      [][]int
		Fcluster    [][]int
		Height      float64
		At          []int
		Correlation *float64
		Cophenetic  []float64
	}
}

// same reports whether two labelings differ in names only.
func same(a, b []int) bool {
	to, back := map[int]int{}, map[int]int{}
	for i, l := range a {
		if m, ok := to[l]; ok && m != b[i] {
			return false
		}
		if m, ok := back[b[i]]; ok && m != l {
			return false
		}
		to[l], back[b[i]] = b[i], l
	}
	return len(a) == len(b)
}

func TestAgainstScipy(t *testing.T) {
	b, err := os.ReadFile("testdata/hclust.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []reference
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for l, want := range c.Trees {
			what := fmt.Sprintf("%s, %v", c.Name, all[l])
			tree := fit(t, all[l], c.X, nil)
			for i, m := range tree.Merges() {
				z := want.Z[i]
				if float64(m.A) != z[0] || float64(m.B) != z[1] || !(math.Abs(m.Height-z[2]) <= 1e-9*z[2]) || float64(m.Size) != z[3] {
					t.Fatalf("%s: merge %d is %v, want %v", what, i, m, z)
				}
			}
			if got := tree.Order(); !slices.Equal(got, want.Order) {
				t.Errorf("%s: order %v, want %v", what, got, want.Order)
			}
			for i, k := range want.K {
				got, err := tree.Cut(k)
				if err != nil || got.K != k || !same(got.Labels, want.Labels[i]) || !same(got.Labels, want.Fcluster[i]) {
					t.Errorf("%s: %d clusters %v (%v), want %v", what, k, got.Labels, err, want.Labels[i])
				}
			}
			if got, err := tree.CutAt(want.Height); err != nil || !same(got.Labels, want.At) {
				t.Errorf("%s: cut at %v into %v (%v), want %v", what, want.Height, got.Labels, err, want.At)
			}
			for i, h := range want.Cophenetic {
				if got := tree.Cophenetic(0)[i+1]; !(math.Abs(got-h) <= 1e-9*h) {
					t.Errorf("%s: row 0 meets row %d at %v, want %v", what, i+1, got, h)
				}
			}
			if want.Correlation != nil {
				got, err := tree.Correlation(context.Background(), tabled(c.X, nil))
				if err != nil || !(math.Abs(got-*want.Correlation) <= 1e-9) {
					t.Errorf("%s: cophenetic correlation %v (%v), want %v", what, got, err, *want.Correlation)
				}
			}
		}
	}
}

func TestCutsNest(t *testing.T) {
	x := blobs(200, 3)
	for _, linkage := range all {
		tree := fit(t, linkage, x, nil)
		merges := tree.Merges()
		if !slices.IsSortedFunc(merges, func(a, b Merge) int { return int(math.Copysign(1, a.Height-b.Height)) }) {
			t.Errorf("%v: heights fall", linkage)
		}
		fine := make([]int, len(x))
		for i := range fine {
			fine[i] = i
		}
		for k := len(x); k >= 1; k-- {
			c, err := tree.Cut(k)
			if err != nil || c.K != k {
				t.Fatalf("%v: cut into %d: %d clusters, %v", linkage, k, c.K, err)
			}
			mass, in := make([]int, k), map[int]int{}
			for i, l := range c.Labels {
				mass[l]++
				if to, ok := in[fine[i]]; ok && to != l {
					t.Fatalf("%v: %d clusters do not hold %d whole", linkage, k, k+1)
				}
				in[fine[i]] = l
			}
			if !slices.IsSortedFunc(mass, func(a, b int) int { return b - a }) {
				t.Fatalf("%v: clusters of %v rows", linkage, mass)
			}
			fine = c.Labels
		}
	}
}

func TestPermutedRows(t *testing.T) {
	x := blobs(300, 4)
	order := rng.New(6).Rand().Perm(len(x))
	y := make([][]float64, len(x))
	for i, from := range order {
		y[i] = x[from]
	}
	for _, linkage := range all {
		a, b := fit(t, linkage, x, nil), fit(t, linkage, y, nil)
		for i, m := range a.Merges() {
			if !(math.Abs(m.Height-b.Merges()[i].Height) <= 1e-9*m.Height) || m.Size != b.Merges()[i].Size {
				t.Fatalf("%v: merge %d is %v and %v", linkage, i, m, b.Merges()[i])
			}
		}
		ca, _ := a.Cut(9)
		cb, _ := b.Cut(9)
		moved := make([]int, len(x))
		for i, from := range order {
			moved[i] = ca.Labels[from]
		}
		if !same(moved, cb.Labels) {
			t.Errorf("%v: other clusters of permuted rows", linkage)
		}
	}
}

func TestEqualRowsAndWeights(t *testing.T) {
	distinct := blobs(60, 3)
	var x [][]float64
	w := make([]float64, len(distinct))
	for round := range 4 {
		for i, row := range distinct {
			if round <= i%4 {
				x = append(x, row)
				w[i]++
			}
		}
	}
	for _, linkage := range all {
		tree, weighted := fit(t, linkage, x, nil), fit(t, linkage, distinct, w)
		replay(t, linkage.String(), x, nil, linkage, tree.Merges())
		replay(t, linkage.String(), distinct, w, linkage, weighted.Merges())
		extra := len(x) - len(distinct)
		for i, m := range tree.Merges() {
			want := 0.0
			if i >= extra {
				want = weighted.Merges()[i-extra].Height
			}
			if m.Height != want {
				t.Fatalf("%v: height %d of repeated rows is %v, of weighted ones %v", linkage, i, m.Height, want)
			}
		}
		a, _ := tree.Cut(6)
		b, _ := weighted.Cut(6)
		if !slices.Equal(a.Labels[:len(distinct)], b.Labels) {
			t.Errorf("%v: repeated rows are in %v, weighted in %v", linkage, a.Labels[:len(distinct)], b.Labels)
		}
	}
}

// counted counts how often the nearest cluster is asked for.
type counted struct {
	clusters
	asked int
}

func (c *counted) nearest(i, hint int32) (int32, float64) {
	c.asked++
	return c.clusters.nearest(i, hint)
}

// Rows on a sphere around one in its middle all have that one as their nearest, whatever
// has merged with it: in rounds they would ask n² times.
func TestStarIsAskedSeldom(t *testing.T) {
	const n = 300
	x := make([][]float64, n)
	for i := range x {
		x[i] = make([]float64, n)
		if i > 0 {
			x[i][i] = 1 + float64(i)*1e-5
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	pt, err := newPoints(mustPlan(t, x))
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{clusters: newWard(pt)}
	joins, err := agglomerate(context.Background(), n, c)
	if err != nil || len(joins) != n-1 {
		t.Fatalf("%d joins, %v", len(joins), err)
	}
	if c.asked < 8*n-n || c.asked > 11*n {
		t.Errorf("asked %d times for %d rows", c.asked, n)
	}
	replay(t, "star", x, nil, Ward, fit(t, Ward, x, nil).Merges())
}

func mustPlan(t *testing.T, x [][]float64) (*dense.Plan, table.View) {
	t.Helper()
	v := tabled(x, nil)
	plan, err := dense.Of("hclust", v)
	if err != nil {
		t.Fatal(err)
	}
	return plan, v
}

func TestChainAgreesWithRounds(t *testing.T) {
	for _, linkage := range []Linkage{Ward, Average, Complete} {
		x := blobs(250, 5)
		pt, err := newPoints(mustPlan(t, x))
		if err != nil {
			t.Fatal(err)
		}
		var c clusters = newWard(pt)
		if linkage != Ward {
			if c, err = newMatrix(context.Background(), pt, linkage == Complete); err != nil {
				t.Fatal(err)
			}
		}
		g := newRounds(context.Background(), pt.n, c)
		if err := g.chain(context.Background()); err != nil {
			t.Fatal(err)
		}
		heights := make([]float64, 0, pt.n)
		for _, j := range g.joins {
			if linkage == Ward {
				j.height = math.Sqrt(j.height)
			}
			heights = append(heights, j.height)
		}
		slices.Sort(heights)
		for i, m := range fit(t, linkage, x, nil).Merges() {
			if !(math.Abs(m.Height-heights[i]) <= 1e-9*m.Height) {
				t.Fatalf("%v: height %d is %v by rounds, %v by a chain", linkage, i, m.Height, heights[i])
			}
		}
	}
}

func TestCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	x := blobs(2500, 6)
	for i := range x {
		x[i] = append(x[i], float64(i%3), float64(i%5)) // and ties
	}
	v := tabled(x[:500], nil)
	for _, linkage := range all {
		var want *Tree
		var correlation float64
		for _, procs := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(procs)
			tree := fit(t, linkage, x, nil)
			small, err := Config{Linkage: linkage}.Fit(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			r, err := small.Correlation(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want, correlation = tree, r
			}
			if !reflect.DeepEqual(tree.Merges(), want.Merges()) || r != correlation {
				t.Errorf("%v: another tree with %d cores", linkage, procs)
			}
		}
	}
}

func TestEdges(t *testing.T) {
	ctx := context.Background()
	one, two := [][]float64{{1, 2}}, [][]float64{{1, 2}, {4, 6}}
	equal := [][]float64{{3, 1}, {3, 1}, {3, 1}, {3, 1}}
	for _, linkage := range all {
		tree := fit(t, linkage, one, nil)
		c, err := tree.Cut(1)
		if err != nil || len(tree.Merges()) != 0 || !slices.Equal(c.Labels, []int{0}) || !slices.Equal(tree.Order(), []int{0}) || tree.Cophenetic(0)[0] != 0 {
			t.Errorf("%v, one row: %v, %v", linkage, c, err)
		}
		if m := fit(t, linkage, two, nil).Merges(); len(m) != 1 || m[0] != (Merge{0, 1, 5, 2}) {
			t.Errorf("%v, two rows: %v", linkage, m)
		}
		tree = fit(t, linkage, equal, nil)
		if m := tree.Merges(); !slices.Equal(m, []Merge{{0, 1, 0, 2}, {2, 4, 0, 3}, {3, 5, 0, 4}}) {
			t.Errorf("%v, equal rows: %v", linkage, m)
		}
		if r, err := tree.Correlation(ctx, tabled(equal, nil)); err != nil || !math.IsNaN(r) {
			t.Errorf("%v, equal rows: correlation %v, %v", linkage, r, err)
		}
		if c, err := (Config{Linkage: linkage, K: 1}).Cluster(ctx, tabled(equal, nil)); err != nil || c.K != 1 || !math.IsNaN(c.Inertia) {
			t.Errorf("%v, equal rows: %v, %v", linkage, c, err)
		}
		// A large offset, and -0 beside 0.
		tree = fit(t, linkage, [][]float64{{1e9, 0}, {1e9 + 1, math.Copysign(0, -1)}, {1e9 + 3, 0}, {1e9 + 1, 0}}, nil)
		if far := tree.Merges(); tree.distinct != 3 || far[0] != (Merge{1, 3, 0, 2}) || far[1].Height != map[bool]float64{true: math.Sqrt(4. / 3), false: 1}[linkage == Ward] {
			t.Errorf("%v, far from 0: %v", linkage, far)
		}
	}
	c, err := Config{Height: 4.9}.Cluster(ctx, tabled(two, nil))
	if err != nil || c.K != 2 {
		t.Errorf("cut at 4.9: %v, %v", c, err)
	}
	if c, err = (Config{Height: 5}).Cluster(ctx, tabled(two, nil)); err != nil || c.K != 1 {
		t.Errorf("cut at 5: %v, %v", c, err)
	}
	words := table.Must(table.New("w", table.Text("service", []string{"a", "b"}))).View()
	seal := table.Seal(tabled(two, nil).Table())
	for _, c := range []struct {
		c    Config
		v    table.View
		want string
	}{
		{Config{}, tabled(two, nil), "neither K nor Height"},
		{Config{K: 2, Height: 1}, tabled(two, nil), "want one of them"},
		{Config{K: -1}, tabled(two, nil), "K is -1"},
		{Config{K: 3}, tabled(two, nil), "K is 3 and generated has 2 distinct rows"},
		{Config{K: 2}, tabled(equal, nil), "has 1 distinct rows"},
		{Config{Height: math.NaN()}, tabled(two, nil), "Height is NaN"},
		{Config{Height: -1}, tabled(two, nil), "Height is -1"},
		{Config{K: 1, Linkage: 9}, tabled(two, nil), "Linkage is 9"},
		{Config{K: 1, MaxBytes: -1}, tabled(two, nil), "MaxBytes is -1"},
		{Config{K: 1, MaxBytes: 7, Linkage: Average}, tabled(two, nil), "average linkage of 2 distinct rows holds 8 bytes"},
		{Config{K: 1}, tabled(two, []float64{1, 0}), "row 2 has weight 0"},
		{Config{K: 1}, tabled([][]float64{{1}, {math.NaN()}}, nil), `row 2 of column "x0" is missing`},
		{Config{K: 1}, tabled([][]float64{{1}, {math.Inf(1)}}, nil), `row 2 of column "x0" is +Inf`},
		{Config{K: 1}, tabled([][]float64{{1e200}, {-1e200}}, nil), "overflow"},
		{Config{K: 1}, words, `"service" is categorical`},
		{Config{K: 1}, table.View{}, "0 rows"},
		{Config{K: 1}, seal.Describe("test"), "seal"},
	} {
		if _, err := c.c.Cluster(ctx, c.v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
	tree := fit(t, Ward, two, nil)
	for _, k := range []int{0, 3} {
		if _, err := tree.Cut(k); err == nil {
			t.Errorf("cut into %d", k)
		}
	}
	if _, err := tree.CutAt(math.NaN()); err == nil {
		t.Error("cut at NaN")
	}
	if _, err := tree.Correlation(ctx, tabled(equal, nil)); err == nil {
		t.Error("correlation with other rows")
	}
}

// canceller cancels at the first step of a task and counts those that follow.
type canceller struct {
	cancel context.CancelFunc
	steps  int
}

func (c *canceller) Start(string, int) par.Task { return c }
func (c *canceller) Done()                      {}
func (c *canceller) Add(n int)                  { c.cancel(); c.steps += n }

func TestCancel(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	v := tabled(blobs(2000, 8), nil)
	for _, linkage := range all {
		ctx, cancel := context.WithCancel(context.Background())
		c := &canceller{cancel: cancel}
		if _, err := (Config{Linkage: linkage}).Fit(par.WithProgress(ctx, c), v); !errors.Is(err, context.Canceled) || c.steps > 1000 {
			t.Errorf("%v: cancelled after %d steps: %v", linkage, c.steps, err)
		}
		if _, err := (Config{Linkage: linkage}).Fit(ctx, v); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: cancelled before: %v", linkage, err)
		}
	}
}

// Ward and single linkage hold the rows a few times, never all distances.
func TestMemory(t *testing.T) {
	const n, p = 6000, 4
	v := tabled(blobs(n, p), nil)
	for _, linkage := range []Linkage{Ward, Single} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := (Config{Linkage: linkage}).Fit(context.Background(), v); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > n*(n-1)/2*8/4 {
			t.Errorf("%v: %d bytes for %d rows", linkage, got, n)
		}
	}
}

func TestBeforeEncoders(t *testing.T) {
	v := table.Must(table.New("flows",
		table.Text("service", []string{"http", "http", "dns", "dns", "http"}),
		table.Float("bytes", "", []float64{0, 10, 0, 40, 10}),
	)).View()
	c, err := encode.Before(Config{K: 2}, encode.OneHot{}, encode.MinMax{}).Cluster(context.Background(), v)
	if err != nil || !slices.Equal(c.Labels, []int{0, 0, 1, 1, 0}) {
		t.Errorf("%v, %v", c, err)
	}
	var _ models.Clusterer = Config{}
}

// Scikit-learn 1.2.1's AgglomerativeClustering(5, linkage=…) of the first 4,000 rows of
// KDDTrain+ makes clusters of these sizes; the last merge of scipy 1.10.1's linkage has
// this height.
func TestKDD(t *testing.T) {
	v := encoded(t, 4000)
	for _, want := range []struct {
		linkage Linkage
		sizes   []int
		height  float64
	}{
		{Ward, []int{1159, 1125, 688, 544, 484}, 112.47772926997746},
		{Average, []int{2117, 1129, 484, 268, 2}, 3.4770931083171535},
		{Complete, []int{1619, 1127, 669, 484, 101}, 4.459579866468983},
		{Single, []int{3996, 1, 1, 1, 1}, 2.1494793212509165},
	} {
		tree, err := Config{Linkage: want.linkage}.Fit(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		c, err := tree.Cut(5)
		if err != nil {
			t.Fatal(err)
		}
		sizes := make([]int, 5)
		for _, l := range c.Labels {
			sizes[l]++
		}
		if top := tree.Merges()[len(c.Labels)-2].Height; !slices.Equal(sizes, want.sizes) || !(math.Abs(top-want.height) <= 1e-9*want.height) {
			t.Errorf("%v: sizes %v and height %v, want %v and %v", want.linkage, sizes, top, want.sizes, want.height)
		}
	}
}
