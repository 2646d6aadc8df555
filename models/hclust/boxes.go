package hclust

import (
	"cmp"
	"math"
	"slices"

	"flowbook/internal/par"
)

// boxes is a binary tree over weighted points: each node knows the box that holds its
// points and the least of their sizes, and so how near Ward's distance can be. Points
// of a leaf stand side by side.
type boxes struct {
	p     int
	x     []float64 // by place: the points, row-major
	size  []float64 // by place
	slot  []int32   // by place: whose point it is
	home  []int32   // by place: its leaf
	nodes []node    // the root first, parts behind the whole
	box   []float64 // by node: p least coordinates, then p largest
}

// node is a leaf with the places lo ≤ at < hi (hi falls as points leave), or has two
// children, left and left+1.
type node struct {
	up, left int32 // left is 0 in a leaf
	lo, hi   int32
	least    float64 // size; +Inf where no point is left
}

const leafSize = 16

// newBoxes builds the tree level by level. It keeps a copy of all it is given.
func newBoxes(x []float64, p int, slots []int32, sizes []float64) *boxes {
	n := len(slots)
	t := &boxes{p: p, x: make([]float64, n*p), size: make([]float64, n), slot: make([]int32, n), home: make([]int32, n)}
	b := builder{x: x, p: p, order: make([]int32, n)}
	for i := range b.order {
		b.order[i] = int32(i)
	}
	t.nodes = []node{{up: -1, hi: int32(n)}}
	for done := 0; done < len(t.nodes); {
		level := t.nodes[done:]
		t.box = append(t.box, make([]float64, 2*p*len(level))...)
		cuts := make([]int, len(level))
		par.Do(len(level), func(k int) {
			box := t.bounds(int32(done + k))
			cuts[k] = b.split(b.order[level[k].lo:level[k].hi], box[:p], box[p:])
		})
		for k, cut := range cuts {
			at := int32(done + k)
			if cut == 0 {
				continue
			}
			n := &t.nodes[at]
			lo, mid, hi := n.lo, n.lo+int32(cut), n.hi
			n.left, n.lo, n.hi = int32(len(t.nodes)), 0, 0
			t.nodes = append(t.nodes, node{up: at, lo: lo, hi: mid}, node{up: at, lo: mid, hi: hi})
		}
		done += len(level)
	}
	par.Blocks(n, 1024, func(_, lo, hi int) {
		for at := lo; at < hi; at++ {
			i := int(b.order[at])
			copy(t.row(int32(at)), x[i*p:i*p+p])
			t.size[at], t.slot[at] = sizes[i], slots[i]
		}
	})
	for k := len(t.nodes) - 1; k >= 0; k-- {
		for at := t.nodes[k].lo; at < t.nodes[k].hi; at++ {
			t.home[at] = int32(k)
		}
		t.nodes[k].least = t.leastOf(int32(k))
	}
	return t
}

func (t *boxes) row(at int32) []float64   { return t.x[int(at)*t.p : int(at)*t.p+t.p] }
func (t *boxes) bounds(k int32) []float64 { return t.box[int(k)*2*t.p : (int(k)+1)*2*t.p] }

// leastOf is the least size below node k, of whose children it is known.
func (t *boxes) leastOf(k int32) float64 {
	n := &t.nodes[k]
	if n.left > 0 {
		return min(t.nodes[n.left].least, t.nodes[n.left+1].least)
	}
	least := math.Inf(1)
	for at := n.lo; at < n.hi; at++ {
		least = min(least, t.size[at])
	}
	return least
}

// grow takes note of the new point and size at a place.
func (t *boxes) grow(at int32) {
	q := t.row(at)
	for k := t.home[at]; k >= 0; k = t.nodes[k].up {
		box, grown := t.bounds(k), false
		for j, v := range q {
			if v < box[j] {
				box[j], grown = v, true
			}
			if v > box[t.p+j] {
				box[t.p+j], grown = v, true
			}
		}
		if !grown {
			break // and it lies in all boxes above
		}
	}
	t.settle(t.home[at])
}

// drop takes the point of a place away. The last point of its leaf moves there: drop
// returns its slot, or -1.
func (t *boxes) drop(at int32) (moved, to int32) {
	n := &t.nodes[t.home[at]]
	n.hi--
	moved, to = -1, at
	if at != n.hi {
		copy(t.row(at), t.row(n.hi))
		t.size[at], t.slot[at] = t.size[n.hi], t.slot[n.hi]
		moved = t.slot[at]
	}
	t.settle(t.home[at])
	return moved, to
}

// settle brings the least sizes up to date from a leaf upwards.
func (t *boxes) settle(k int32) {
	for ; k >= 0; k = t.nodes[k].up {
		least := t.leastOf(k)
		if least == t.nodes[k].least {
			return
		}
		t.nodes[k].least = least
	}
}

// builder splits points.
type builder struct {
	x     []float64
	p     int
	order []int32
}

// split writes the box around points and divides them in two, the first of which it
// returns the number of; 0 where they are few or all the same. It cuts the column that
// varies most at its mean, or in halves where that would leave one side next to empty.
func (b *builder) split(order []int32, low, high []float64) int {
	sum, squares := make([]float64, b.p), make([]float64, b.p)
	first := b.x[int(order[0])*b.p:][:b.p]
	copy(low, first)
	copy(high, first)
	for _, i := range order {
		for j, v := range b.x[int(i)*b.p:][:b.p] {
			if v < low[j] {
				low[j] = v
			}
			if v > high[j] {
				high[j] = v
			}
			d := v - first[j]
			sum[j] += d
			squares[j] += float64(d * d)
		}
	}
	n := float64(len(order))
	best, at := -1.0, -1
	for j := range sum {
		if v := squares[j] - float64(sum[j]*sum[j])/n; low[j] < high[j] && (at < 0 || v > best) {
			best, at = v, j
		}
	}
	if len(order) <= leafSize || at < 0 {
		return 0
	}
	value := func(i int32) float64 { return b.x[int(i)*b.p+at] }
	cut := partition(order, func(i int32) bool { return value(i) < first[at]+sum[at]/n })
	if 32*min(cut, len(order)-cut) < len(order) {
		slices.SortFunc(order, func(i, j int32) int { return cmp.Or(cmp.Compare(value(i), value(j)), cmp.Compare(i, j)) })
		cut = len(order) / 2
	}
	return cut
}

// partition moves what is left to the front and returns how many those are.
func partition(order []int32, left func(int32) bool) int {
	k := 0
	for e, i := range order {
		if left(i) {
			order[k], order[e] = order[e], order[k]
			k++
		}
	}
	return k
}
