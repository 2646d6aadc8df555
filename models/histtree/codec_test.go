package histtree

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/wire"
)

func saved(t testing.TB, m any) []byte {
	t.Helper()
	var w wire.Writer
	w.Nested(m)
	b, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func loaded(b []byte) (models.Classifier, error) {
	r := wire.NewReader(b, Kinds())
	c := r.Classifier()
	return c, r.Err()
}

func TestNumberIsTheNumberOfItsKey(t *testing.T) {
	for _, x := range []float64{0, 1, -1, math.Pi, -1e300, 5e-324, -5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1)} {
		if got := number(key(x)); got != x {
			t.Errorf("number(key(%v)) is %v", x, got)
		}
	}
}

// All that was grown comes back: nodes, values, sets, weights, depth, gains.
func TestSavedWhole(t *testing.T) {
	random := newStream(rng.New(3))
	v := small(func(n int) int { return int(random.below(uint64(n))) }, 300, 3, 90, true, true).View()
	for _, l := range []models.Learner{Tree{}, Forest{Trees: 5}, Boost{Trees: 6, MinLeaf: 1}} {
		m, err := l.Fit(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := loaded(saved(t, m))
		if err != nil {
			t.Fatal(err)
		}
		a, b := treesOf(m), treesOf(back)
		if len(a) != len(b) {
			t.Fatalf("%s: %d trees, saved %d", l.Name(), len(b), len(a))
		}
		for i := range a {
			if !slices.Equal(a[i].values, b[i].values) || !slices.Equal(a[i].cover, b[i].cover) || a[i].depth != b[i].depth || a[i].k != b[i].k {
				t.Errorf("%s, tree %d: other values, weights or depth", l.Name(), i)
			}
			schema := m.(wire.Described).Schema()
			for j, x := range a[i].nodes {
				y := b[i].nodes[j]
				if x.kind == category {
					if !slices.Equal(a[i].set(x, schema), b[i].set(y, schema)) {
						t.Errorf("%s, tree %d, node %d: other levels", l.Name(), i, j)
					}
					x.cut, y.cut = 0, 0 // sets stand in another order
				}
				if x != y {
					t.Errorf("%s, tree %d, node %d: %v, saved %v", l.Name(), i, j, y, x)
				}
			}
		}
		if x, y := m.(important).Importance(), back.(important).Importance(); !slices.Equal(x, y) {
			t.Errorf("%s: importance %v, saved %v", l.Name(), y, x)
		}
	}
}

type important interface{ Importance() []Gain }

func treesOf(m models.Classifier) []*tree {
	if b, ok := m.(*Boosted); ok {
		return b.model.trees
	}
	return m.(*Model).trees
}

// Trees of a hand's breadth, each spoilt in one way.
func TestSpoiltTreesAreRefused(t *testing.T) {
	sound := func() *Model {
		return &Model{
			schema:  table.Schema{{Name: "bytes"}, {Name: "service", Kind: table.CodeKind, Levels: []string{"dns", "http"}}},
			classes: []string{"attack", "normal"},
			gain:    []Gain{{"bytes", 0.5}, {"service", 0.5}},
			trees: []*tree{{
				k:      2,
				nodes:  []node{{kind: missingLeft, cut: key(3), left: 1}, {kind: leaf}, {kind: category, cut: 1, feature: 1, left: 3}, {kind: leaf}, {kind: leaf}},
				values: []float64{0, 0, 1, 0, 0, 0, 0.5, 0.5, 0, 1},
				sets:   []uint64{0, 5},
				cover:  []float64{6, 1, 5, 2, 3},
			}},
		}
	}
	if _, err := loaded(saved(t, sound())); err != nil {
		t.Fatalf("a sound model: %v", err)
	}
	for what, spoil := range map[string]func(m *Model){
		"no trees":                     func(m *Model) { m.trees = nil },
		"a child before its parent":    func(m *Model) { m.trees[0].nodes[2].left = 1 },
		"a node that is its own child": func(m *Model) { m.trees[0].nodes[2].left = 2 },
		"a root that is its own child": func(m *Model) { m.trees[0].nodes[0].left = 0 },
		"a child of two parents":       func(m *Model) { m.trees[0].nodes[0].left = 3 },
		"a child beyond the end":       func(m *Model) { m.trees[0].nodes[2].left = 4 },
		"a child far beyond the end":   func(m *Model) { m.trees[0].nodes[2].left = math.MaxUint32 },
		"a feature beyond the schema":  func(m *Model) { m.trees[0].nodes[0].feature = 2 },
		"a category read as a number":  func(m *Model) { m.trees[0].nodes[0].feature = 1 },
		"a number read as a category":  func(m *Model) { m.schema[1] = table.Field{Name: "service"} },
		"a threshold that is NaN":      func(m *Model) { m.trees[0].nodes[0].cut = key(math.Inf(1)) + 1 },
		"an unknown kind":              func(m *Model) { m.trees[0].nodes[1].kind = 3 },
		"too few words of levels":      func(m *Model) { m.schema[1].Levels = levels(70) },
		"shares above 1":               func(m *Model) { m.trees[0].values[9] = 2 },
		"shares below 0":               func(m *Model) { m.trees[0].values[6], m.trees[0].values[7] = -1, 2 },
		"shares that are NaN":          func(m *Model) { m.trees[0].values[6] = math.NaN() },
		"a leaf of no weight":          func(m *Model) { m.trees[0].cover[3] = 0 },
		"a leaf of infinite weight":    func(m *Model) { m.trees[0].cover[3] = math.Inf(1) },
		"a gain that is NaN":           func(m *Model) { m.gain[0].Gain = math.NaN() },
		"other values than classes":    func(m *Model) { m.classes = []string{"attack", "normal", "probe"} },
		"a leaf too many":              func(m *Model) { m.trees[0].nodes[2].kind = leaf },
	} {
		m := sound()
		before := m.schema
		m.schema = slices.Clone(m.schema)
		spoil(m)
		var w wire.Writer
		w.Schema(m.schema)
		w.Strings(m.classes)
		saveGains(&w, m.schema, m.gain)
		saveTrees(&w, before, m.trees)
		b, err := w.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if r := wire.NewReader(b, nil); loadModel(r) != nil && r.Err() == nil {
			t.Errorf("%s: loaded", what)
		}
	}
}

func levels(n int) []string {
	var out []string
	for i := range n {
		out = append(out, string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	return out
}

func TestSpoiltBoostedIsRefused(t *testing.T) {
	v := flows(300, 6, 3, rng.New(2)).View()
	m := boosted(t, Boost{Trees: 3}, v)
	for what, spoil := range map[string]func(m *Boosted){
		"a class twice":         func(m *Boosted) { m.answer = []int{0, 1, 1} },
		"a class too many":      func(m *Boosted) { m.answer = []int{0, 1, 3} },
		"a score too few":       func(m *Boosted) { m.base = m.base[:2] },
		"a base that is NaN":    func(m *Boosted) { m.base = []float64{0, 0, math.NaN()} },
		"a tree too few":        func(m *Boosted) { m.model.trees = m.model.trees[:8] },
		"scores that overflow":  func(m *Boosted) { m.base = []float64{math.MaxFloat64, math.MaxFloat64, 0} },
		"no classes with score": func(m *Boosted) { m.answer, m.base = nil, nil },
	} {
		own, model := *m, *m.model
		own.model = &model
		spoil(&own)
		if _, err := loaded(saved(t, &own)); err == nil {
			t.Errorf("%s: loaded", what)
		}
	}
	if back, err := loaded(saved(t, m)); err != nil || !bytes.Equal(saved(t, back), saved(t, m)) {
		t.Errorf("unspoilt: %v", err)
	}
}

// Whatever the bytes, loading ends, and what was loaded scores rows without a panic.
func FuzzLoad(f *testing.F) {
	random := newStream(rng.New(3))
	v := small(func(n int) int { return int(random.below(uint64(n))) }, 60, 3, 5, true, false).View()
	ctx := context.Background()
	for _, l := range []models.Learner{Tree{}, Forest{Trees: 3, MaxDepth: 3}, Forest{Trees: 16, MaxLeaves: 3}, Boost{Trees: 2, MinLeaf: 2}} {
		m, err := l.Fit(ctx, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(saved(f, m))
	}
	f.Add(saved(f, regressed(f, Boost{Trees: 3, MinLeaf: 2}, v.WithTarget("c"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := wire.NewReader(b, Kinds())
		m := r.Nested()
		if r.Err() != nil {
			return
		}
		switch m := m.(type) {
		case models.Classifier:
			_, _ = m.Predict(ctx, v)
		case models.Regressor:
			_, _ = m.Estimate(ctx, v)
		}
		_, _ = m.(interface {
			Explain(ctx context.Context, rows table.View) (Explanation, error)
		}).Explain(ctx, v.Take([]int{0, 7}))
		if again := wire.NewReader(saved(t, m), Kinds()); again.Nested() == nil {
			t.Errorf("loaded once, but not again: %v", again.Err())
		}
	})
}

// TestSavedKindsOfNodes: FORMAT.md says which byte is a leaf, whatever it is in memory,
// and files that have the other byte are read.
func TestSavedKindsOfNodes(t *testing.T) {
	v := table.Must(table.New("t", table.Float("x", "", []float64{1, 2, 3, 4}),
		table.Text("class", []string{"a", "a", "b", "b"}).As(table.Label))).View()
	m, err := Tree{}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	b := saved(t, m)
	var kinds wire.Writer
	kinds.Uint8s([]uint8{uint8(m.(*Model).trees[0].nodes[0].kind), 3, 3})
	list, _ := kinds.Bytes()
	at := bytes.Index(b, list)
	if at < 0 || m.(*Model).trees[0].nodes[0].kind > missingRight {
		t.Fatalf("no list of kinds % x in % x", list, b)
	}
	b[at+9], b[at+10] = 4, 4
	back, err := loaded(b)
	if err != nil {
		t.Fatalf("leaves of kind 4: %v", err)
	}
	b[at+9], b[at+10] = 3, 3
	if !bytes.Equal(saved(t, back), b) {
		t.Error("read with leaves of kind 4, and saved again: other bytes")
	}
}
