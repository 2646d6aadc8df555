package hclust

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
		{Config{K: 1}, tabled(two, []float64{1e200, 1}), "row 1 has weight 1e+200"},
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

// Scikit-learn 1.2.1's AgglomerativeClustering(5, linkage=…) of the first 2,000 rows of
// KDDTrain+ makes clusters of these sizes; the last merge of scipy 1.10.1's linkage has
// this height.
func TestKDD(t *testing.T) {
	v := encoded(t, 2000)
	for _, want := range []struct {
		linkage Linkage
		sizes   []int
		height  float64
	}{
		{Ward, []int{564, 561, 356, 266, 253}, 79.70558679453713},
		{Average, []int{1038, 571, 253, 136, 2}, 3.483220276382552},
		{Complete, []int{578, 565, 384, 253, 220}, 4.36625290398304},
		{Single, []int{1858, 136, 4, 1, 1}, 2.2464380676138425},
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
