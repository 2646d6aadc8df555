package histtree

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// kind says how a node sends a row on.
type kind uint8

const (
	number      kind = iota // x ≤ cut goes left, missing goes right
	missingLeft             // x ≤ cut and missing go left
	category                // a set of levels goes left
	leaf
)

// A node is a split or a leaf, in 16 bytes. The right child follows the left one.
type node struct {
	cut     float64 // threshold; of a category, where in sets its set begins
	left    uint32  // left child; of a leaf, its number among the values
	feature uint16
	kind    kind
}

// tree is a grown tree.
type tree struct {
	k      int
	nodes  []node
	values []float64 // leaf by class: shares of 1
	sets   []uint64  // of category nodes: schema codes that go left
	gain   []float64 // by feature: weight times impurity taken away
	depth  int
}

// Model is a fitted tree or forest. It is immutable and safe for concurrent use.
type Model struct {
	schema  table.Schema
	classes []string
	trees   []*tree
	used    []bool // features that some node looks at
	gain    []Gain
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
	scratch := sync.Pool{New: func() any { x := make([]float64, predictBlock*len(m.schema)); return &x }}
	par.Blocks(rows.Rows(), predictBlock, func(_, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		buffer := scratch.Get().(*[]float64)
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

// add adds the tree's shares for n rows of width values to p.
func (t *tree) add(p, x []float64, n, width int) {
	k := t.k
	for i := range n {
		v := t.values[t.find(x[i*width:(i+1)*width])*k:]
		for c := range p[i*k : (i+1)*k] {
			p[i*k+c] += v[c]
		}
	}
}

// find returns the number of the leaf that the row comes to.
func (t *tree) find(row []float64) int {
	nodes := t.nodes
	at := uint32(0)
	for {
		n := &nodes[at]
		x := 0.0
		if int(n.feature) < len(row) {
			x = row[n.feature]
		}
		switch n.kind {
		case leaf:
			return int(n.left)
		case number:
			at = n.left
			if !(x <= n.cut) {
				at++
			}
		case missingLeft:
			at = n.left
			if x > n.cut {
				at++
			}
		default:
			code := int(x)
			at = n.left + 1 - uint32(t.sets[int(n.cut)+code>>6]>>(code&63)&1)
		}
	}
}

// encoder turns rows of a view into numbers in the order of the schema: values, and
// of categories the schema's codes, with one beyond the last for an unseen level.
type encoder struct {
	rows    table.View
	columns []table.Column
	codes   [][]float64 // of a category: from the column's codes to the schema's
}

func (m *Model) encoder(rows table.View) encoder {
	e := encoder{rows, make([]table.Column, len(m.schema)), make([][]float64, len(m.schema))}
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
		to := make([]float64, len(levels)+1)
		for i, name := range levels {
			if at, ok := slices.BinarySearch(field.Levels, name); ok {
				to[i+1] = float64(at + 1)
			} else {
				to[i+1] = float64(len(field.Levels) + 1)
			}
		}
		e.codes[f] = to
	}
	return e
}

// encode writes rows lo to hi of the view to x, row after row.
func (e encoder) encode(x []float64, lo, hi int) {
	width := len(e.columns)
	for f, c := range e.columns {
		switch {
		case c.Name == "": // not used
		case c.Kind == table.CodeKind:
			codes, to := c.Codes(), e.codes[f]
			for i := lo; i < hi; i++ {
				x[(i-lo)*width+f] = to[codes[e.rows.Row(i)]]
			}
		case c.Kind == table.FloatKind:
			values := c.Floats()
			for i := lo; i < hi; i++ {
				x[(i-lo)*width+f] = values[e.rows.Row(i)]
			}
		default:
			values := c.Ints()
			for i := lo; i < hi; i++ {
				x[(i-lo)*width+f] = float64(values[e.rows.Row(i)])
			}
		}
	}
}
