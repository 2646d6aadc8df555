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

// Model is a fitted tree or forest. It is immutable and safe for concurrent use.
type Model struct {
	schema  table.Schema
	classes []string
	trees   []*tree
	used    []bool // features that some node looks at
	quick   *quick // the same trees as sets of leaves; nil where they are walked
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
	m.quick = newQuick(trees, schema)
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

// Predict gives each row the mean, over the trees, of the class shares of the leaf it
// comes to. The trees are added in order, so that one row alone gets the same bits
// as in a batch. Time O(n · trees · depth), both cores.
func (m *Model) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	k := len(m.classes)
	out := models.NewPrediction(m.Classes(), rows.Rows())
	err := m.sum(ctx, rows, make([]float64, k), func(i int, scores []float64) { m.mean(out.Row(i), scores) })
	if err != nil {
		return models.Prediction{}, err
	}
	return out, nil
}

// mean turns a row's sums over the trees into their mean.
func (m *Model) mean(p, sums []float64) {
	n := float64(len(m.trees))
	for c, v := range sums {
		p[c] = v / n
	}
}

// sum adds up, for every row, the values of the leaves it comes to, tree by tree in
// order, starting from base, and hands the sums to each, which may change them. Where
// leaves have fewer values than base, the trees take turns.
func (m *Model) sum(ctx context.Context, rows table.View, base []float64, each func(row int, sums []float64)) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("histtree: %w", err)
	}
	if err := models.Predictable("histtree", m.schema, rows); err != nil {
		return err
	}
	e := m.encoder(rows)
	width := len(base)
	rooms := sync.Pool{New: func() any { return m.newRoom(predictBlock, width) }}
	par.Blocks(rows.Rows(), predictBlock, func(_, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		r := rooms.Get().(*room)
		defer rooms.Put(r)
		for i := range hi - lo {
			copy(r.sums[i*width:], base)
		}
		if q := m.quick; q != nil {
			q.encode(r, e, lo, hi)
			for i := range hi - lo {
				q.score(r.sums[i*width:(i+1)*width], r.kept, r.states[i*len(q.features):])
			}
		} else {
			e.encode(r.x, lo, hi)
			at := 0
			for _, t := range m.trees {
				t.add(r.sums[at:], width, r.x, hi-lo, len(m.schema))
				at = (at + t.k) % width
			}
		}
		for i := range hi - lo {
			each(lo+i, r.sums[i*width:(i+1)*width])
		}
	})
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("histtree: %w", err)
	}
	return nil
}

// room is what scoring a block of rows needs.
type room struct {
	x      []uint64  // values of the rows, as the encoder gives them
	states []uint32  // of the rows, for quick
	kept   []uint64  // of a row, for quick
	sums   []float64 // of the rows
}

func (m *Model) newRoom(rows, scores int) *room {
	r := &room{sums: make([]float64, rows*scores)}
	if m.quick != nil {
		r.x = make([]uint64, rows)
		r.states = make([]uint32, rows*len(m.quick.features))
		r.kept = make([]uint64, len(m.trees))
	} else {
		r.x = make([]uint64, rows*len(m.schema))
	}
	return r
}
