package histtree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

type explainable interface {
	described
	Explain(ctx context.Context, rows table.View) (Explanation, error)
}

func explanation(t testing.TB, m interface {
	Explain(ctx context.Context, rows table.View) (Explanation, error)
}, v table.View) Explanation {
	t.Helper()
	e, err := m.Explain(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// knowing is what a described tree says of a row of which it knows the features in
// known: the mean over the children, by their weight, where it does not.
func knowing(e Ensemble, t FlatTree, at int, rows *table.Table, i int, known uint) []float64 {
	n := t.Nodes[at]
	if n.Feature < 0 {
		return n.Values
	}
	if known>>n.Feature&1 != 0 {
		single := FlatTree{Nodes: []FlatNode{n, {Feature: -1, Values: []float64{0}}, {Feature: -1, Values: []float64{1}}}}
		single.Nodes[0].Left, single.Nodes[0].Right = 1, 2
		right := int(leafOf(e, single, rows, i).Values[0])
		return knowing(e, t, []int{n.Left, n.Right}[right], rows, i, known)
	}
	l, r := knowing(e, t, n.Left, rows, i, known), knowing(e, t, n.Right, rows, i, known)
	out := make([]float64, len(l))
	for c := range out {
		out[c] = (l[c]*t.Nodes[n.Left].Cover + r[c]*t.Nodes[n.Right].Cover) / n.Cover
	}
	return out
}

// bySubsets is the definition: the mean, over all subsets of the other features, of the
// difference that the feature makes.
func bySubsets(e Ensemble, rows *table.Table, i int) (base []float64, values [][]float64) {
	p := len(e.Schema)
	game := func(known uint) []float64 {
		sum := slices.Clone(e.Base)
		for _, t := range e.Trees {
			for c, v := range knowing(e, t, 0, rows, i, known) {
				sum[t.Score+c] += v
			}
		}
		for c := range sum {
			if e.Link == Mean {
				sum[c] /= float64(len(e.Trees))
			}
		}
		return sum
	}
	says := make([][]float64, 1<<p)
	for known := range says {
		says[known] = game(uint(known))
	}
	fact := func(n int) float64 { return math.Gamma(float64(n + 1)) }
	for f := range p {
		own := make([]float64, len(e.Base))
		for known := range uint(1 << p) {
			if known>>f&1 != 0 {
				continue
			}
			s := bits.OnesCount(known)
			weight := fact(s) * fact(p-s-1) / fact(p)
			for c := range own {
				own[c] += weight * (says[known|1<<f][c] - says[known][c])
			}
		}
		values = append(values, own)
	}
	return says[0], values
}

func TestExplanationIsTheMeanOverSubsets(t *testing.T) {
	random := newStream(rng.New(31))
	g := func(n int) int { return int(random.below(uint64(n))) }
	for round := range 12 {
		k := 1 + round%3
		train, test := small(g, 40+g(200), k, 6, round%2 == 0, round%3 == 0), small(g, 12, k, 9, true, false)
		for _, l := range []models.Learner{
			Tree{Seed: rng.New(uint64(round))}, Tree{MaxLeaves: 5, Smooth: 1}, Forest{Trees: 5, Seed: rng.New(uint64(round))},
			Boost{Trees: 4, MinLeaf: 1, Rate: 1}, Boost{Trees: 6, MinLeaf: 2, RowSample: 0.7, Seed: rng.New(uint64(round))},
		} {
			fit, err := l.Fit(context.Background(), train.View())
			if err != nil {
				t.Fatal(err)
			}
			m := fit.(explainable)
			got, e := explanation(t, m, test.View()), m.Describe()
			for i := range test.Rows() {
				base, want := bySubsets(e, test, i)
				for o := range base {
					if !(math.Abs(got.Base[o]-base[o]) <= 1e-12) {
						t.Fatalf("round %d, %s: base %v, want %v", round, l.Name(), got.Base, base)
					}
					for f := range want {
						if v := got.At(i, f, o); !(math.Abs(v-want[f][o]) <= 1e-11) {
							t.Fatalf("round %d, %s, row %d, output %d of %d: %s contributes %v, want %v", round, l.Name(), i, o, len(base), e.Schema[f].Name, v, want[f][o])
						}
					}
				}
			}
		}
	}
}

// Base and contributions add up to what the model says.
func TestExplanationsAddUp(t *testing.T) {
	for k := 2; k <= 4; k++ {
		train, test := flows(1500, 30, k, rng.New(1)).View(), flows(100, 30, k, rng.New(2)).View()
		for _, l := range []models.Learner{Tree{}, Forest{Trees: 4}, Boost{Trees: 20}} {
			fit, err := l.Fit(context.Background(), train)
			if err != nil {
				t.Fatal(err)
			}
			e, p := explanation(t, fit.(explainable), test), predicted(t, fit, test)
			if e.Rows() != p.Rows() {
				t.Fatalf("%d rows explainable of %d", e.Rows(), p.Rows())
			}
			for i := range p.Rows() {
				scores := make([]float64, len(e.Outputs))
				for o := range scores {
					scores[o] = e.Sum(i, o)
				}
				switch {
				case l.Name() != "gradient boosting":
				case k == 2:
					scores = []float64{1 / (1 + math.Exp(scores[0])), 1 / (1 + math.Exp(-scores[0]))}
				default:
					shares(scores)
				}
				for o, v := range scores {
					c := o
					if len(e.Outputs) == k {
						c = slices.Index(p.Classes, e.Outputs[o])
					} else if e.Outputs[0] != p.Classes[1] {
						c = 1 - o
					}
					if got := p.Row(i)[c]; !(math.Abs(got-v) <= 1e-9) {
						t.Fatalf("%s, %d classes, row %d: contributions add up to %v, predicted %v", l.Name(), k, i, scores, p.Row(i))
					}
				}
			}
		}
	}
	v := flows(2000, 20, 2, rng.New(3)).View().WithTarget("x10")
	m := regressed(t, Boost{Trees: 20}, v)
	e := explanation(t, m, v)
	for i, want := range estimated(t, m, v) {
		if got := e.Sum(i, 0); !(math.Abs(got-want) <= 1e-9*math.Abs(want)+1e-9) {
			t.Fatalf("row %d: contributions add up to %v, estimated %v", i, got, want)
		}
	}
}

// Whatever the cores, and whichever rows are explainable together, the bytes are the same.
func TestExplanationsDoNotDependOnCores(t *testing.T) {
	v := flows(1500, 15, 3, rng.New(6)).View()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, l := range []models.Learner{Forest{Trees: 4, MaxDepth: 8}, Boost{Trees: 8}} {
		fit, err := l.Fit(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		m := fit.(explainable)
		runtime.GOMAXPROCS(1)
		one := explanation(t, m, v)
		for _, procs := range []int{2, 7} {
			runtime.GOMAXPROCS(procs)
			if e := explanation(t, m, v); !slices.Equal(e.Values, one.Values) || !slices.Equal(e.Base, one.Base) {
				t.Errorf("%s: other contributions at GOMAXPROCS %d", l.Name(), procs)
			}
		}
		width := len(one.Features) * len(one.Outputs)
		for _, i := range []int{0, 17, 1499} {
			if e := explanation(t, m, v.Take([]int{i})); !slices.Equal(e.Values, one.Values[i*width:(i+1)*width]) {
				t.Errorf("%s, row %d: other contributions alone", l.Name(), i)
			}
		}
	}
}

// A feature that no tree looks at contributes nothing; two of the same values that are
// used alike contribute alike.
func TestExplanationLaws(t *testing.T) {
	tab := flows(1500, 8, 2, rng.New(4))
	tab = table.Must(tab.With(table.Float("constant", "", make([]float64, tab.Rows()))))
	m := fitted(t, Forest{Trees: 5}, tab.View())
	e := explanation(t, m, tab.View())
	for i := range e.Rows() {
		if v := e.At(i, slices.Index(e.Features, "constant"), 0); v != 0 {
			t.Fatalf("row %d: a constant contributes %v", i, v)
		}
		for f := range e.Features {
			if !(math.Abs(e.At(i, f, 0)+e.At(i, f, 1)) <= 1e-12) {
				t.Fatalf("row %d: shares of two classes change by %v and %v", i, e.At(i, f, 0), e.At(i, f, 1))
			}
		}
	}
	and := &Model{schema: table.Schema{{Name: "a"}, {Name: "b"}}, classes: []string{"no", "yes"}, used: []bool{true, true}, trees: []*tree{{
		k: 2, depth: 2, sets: []uint64{0},
		nodes:  []node{{cut: key(0.5), left: 1}, {kind: leaf}, {feature: 1, cut: key(0.5), left: 3}, {kind: leaf}, {kind: leaf}},
		values: []float64{0, 0, 1, 0, 0, 0, 1, 0, 0, 1},
		cover:  []float64{0, 50, 0, 25, 25},
	}}}
	and.trees[0].close()
	rows := table.Must(table.New("and", table.Float("a", "", []float64{1, 0}), table.Float("b", "", []float64{1, 1})))
	e = explanation(t, and, rows.View())
	// Of a and b, a share of 1/4. Of (1, 1): 3/4 more, half each. Of (0, 1): 1/4 less; b
	// takes it from 1/4 to 1/2 if it is first and changes nothing if it is second: 1/8.
	want := []float64{0.375, 0.375, -0.375, 0.125}
	for i, w := range want {
		if got := e.At(i/2, i%2, 1); !(math.Abs(got-w) <= 1e-15) {
			t.Errorf("row %d, feature %d contributes %v, want %v", i/2, i%2, got, w)
		}
	}
	if got := e.Magnitude(1); !(math.Abs(got[0]-0.375) <= 1e-15) || !(math.Abs(got[1]-0.25) <= 1e-15) {
		t.Errorf("magnitude %v", got)
	}
}

// Weights that are worlds apart leave shares of rows that are 0 in floating point.
func TestExplanationOfExtremeWeights(t *testing.T) {
	w := []float64{1e-300, 1e300, 1e-300, 1e300, 1e-300, 1}
	x := []float64{1, 2, 3, 4, 5, 6}
	tab := table.Must(table.New("extreme", table.Float("x", "", x), table.Float("y", "", []float64{5, 1, 4, 2, 2, 1}),
		table.Text("class", []string{"a", "b", "a", "b", "b", "a"}).As(table.Label), table.Float("w", "", w).As(table.Weight)))
	m := fitted(t, Tree{}, tab.View())
	e, p := explanation(t, m, tab.View()), predicted(t, m, tab.View())
	for i := range e.Rows() {
		if got := e.Sum(i, 0); !(math.Abs(got-p.Row(i)[0]) <= 1e-9) {
			t.Errorf("row %d: contributions add up to %v, predicted %v", i, got, p.Row(i)[0])
		}
	}
}

// A file may hold a tree that is one long chain.
func TestExplainRefusesChains(t *testing.T) {
	chain := func(splits, features int) *Model {
		tr := &tree{k: 1, depth: splits, nodes: make([]node, 2*splits+1), values: make([]float64, 2*splits+1), cover: make([]float64, 2*splits+1), sets: []uint64{0}}
		for i := range tr.nodes {
			tr.nodes[i].kind, tr.values[i], tr.cover[i] = leaf, 1, 1
			if i%2 == 0 && i < 2*splits {
				tr.nodes[i] = node{kind: missingLeft, feature: uint16(i / 2 % features), left: uint32(i + 1)}
			}
		}
		schema := make(table.Schema, features)
		for f := range schema {
			schema[f].Name = fmt.Sprint(f)
		}
		return assemble(schema, []string{"a"}, []*tree{tr.close()}, nil)
	}
	for _, c := range []struct {
		splits, features int
		ok               bool
	}{{1000, 3, true}, {1 << 16, 3, true}, {1<<16 + 1, 3, false}, {1 << 14, 1 << 14, false}} {
		m := chain(c.splits, c.features)
		var columns []table.Column
		for _, f := range m.schema {
			columns = append(columns, table.Float(f.Name, "", []float64{0}))
		}
		if _, err := m.Explain(context.Background(), table.Must(table.New("chain", columns...)).View()); (err == nil) != c.ok {
			t.Errorf("%d splits by %d features: error %v", c.splits, c.features, err)
		}
	}
}

func TestExplainCancelled(t *testing.T) {
	v := flows(1000, 10, 2, rng.New(3)).View()
	m := fitted(t, Forest{Trees: 10}, v)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, looks := range []int{0, 1, 5, 30} {
		left := looks
		if _, err := m.Explain(impatient{context.Background(), &left}, v); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled after %d looks: error %v", looks, err)
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	n := 4000
	v := flows(n, 41, 2, rng.New(1)).View()
	for _, m := range []explainable{boosted(b, Boost{}, v), fitted(b, Forest{Trees: 10}, v)} {
		b.Run(fmt.Sprintf("%T/rows=%d/cols=41", m, n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				explanation(b, m, v)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
