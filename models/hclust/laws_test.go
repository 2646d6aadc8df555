package hclust

import (
	"context"
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

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
	if c.asked > 7*n {
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
	x := blobs(1300, 6)
	for i := range x {
		x[i] = append(x[i], float64(i%3), float64(i%5)) // and ties
	}
	v := tabled(x[:300], nil)
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
