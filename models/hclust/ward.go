package hclust

import "math"

// ward holds clusters as their means and sizes. The key of two is the square of Ward's
// distance: 2ab/(a+b) times the squared distance of their means.
type ward struct {
	tree  *boxes
	place []int32 // by slot: where its mean stands in the tree
	count int     // clusters
}

func newWard(pt *points) *ward {
	w := &ward{place: make([]int32, pt.n), count: pt.n}
	slots := make([]int32, pt.n)
	for i := range slots {
		slots[i] = int32(i)
	}
	w.plant(newBoxes(pt.x, pt.p, slots, pt.weight))
	return w
}

func (w *ward) plant(t *boxes) {
	w.tree = t
	for at, s := range t.slot {
		w.place[s] = int32(at)
	}
}

func (w *ward) nearest(i, hint int32) (int32, float64) {
	t, at := w.tree, w.place[i]
	s := search{boxes: t, mean: t.row(at), size: t.size[at], self: i, near: -1, key: math.Inf(1), limit: math.Inf(1)}
	if hint >= 0 {
		s.try(w.place[hint])
	}
	s.own = t.home[at]
	s.scan(s.own)
	s.visit(0)
	return s.near, s.key
}

// join moves the larger cluster's mean by the share of the other: where both are the
// same it stays the same to the bit.
func (w *ward) join(a, b int32) {
	t, at, from := w.tree, w.place[a], w.place[b]
	if t.size[from] > t.size[at] {
		at, from = from, at
	}
	size := t.size[at] + t.size[from]
	share := t.size[from] / size
	mean := t.row(at)
	for j, v := range t.row(from) {
		mean[j] += float64((v - mean[j]) * share)
	}
	t.size[at], t.slot[at] = size, a
	w.place[a] = at
	t.grow(at)
	if moved, to := t.drop(from); moved >= 0 {
		w.place[moved] = to
	}
	w.count--
}

// tidy builds the tree anew once half of its places are empty.
func (w *ward) tidy() {
	t := w.tree
	if 2*w.count > len(t.slot) || len(t.slot) <= leafSize {
		return
	}
	x := make([]float64, 0, w.count*t.p)
	slots, sizes := make([]int32, 0, w.count), make([]float64, 0, w.count)
	for k := range t.nodes {
		n := &t.nodes[k]
		for at := n.lo; at < n.hi; at++ {
			x, slots, sizes = append(x, t.row(at)...), append(slots, t.slot[at]), append(sizes, t.size[at])
		}
	}
	w.plant(newBoxes(x, t.p, slots, sizes))
}
