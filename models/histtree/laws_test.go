package histtree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// flows simulates n rows of NSL-KDD's shape: 3 categories, one of them with 70
// levels, counts and bytes with long tails, rates of two decimals, flags, and a few
// columns that are nearly constant; p is 4 at least.
func flows(n, p, k int, seed rng.Seed) *table.Table {
	random := newStream(seed)
	unit := func() float64 { return float64(random.next()>>11) / (1 << 53) }
	class := make([]string, n)
	kind := make([]int, n)
	for i := range n {
		kind[i] = int(unit() * unit() * float64(k))
		class[i] = fmt.Sprintf("c%d", kind[i])
	}
	var columns []table.Column
	for j := range p {
		name := fmt.Sprintf("x%02d", j)
		if j < 3 {
			levels := []int{3, 70, 11}[j]
			v := make([]string, n)
			for i := range v {
				v[i] = fmt.Sprintf("l%02d", (int(unit()*unit()*float64(levels))+kind[i]*j)%levels)
			}
			columns = append(columns, table.Text(name, v))
			continue
		}
		v := make([]float64, n)
		for i := range v {
			u, shift := unit(), float64((kind[i]*(j+1))%4)
			switch j % 5 {
			case 0: // bytes: half zero, the rest log-uniform
				if u > 0.5 {
					v[i] = math.Floor(math.Exp((u-0.5)*20 + shift))
				}
			case 1: // count up to 511
				v[i] = math.Floor(math.Min(511, u*u*300+60*shift))
			case 2, 3: // rate
				v[i] = math.Round(100*math.Pow(u, 1+shift)) / 100
			case 4: // rare flag
				if u < 0.01*(1+shift) {
					v[i] = 1
				}
			}
		}
		columns = append(columns, table.Float(name, "", v))
	}
	return table.Must(table.New("flows", append(columns, table.Text("class", class).As(table.Label))...))
}

func binnedOf(t *testing.T, l Tree, v table.View) (*binned, limits) {
	t.Helper()
	b, lim, err := prepare(context.Background(), v, l)
	if err != nil {
		t.Fatal(err)
	}
	lim.maxFeatures = len(b.columns)
	return b, lim
}

// Parent - child is the other child, and a histogram does not know the order of rows.
func TestHistogramLaws(t *testing.T) {
	b, _ := binnedOf(t, Tree{}, flows(3000, 12, 2, rng.New(1)).View())
	random := newStream(rng.New(2))
	for f := range b.columns {
		c := &b.columns[f]
		var parent, left, right []uint32
		for i := range uint32(b.rows()) {
			e := i | uint32(random.below(4))<<packedBits
			parent = append(parent, e)
			if random.below(3) == 0 {
				left = append(left, e)
			} else {
				right = append(right, e)
			}
		}
		var spare [3][256]uint32
		of := func(idx []uint32) []uint32 {
			h := make([]uint32, c.stride())
			count(h, c, idx, true, nil, &spare)
			return h
		}
		all := of(parent)
		subtract(all, of(left))
		if !slices.Equal(all, of(right)) {
			t.Errorf("column %d: parent - left is not right", f)
		}
		want := of(parent)
		random.shuffle(parent)
		if !slices.Equal(of(parent), want) {
			t.Errorf("column %d: the order of rows changes the histogram", f)
		}
		slow := make([]uint32, c.stride())
		for _, e := range parent {
			code := 0
			if c.narrow != nil {
				code = int(c.narrow[e&packedMask])
			} else {
				code = int(c.wide[e&packedMask])
			}
			slow[code] += e >> packedBits
		}
		if !slices.Equal(slow, want) {
			t.Errorf("column %d: counted in four parts and one by one differ", f)
		}
		if spare != [3][256]uint32{} {
			t.Errorf("column %d: the spare histograms are not left zero", f)
		}
	}
}

func sameTree(t *testing.T, what string, a, b *tree) {
	t.Helper()
	if !slices.Equal(a.nodes, b.nodes) || !slices.Equal(a.values, b.values) || !slices.Equal(a.sets, b.sets) {
		t.Errorf("%s: other trees (%d and %d nodes)", what, len(a.nodes), len(b.nodes))
	}
}

