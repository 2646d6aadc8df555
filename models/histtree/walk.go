package histtree

import "math"

// kind says how a node sends a row on.
type kind uint8

const (
	missingLeft  kind = 0 // x ≤ cut and missing go left
	missingRight kind = 1 // x ≤ cut goes left
	category     kind = 2 // a set of levels goes left
	leaf         kind = 3
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
	ends    uint8 // 1: the left child is a leaf; 2: the right one
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

// close notes which children are leaves, so that a walk need not look, and adds up
// the weights of the leaves. Children stand after their parents.
func (t *tree) close() *tree {
	for i := len(t.nodes) - 1; i >= 0; i-- {
		n := &t.nodes[i]
		if n.kind == leaf {
			continue
		}
		t.cover[i] = t.cover[n.left] + t.cover[n.left+1]
		for side := range uint32(2) {
			if t.nodes[n.left+side].kind == leaf {
				n.ends |= 1 << side
			}
		}
	}
	return t
}

// Rows are scored in blocks that fit in the cache together with one tree.
const predictBlock = 128

// add adds the values of the leaves of n rows, of width values each in x, to theirs of
// the stride scores that each row has in to. All rows go down one step before any goes
// down the next: a step waits for its loads, the steps of different rows do not wait
// for each other.
func (t *tree) add(to []float64, stride int, x []uint64, n, width int) {
	var at [predictBlock]uint32
	if t.nodes[0].kind != leaf {
		var walks [predictBlock]uint64
		for i := range walks {
			walks[i] = uint64(i) // at node 0
		}
		for left := walks[:n]; len(left) > 0; {
			left = left[:t.step(&at, left, x, width)]
		}
	}
	k := t.k
	for i, node := range at[:n] {
		for c, v := range t.values[int(node)*k : int(node+1)*k] {
			to[i*stride+c] += v
		}
	}
}

// step takes every walk, a row and the node above it where it stands, one node down,
// notes in at where that is, keeps the walks that have not come to a leaf at the
// front, and returns how many. Nothing in it jumps by the data: a wrongly foreseen
// jump costs more than both ways together.
func (t *tree) step(at *[predictBlock]uint32, walks []uint64, x []uint64, width int) int {
	nodes, sets := t.nodes, t.sets
	m := 0
	for _, walk := range walks {
		row := uint32(walk)
		n := &nodes[walk>>32]
		right := n.right(x[int(row)*width+int(n.feature)], sets)
		next := n.left + right
		at[row%predictBlock] = next
		walks[m] = uint64(row) | uint64(next)<<32
		m += int(n.ends>>(right&1)&1) ^ 1
	}
	return m
}

// right is 1 if the value goes right, and 0 if it goes left.
func (n *node) right(v uint64, sets []uint64) uint32 {
	above := uint32(0) // of a number: 1 if it goes right
	if v-uint64(n.kind) > n.cut {
		above = 1
	}
	category := uint64(n.kind) >> 1
	word := sets[(n.cut+v>>6)&-category] // of a number: some word
	out := uint32(word>>(v&63)&1) ^ 1    // of a category: 1 if it goes right
	return above + (out-above)&-uint32(category)
}
