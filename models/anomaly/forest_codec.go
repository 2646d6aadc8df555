package anomaly

import (
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

func forestKinds() wire.Kinds { return wire.Kinds{"anomaly.isolationForest": loadForest} }

// Kind names the saved form.
func (m *isolationForest) Kind() string { return "anomaly.isolationForest" }

// Schema lists the columns that the model reads.
func (m *isolationForest) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the columns and the trees.
func (m *isolationForest) Save(w *wire.Writer) {
	m.plan.Save(w)
	w.Int(m.sample)
	w.Int(len(m.trees))
	for _, t := range m.trees {
		w.Floats(t.path)
		for _, n := range t.nodes {
			w.Float(n.at)
			w.Uint64(uint64(n.left)<<32 | uint64(n.feature))
		}
	}
}

// deepestTree bounds the walks of a loaded forest: a tree of 2^63 rows ends there.
const deepestTree = 64

func loadForest(r *wire.Reader) any {
	m := &isolationForest{plan: dense.LoadPlan(r), sample: r.Int(1, 1<<62)}
	m.trees = make([]isolationTree, r.Len(8+8+16))
	for i := range m.trees {
		m.trees[i] = loadIsolation(r, m.plan)
	}
	r.Check(len(m.trees) > 0, "anomaly: a forest without trees")
	return m
}

// loadIsolation checks that nodes look at columns that are there, in the way of their
// kind, and that each walk goes forward to a leaf that is not too deep.
func loadIsolation(r *wire.Reader, plan *dense.Plan) isolationTree {
	t := isolationTree{path: r.Finites()}
	n := len(t.path)
	if !r.Check(n > 0 && r.Rest()/16 >= n, "anomaly: a tree of %d nodes, but %d bytes are left", n, r.Rest()) {
		return t
	}
	t.nodes = make([]isolationNode, n)
	depth := make([]int, n)
	for i := range t.nodes {
		at, word := r.Finite(), r.Uint64()
		node := isolationNode{at, uint32(word >> 32), uint32(word)}
		j, left := int(node.feature>>3), int(node.left)
		if !r.Check(j < plan.Width() && t.path[i] >= 0, "anomaly: node %d looks at column %d and has path length %v", i, j, t.path[i]) {
			return t
		}
		t.nodes[i] = node
		t.depth = max(t.depth, depth[i])
		category := plan.Columns[j].Kind == dense.Category
		switch bits := node.feature & 7; {
		case bits == 0:
			r.Check(left == i, "anomaly: leaf %d leads to %d", i, left)
			continue
		case category:
			r.Check(bits == otherLevel, "anomaly: node %d splits a category as a number", i)
		default:
			r.Check(bits&otherLevel == 0 && bits&above != 0, "anomaly: node %d splits a number as a category", i)
		}
		if !r.Check(left > i && left+1 < n, "anomaly: node %d of %d leads to %d", i, n, left) {
			return t
		}
		depth[left], depth[left+1] = max(depth[left], depth[i]+1), max(depth[left+1], depth[i]+1)
	}
	r.Check(t.depth <= deepestTree, "anomaly: a tree of depth %d", t.depth)
	return t
}
