package histtree

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

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

// Model is a fitted tree or forest. It is immutable and safe for concurrent use.
type Model struct {
	schema  table.Schema
	classes []string
	trees   []*tree
	used    []bool // features that some node looks at
	gain    []Gain
}

// assemble makes a model of trees, and notes at which features they look.
func assemble(schema table.Schema, classes []string, trees []*tree, gain []Gain) *Model {
	m := &Model{schema: schema, classes: classes, trees: trees, used: make([]bool, len(schema)), gain: gain}
	for _, t := range trees {
		for _, n := range t.nodes {
			if n.kind != leaf {
				m.used[n.feature] = true
			}
		}
	}
	return m
}

// Classes are the classes of training, sorted.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of nodes of all trees, leaves included.
func (m *Model) Size() (int, string) {
	n := 0
	for _, t := range m.trees {
		n += len(t.nodes)
	}
	return n, "nodes"
}

// Trees is the number of trees.
func (m *Model) Trees() int { return len(m.trees) }

// Depth is the number of splits on the longest way to a leaf.
func (m *Model) Depth() int {
	d := 0
	for _, t := range m.trees {
		d = max(d, t.depth)
	}
	return d
}

// Rows are predicted in blocks that fit in the cache together with one tree.
const predictBlock = 128

// Predict gives each row the mean, over the trees, of the class shares of the leaf it
// comes to. The trees are added in order, so that one row alone gets the same bits
// as in a batch. Time O(n · trees · depth), both cores.
func (m *Model) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, fmt.Errorf("histtree: %w", err)
	}
	if err := models.Predictable("histtree", m.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	e := m.encoder(rows)
	k := len(m.classes)
	out := models.NewPrediction(m.Classes(), rows.Rows())
	scratch := sync.Pool{New: func() any { x := make([]uint64, predictBlock*len(m.schema)); return &x }}
	par.Blocks(rows.Rows(), predictBlock, func(_, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		buffer := scratch.Get().(*[]uint64)
		x := *buffer
		e.encode(x, lo, hi)
		p := out.P[lo*k : hi*k]
		for _, t := range m.trees {
			t.add(p, x, hi-lo, len(m.schema))
		}
		if len(m.trees) > 1 {
			for i := range p {
				p[i] /= float64(len(m.trees))
			}
		}
		scratch.Put(buffer)
	})
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, fmt.Errorf("histtree: %w", err)
	}
	return out, nil
}

// add adds the tree's shares for n rows of width values to p. All rows go down one
// step before any goes down the next: a step waits for its loads, the steps of
// different rows do not wait for each other.
func (t *tree) add(p []float64, x []uint64, n, width int) {
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
			p[i*k+c] += v
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
		v := x[int(row)*width+int(n.feature)]
		above := uint32(0) // of a number: 1 if it goes right
		if v-uint64(n.kind) > n.cut {
			above = 1
		}
		category := uint64(n.kind) >> 1
		word := sets[(n.cut+v>>6)&-category] // of a number: some word
		out := uint32(word>>(v&63)&1) ^ 1    // of a category: 1 if it goes right
		right := above + (out-above)&-uint32(category)
		next := n.left + right
		at[row%predictBlock] = next
		walks[m] = uint64(row) | uint64(next)<<32
		m += int(n.ends>>(right&1)&1) ^ 1
	}
	return m
}

// encoder turns rows of a view into whole numbers in the order of the schema: keys of
// values, and of categories the schema's codes, one beyond the last for an unseen level.
type encoder struct {
	rows    table.View
	used    []bool
	columns []table.Column
	codes   [][]uint64 // of a category: from the column's codes to the schema's
}

func (m *Model) encoder(rows table.View) encoder {
	e := encoder{rows, m.used, make([]table.Column, len(m.schema)), make([][]uint64, len(m.schema))}
	for f, field := range m.schema {
		if !m.used[f] {
			continue
		}
		c := rows.Table().Column(field.Name)
		e.columns[f] = c
		if field.Kind != table.CodeKind {
			continue
		}
		levels := c.Levels()
		to := make([]uint64, len(levels)+1)
		for i, name := range levels {
			if at, ok := slices.BinarySearch(field.Levels, name); ok {
				to[i+1] = uint64(at + 1)
			} else {
				to[i+1] = uint64(len(field.Levels) + 1)
			}
		}
		e.codes[f] = to
	}
	return e
}

// encode writes rows lo to hi of the view to x, row after row.
func (e encoder) encode(x []uint64, lo, hi int) {
	width := len(e.columns)
	for f, c := range e.columns {
		switch {
		case !e.used[f]:
		case c.Kind == table.CodeKind:
			codes, to := c.Codes(), e.codes[f]
			for i := lo; i < hi; i++ {
				x[(i-lo)*width+f] = to[codes[e.rows.Row(i)]]
			}
		case c.Kind == table.FloatKind:
			values := c.Floats()
			for i := lo; i < hi; i++ {
				x[(i-lo)*width+f] = key(values[e.rows.Row(i)])
			}
		default:
			values := c.Ints()
			for i := lo; i < hi; i++ {
				x[(i-lo)*width+f] = key(float64(values[e.rows.Row(i)]))
			}
		}
	}
}
