package anomaly

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/decompose"
	"flowbook/models/internal/wire"
)

func bytesOf(t *testing.T, m any) []byte {
	t.Helper()
	var w wire.Writer
	w.Nested(m)
	b, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// roundTrip saves and loads: the same scores and the same bytes. What is cut short is
// refused, what is altered is refused or scores without panicking.
func roundTrip(t *testing.T, m Model, v table.View) {
	t.Helper()
	b := bytesOf(t, m)
	load := func(b []byte) (Model, error) {
		r := wire.NewReader(b, wire.Merge(Kinds(), decompose.Kinds()))
		m, _ := r.Nested().(Model)
		return m, r.Err()
	}
	again, err := load(b)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(score(t, again, v), score(t, m, v)) || !bytes.Equal(bytesOf(t, again), b) {
		t.Error("another model after loading")
	}
	if !slices.Equal(again.(wire.Described).Schema().Names(), m.(wire.Described).Schema().Names()) {
		t.Error("another schema after loading")
	}
	for cut := 0; cut < len(b); cut += 1 + len(b)/97 {
		if _, err := load(b[:cut]); err == nil {
			t.Errorf("%d of %d bytes were loaded", cut, len(b))
		}
	}
	random := rng.New(7).Rand()
	for range 2000 {
		spoilt := slices.Clone(b)
		for range 1 + random.IntN(3) {
			spoilt[random.IntN(len(spoilt))] ^= byte(1 << random.IntN(8))
		}
		if altered, err := load(spoilt); err == nil {
			_, _ = altered.Score(background, v)
		}
	}
}

func TestSavedForest(t *testing.T) {
	v := gappy(60)
	roundTrip(t, fit(t, Forest{Trees: 3, Sample: 20}, v), v)
	for _, c := range []struct {
		spoil func(m *isolationForest)
		says  string
	}{
		{func(m *isolationForest) { m.trees = nil }, "without trees"},
		{func(m *isolationForest) { m.sample = 0 }, "0 where 1"},
		{func(m *isolationForest) { m.trees[0].nodes[0].left = 0 }, "leads to 0"},
		{func(m *isolationForest) { m.trees[0].nodes[0].left = 1 << 20 }, "leads to"},
		{func(m *isolationForest) { m.trees[0].nodes[0].feature |= 7 }, "splits a"},
		{func(m *isolationForest) { m.trees[0].nodes[0].feature += 3 << 3 }, "looks at column"},
		{func(m *isolationForest) { m.trees[0].path[0] = -1 }, "path length -1"},
		{func(m *isolationForest) {
			chain := isolationTree{}
			for i := range 140 {
				n := isolationNode{left: uint32(i + 1), feature: above}
				if i >= 138 {
					n = isolationNode{left: uint32(i)}
				}
				chain.nodes, chain.path = append(chain.nodes, n), append(chain.path, 1)
			}
			m.trees[0] = chain
		}, "of depth 138"},
	} {
		m := fit(t, Forest{Trees: 3, Sample: 20}, v).(*isolationForest)
		c.spoil(m)
		r := wire.NewReader(bytesOf(t, m), Kinds())
		if r.Nested(); r.Err() == nil || !strings.Contains(r.Err().Error(), c.says) {
			t.Errorf("got %v, want an error with %q", r.Err(), c.says)
		}
	}
}
