package hclust

import (
	"math"
	"testing"

	"flowbook/internal/rng"
)

// After any merges, near or far: the tree holds every cluster where its place says, within
// all boxes above it, and finds what a look at all clusters finds.
func TestBoxes(t *testing.T) {
	g := rng.New(8).Rand()
	for round := range 12 {
		n, p := 40+g.IntN(200), 1+g.IntN(6)
		pt := &points{n: n, p: p, x: make([]float64, n*p), weight: make([]float64, n)}
		for i := range pt.weight {
			pt.weight[i] = 1 + float64(g.IntN(4))
			for j := range p {
				pt.x[i*p+j] = g.NormFloat64()
				if round%3 == 0 { // ties
					pt.x[i*p+j] = math.Round(2 * pt.x[i*p+j])
				}
			}
		}
		w := newWard(pt)
		var alive []int32
		for i := range n {
			alive = append(alive, int32(i))
		}
		for len(alive) > 1 {
			checkBoxes(t, w, alive)
			a, b := g.IntN(len(alive)), g.IntN(len(alive)-1)
			if b >= a {
				b++
			}
			if a > b {
				a, b = b, a
			}
			w.join(alive[a], alive[b])
			alive = append(alive[:b], alive[b+1:]...)
			if g.IntN(20) == 0 {
				w.tidy()
			}
		}
	}
}

func checkBoxes(t *testing.T, w *ward, alive []int32) {
	t.Helper()
	tree := w.tree
	least := make([]float64, len(tree.nodes))
	for k := range least {
		least[k] = math.Inf(1)
	}
	for _, s := range alive {
		at := w.place[s]
		if leaf := tree.nodes[tree.home[at]]; tree.slot[at] != s || at < leaf.lo || at >= leaf.hi {
			t.Fatalf("slot %d is not at place %d", s, at)
		}
		for k := tree.home[at]; k >= 0; k = tree.nodes[k].up {
			least[k] = min(least[k], tree.size[at])
			for j, v := range tree.row(at) {
				if !(v >= tree.bounds(k)[j] && v <= tree.bounds(k)[tree.p+j]) {
					t.Fatalf("slot %d lies outside of node %d", s, k)
				}
			}
		}
	}
	for k, n := range tree.nodes {
		if n.least != least[k] {
			t.Fatalf("node %d: least size %v, want %v", k, n.least, least[k])
		}
	}
	for _, i := range alive {
		near, key := int32(-1), 0.0
		for _, j := range alive {
			if j == i {
				continue
			}
			a, b := w.place[i], w.place[j]
			d := factor(tree.size[a], tree.size[b]) * square(tree.row(a), tree.row(b), math.Inf(1))
			if near < 0 || before(d, i, j, key, i, near) {
				near, key = j, d
			}
		}
		hint := alive[0]
		if hint == i {
			hint = -1
		}
		if j, d := w.nearest(i, hint); j != near || d != key {
			t.Fatalf("nearest to %d: %d at %v, want %d at %v", i, j, d, near, key)
		}
	}
}
