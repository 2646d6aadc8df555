package histtree

import "math"

// kind says how a node sends a row on.
type kind uint8

const (
	missingLeft  kind = 0 // x ≤ cut and missing go left
	missingRight kind = 1 // x ≤ cut goes left
	category     kind = 2 // a set of levels goes left
	leaf         kind = 4 // a bit of its own
)

// A node is a split or a leaf, in 16 bytes. The right child follows the left one.
//
// Numbers are compared as whole ones of the same order, see key, for a comparison of
// floats becomes a jump, and one that nobody can predict. Missing has the key 0, the
// lowest; where it goes right, 1 is taken from the key, so that it becomes the highest.
type node struct {
	cut     uint64 // of a number, key of the threshold, less 1 where missing goes right; of a category, where in sets its set begins
	left    uint32
	feature uint16
	kind    kind
}

// key maps numbers to whole ones of the same order, from 2⁵² up, and NaN to 0.
func key(x float64) uint64 {
	if x != x {
		return 0
	}
	b := math.Float64bits(x + 0) // -0 becomes 0
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// tree is a grown tree.
type tree struct {
	k      int
	nodes  []node
	values []float64 // node by class: of a leaf, shares of 1
	sets   []uint64  // of category nodes: schema codes that go left
	cover  []float64 // by node: weight of the training rows that came to it
	gain   []float64 // by feature: weight times impurity taken away
	depth  int
}

// close makes every leaf a split that sends all values to itself, so that a walk need
// not look where it ends, and adds up the weights of the leaves. Children stand after
// their parents.
func (t *tree) close() *tree {
	for i := len(t.nodes) - 1; i >= 0; i-- {
		if n := &t.nodes[i]; n.kind == leaf {
			n.left, n.cut = uint32(i), math.MaxUint64
		} else {
			t.cover[i] = t.cover[n.left] + t.cover[n.left+1]
		}
	}
	return t
}

// Rows are scored in blocks that fit in the cache together with one tree.
const predictBlock = 128

// add adds the values of the leaves of n rows, of width values each in x, to theirs of
// the stride scores that each row has in to.
func (t *tree) add(to []float64, stride int, x []uint64, n, width int) {
	var at [predictBlock + 3]uint32
	last := n - 1
	for i := 0; i < n; i += 4 {
		at[i], at[i+1], at[i+2], at[i+3] = t.walk(x, i*width, min(i+1, last)*width, min(i+2, last)*width, min(i+3, last)*width)
	}
	k := t.k
	for i, node := range at[:n] {
		for c, v := range t.values[int(node)*k : int(node+1)*k] {
			to[i*stride+c] += v
		}
	}
}

// walk returns the leaves of four rows, which begin at p, q, r and s in x. A step waits
// for its loads; those of different rows do not wait for each other.
func (t *tree) walk(x []uint64, p, q, r, s int) (a, b, c, d uint32) {
	nodes, sets := t.nodes, t.sets
	for {
		k, l, m, n := &nodes[a], &nodes[b], &nodes[c], &nodes[d]
		if k.kind&l.kind&m.kind&n.kind == leaf {
			return a, b, c, d
		}
		a = k.left + k.right(x[p+int(k.feature)], sets)
		b = l.left + l.right(x[q+int(l.feature)], sets)
		c = m.left + m.right(x[r+int(m.feature)], sets)
		d = n.left + n.right(x[s+int(n.feature)], sets)
	}
}

// right is 1 if the value goes right, and 0 if it goes left. Splits of categories are
// few, and the jump past them is nearly always foreseen.
func (n *node) right(v uint64, sets []uint64) uint32 {
	if n.kind == category {
		return uint32(sets[n.cut+v>>6]>>(v&63)&1) ^ 1
	}
	above := uint32(0)
	if v-uint64(n.kind) > n.cut {
		above = 1
	}
	return above
}
