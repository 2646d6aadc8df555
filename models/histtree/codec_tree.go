package histtree

import (
	"math"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// A tree is saved as lists: the kind of every node; the left child and the feature of
// every split; the threshold of every split of a number; the sets of all splits of
// categories, one after the other; the values and the weight of every leaf. What
// follows from these is computed again: right children, weights of splits, depth.

// Kinds of nodes in a file are those in memory, but for leaves: what a leaf is in memory
// follows from how trees are walked, and may change; files may not.
const (
	savedLeaf = 3
	oddLeaf   = 4 // of some files of version 1 written before 0.1.0 was out; read, never written
)

func saveTrees(w *wire.Writer, schema table.Schema, trees []*tree) {
	w.Int(len(trees))
	for _, t := range trees {
		t.save(w, schema)
	}
}

func (t *tree) save(w *wire.Writer, schema table.Schema) {
	kinds := make([]uint8, len(t.nodes))
	var left, features []uint32
	var sets []uint64
	var cuts, values, cover []float64
	for i, n := range t.nodes {
		kinds[i] = uint8(n.kind)
		switch n.kind {
		case leaf:
			kinds[i] = savedLeaf
			values = append(values, t.leaf(uint32(i))...)
			cover = append(cover, t.cover[i])
			continue
		case category:
			sets = append(sets, t.set(n, schema)...)
		default:
			cuts = append(cuts, n.threshold())
		}
		left, features = append(left, n.left), append(features, uint32(n.feature))
	}
	w.Uint8s(kinds)
	w.Uint32s(left)
	w.Uint32s(features)
	w.Floats(cuts)
	w.Uint64s(sets)
	w.Floats(values)
	w.Floats(cover)
}

// loadTrees reads trees whose leaves have k values each.
func loadTrees(r *wire.Reader, schema table.Schema, k int) []*tree {
	trees := make([]*tree, r.Len(7*8)) // a tree has seven lists
	for i := range trees {
		if trees[i] = loadTree(r, schema, k); r.Err() != nil {
			return nil
		}
	}
	return trees
}

func loadTree(r *wire.Reader, schema table.Schema, k int) *tree {
	kinds, left, features := r.Uint8s(), r.Uint32s(), r.Uint32s()
	cuts, sets, values, cover := r.Floats(), r.Uint64s(), r.Finites(), r.Finites()
	leaves := (len(kinds) + 1) / 2
	fits := len(kinds)%2 == 1 && len(left) == leaves-1 && len(features) == leaves-1 && len(cover) == leaves && len(values) == leaves*k
	if !r.Check(fits, "histtree: lists of a tree do not fit together") {
		return nil
	}
	t := &tree{k: k, nodes: make([]node, len(kinds)), values: make([]float64, len(kinds)*k), cover: make([]float64, len(kinds)), sets: make([]uint64, 1, 1+len(sets))}
	depth := make([]int, len(kinds))
	child := make([]bool, len(kinds))
	for i := range t.nodes {
		n := &t.nodes[i]
		n.kind = kind(kinds[i])
		t.depth = max(t.depth, depth[i])
		if kinds[i] == savedLeaf || kinds[i] == oddLeaf {
			n.kind = leaf
			if !r.Check(len(cover) > 0 && (cover[0] > 0 || leaves == 1 && cover[0] == 0), "histtree: a leaf of no weight, or too many leaves") {
				return nil
			}
			copy(t.values[i*k:], values[:k])
			t.cover[i] = cover[0]
			values, cover = values[k:], cover[1:]
			continue
		}
		if !r.Check(len(left) > 0 && n.kind <= category, "histtree: node %d is of kind %d, or a split too many", i, n.kind) {
			return nil
		}
		l, f := left[0], features[0]
		left, features = left[1:], features[1:]
		// Every node but the first is the child of one that stands before it: a tree.
		if !r.Check(int64(l) > int64(i) && int64(l)+1 < int64(len(kinds)) && !child[l] && !child[l+1], "histtree: node %d has children at %d", i, l) {
			return nil
		}
		child[l], child[l+1] = true, true
		depth[l], depth[l+1] = depth[i]+1, depth[i]+1
		if !r.Check(int64(f) < int64(min(len(schema), 1<<16)) && (n.kind == category) == (schema[f].Kind == table.CodeKind), "histtree: node %d cannot look at feature %d", i, f) {
			return nil
		}
		n.left, n.feature = l, uint16(f)
		if n.kind == category {
			words := setWords(schema[f])
			if !r.Check(words <= len(sets), "histtree: the levels of node %d are missing", i) {
				return nil
			}
			n.cut = uint64(len(t.sets))
			t.sets = append(t.sets, sets[:words]...)
			sets = sets[words:]
			continue
		}
		if !r.Check(len(cuts) > 0 && !math.IsNaN(cuts[0]), "histtree: node %d has no threshold", i) {
			return nil
		}
		n.cut = key(cuts[0]) - uint64(n.kind)
		cuts = cuts[1:]
	}
	r.Check(len(cuts) == 0 && len(sets) == 0, "histtree: %d thresholds and %d words of levels too many", len(cuts), len(sets))
	t.close()
	r.Check(!math.IsInf(t.cover[0], 0), "histtree: a tree of infinite weight")
	return t
}

// leaf returns the values of a node.
func (t *tree) leaf(i uint32) []float64 { return t.values[int(i)*t.k : (int(i)+1)*t.k] }

// set returns the codes that go left at a node that splits a category.
func (t *tree) set(n node, schema table.Schema) []uint64 {
	return t.sets[n.cut:][:setWords(schema[n.feature])]
}

// setWords is the number of words in a set of codes: missing, the levels, and one for
// every other level.
func setWords(f table.Field) int { return (len(f.Levels) + 2 + 63) / 64 }

// threshold is the largest number that goes left.
func (n node) threshold() float64 { return number(n.cut + uint64(n.kind)) }

// number is the number of a key.
func number(key uint64) float64 {
	return math.Float64frombits(key ^ (uint64(int64(^key)>>63) | 1<<63))
}