// However a node's rows are counted, and in whatever type weights are added, the
// tree is the same.
func TestWaysOfCounting(t *testing.T) {
	for k := 2; k <= 4; k++ {
		for _, c := range []Criterion{Gini, Entropy} {
			tab := flows(2500, 13, k, rng.New(uint64(k)))
			v := tab.View()
			b, lim := binnedOf(t, Tree{Criterion: c}, v)
			ctx, s := context.Background(), newStream(rng.New(9))
			grow := func(rows, cores int) *tree {
				g := newGrower[uint32](b, lim, lim.impurity(b), cores)
				g.layout.rows = rows
				out, err := g.grow(ctx, nil, nil, s)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			want := grow(math.MaxInt, 1)
			what := fmt.Sprintf("%d classes, %s", k, c)
			sameTree(t, what+": all histograms kept", grow(1, 1), want)
			sameTree(t, what+": some kept, three cores", grow(300, 3), want)
			ones := slices.Repeat([]uint8{1}, b.rows())
			packed, _ := newGrower[uint32](b, lim, lim.impurity(b), 1).grow(ctx, ones, nil, s)
			sameTree(t, what+": packed weights", packed, want)
			b.enlarge()
			float, _ := newGrower[float64](b, lim, lim.impurity(b), 1).grow(ctx, nil, b.large, s)
			sameTree(t, what+": float weights", float, want)
		}
	}
}

func TestForestOfOneTree(t *testing.T) {
	v := flows(2000, 12, 3, rng.New(4)).View()
	seed := rng.New(8)
	forest := fitted(t, Forest{Trees: 1, NoBootstrap: true, MaxFeatures: 99, Seed: seed}, v)
	tree := fitted(t, Tree{Seed: seed.Index("tree", 0)}, v)
	sameTree(t, "forest of one tree", forest.trees[0], tree.trees[0])
	if a, b := fmt.Sprint(forest.Importance()), fmt.Sprint(tree.Importance()); a != b {
		t.Errorf("importance %s, of the tree %s", a, b)
	}
}

// The suite's tables are too small for nodes that keep all histograms.
func TestCoresDoNotMatter(t *testing.T) {
	v := flows(6000, 15, 3, rng.New(6)).View()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, l := range []models.Learner{Tree{}, Tree{MaxLeaves: 40}, Forest{Trees: 9}} {
		runtime.GOMAXPROCS(1)
		one := fitted(t, l, v)
		p := predicted(t, one, v)
		for _, procs := range []int{2, 7} {
			runtime.GOMAXPROCS(procs)
			m := fitted(t, l, v)
			for i := range m.trees {
				sameTree(t, fmt.Sprintf("%s, GOMAXPROCS %d", l.Name(), procs), m.trees[i], one.trees[i])
			}
			if !slices.Equal(predicted(t, m, v).P, p.P) || fmt.Sprint(m.Importance()) != fmt.Sprint(one.Importance()) {
				t.Errorf("%s, GOMAXPROCS %d: other scores or importance", l.Name(), procs)
			}
		}
	}
}

// A deep tree knows its own rows; MaxLeaves, MaxDepth and MinLeaf are kept.
func TestLimits(t *testing.T) {
	tab := flows(3000, 12, 3, rng.New(7))
	v := tab.View()
	if got := accuracy(predicted(t, fitted(t, Tree{}, v), v), v); !(got >= 0.999) {
		t.Errorf("accuracy %v of a full tree on its own rows", got)
	}
	leaves := func(m *Model) int {
		n := 0
		for _, x := range m.trees[0].nodes {
			if x.kind == leaf {
				n++
			}
		}
		return n
	}
	last := 0.0
	for _, n := range []int{2, 3, 8, 30} {
		m := fitted(t, Tree{MaxLeaves: n}, v)
		if leaves(m) != n {
			t.Errorf("%d leaves, want %d", leaves(m), n)
		}
		got := accuracy(predicted(t, m, v), v)
		if !(got >= last) {
			t.Errorf("accuracy falls from %v to %v with %d leaves", last, got, n)
		}
		last = got
	}
	if m := fitted(t, Tree{MaxDepth: 4}, v); m.Depth() != 4 || leaves(m) > 16 {
		t.Errorf("depth %d, %d leaves", m.Depth(), leaves(m))
	}
	full, grown := fitted(t, Tree{}, v), fitted(t, Tree{MaxLeaves: 1 << 20}, v)
	if !slices.Equal(predicted(t, full, v).P, predicted(t, grown, v).P) {
		t.Error("a tree grown best first without a limit differs from one grown depth first")
	}
	for _, bins := range []int{2, 7, 255, 256, 300, 65535} {
		m := fitted(t, Tree{MaxBins: bins}, v)
		for f := range m.schema {
			if b, _ := binnedOf(t, Tree{MaxBins: bins}, v); b.columns[f].known == nil && b.columns[f].bins-b.columns[f].first > bins {
				t.Errorf("MaxBins %d: %d bins", bins, b.columns[f].bins)
			}
		}
	}
}

func TestBadFields(t *testing.T) {
	v := flows(50, 5, 2, rng.New(1)).View()
	for _, l := range []models.Learner{
		Tree{MaxDepth: -1}, Tree{MaxLeaves: 1}, Tree{MinLeaf: -1}, Tree{MinLeaf: math.NaN()}, Tree{MaxFeatures: -2},
		Tree{MaxBins: 1}, Tree{MaxBins: 70000}, Tree{Criterion: "log"}, Tree{Smooth: math.Inf(1)}, Forest{Trees: -1}, Forest{MaxDepth: -3},
	} {
		if _, err := l.Fit(context.Background(), v); err == nil {
			t.Errorf("%+v: no error", l)
		}
	}
}

// impatient is done after it was asked n times.
type impatient struct {
	context.Context
	n *int
}

func (c impatient) Err() error {
	if *c.n--; *c.n < 0 {
		return context.Canceled
	}
	return nil
}

func TestCancelledMidway(t *testing.T) {
	v := flows(4000, 10, 2, rng.New(3)).View()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // impatient is not safe for concurrent use
	for _, c := range []struct {
		learner models.Learner
		looks   int // 1 at the start, 1 a column, then
	}{{Tree{}, 5}, {Tree{MaxLeaves: 1000}, 12}, {Tree{MaxLeaves: 1000}, 20}, {Forest{}, 5}, {Forest{}, 20}} {
		left := c.looks
		if _, err := c.learner.Fit(impatient{context.Background(), &left}, v); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v cancelled after %d looks: error %v", c.learner, c.looks, err)
		}
	}
}

func TestImportance(t *testing.T) {
	tab := flows(2000, 10, 2, rng.New(3))
	labels := tab.Column("class").Codes()
	copied := make([]float64, len(labels))
	for i, c := range labels {
		copied[i] = float64(c)
	}
	tab = table.Must(tab.With(table.Float("leak", "", copied)))
	for _, l := range []models.Learner{Tree{}, Forest{Trees: 20}} {
		gains := fitted(t, l, tab.View()).Importance()
		total := 0.0
		for _, g := range gains {
			total += g.Gain
		}
		if gains[0].Name != "leak" || !(math.Abs(total-1) <= 1e-9) || len(gains) != 11 {
			t.Errorf("%s: %v", l.Name(), gains)
		}
	}
}
