package golearn

import (
	"math"
	"slices"

	"github.com/sjwhitworth/golearn/kdtree"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back. golearn has no
// form of its own that is safe to read: a tree is saved node by node, the others as
// what golearn was given, and golearn builds its state anew.
func Kinds() wire.Kinds {
	return wire.Kinds{"golearn.ID3": loadTree, "golearn.BernoulliNB": loadBernoulli, "golearn.KNN": loadNeighbours}
}

func (ls levels) save(w *wire.Writer) {
	w.Schema(ls.schema())
	for _, l := range ls {
		w.Floats(l.edges)
	}
}

func loadLevels(r *wire.Reader) levels {
	schema := r.Schema()
	ls := make(levels, len(schema))
	for k, f := range schema {
		ls[k] = level{f, r.Finites()}
		rising := slices.IsSorted(ls[k].edges) && (f.Kind != table.CodeKind || len(ls[k].edges) == 0)
		r.Check(rising, "golearn: the edges of a feature do not rise, or are those of a category")
	}
	return ls
}

// codes is how many codes a feature has: missing, then bins or levels.
func (l level) codes() int {
	if l.field.Kind == table.CodeKind {
		return 1 + len(l.field.Levels)
	}
	return 2 + len(l.edges)
}

// Kind names the saved form.
func (m *tree) Kind() string { return "golearn.ID3" }

// Schema lists the features of training.
func (m *tree) Schema() table.Schema { return m.levels.schema() }

// Save appends the nodes. Each stands before those below it.
func (m *tree) Save(w *wire.Writer) {
	w.Strings(m.classes)
	w.String(m.note)
	m.levels.save(w)
	w.Int(len(m.nodes))
	for _, n := range m.nodes {
		w.Int(n.feature)
		w.Floats(n.share)
		var codes, next []int
		if n.feature >= 0 {
			for c := range int32(m.levels[n.feature].codes()) {
				if at, ok := n.next[c]; ok {
					codes, next = append(codes, int(c)), append(next, at)
				}
			}
		}
		w.Ints(codes)
		w.Ints(next)
	}
}

func loadTree(r *wire.Reader) any {
	m := &tree{classes: r.Classes(), note: r.String(), levels: loadLevels(r)}
	m.nodes = make([]treeNode, r.Len(4*8))
	r.Check(len(m.nodes) > 0, "golearn: a tree without nodes")
	for i := range m.nodes {
		n := treeNode{feature: r.Int(-1, len(m.levels)-1), share: r.Finites()}
		codes, next := r.Ints(0, math.MaxInt32), r.Ints(i+1, len(m.nodes)-1) // forward only: a walk ends
		r.Check(len(n.share) == len(m.classes) && len(codes) == len(next), "golearn: node %d has %d shares, %d codes for %d nodes", i, len(n.share), len(codes), len(next))
		if r.Err() != nil {
			return nil
		}
		if n.feature >= 0 {
			n.next = make(map[int32]int, len(codes))
			for k, c := range codes {
				r.Check(c < m.levels[n.feature].codes() && (k == 0 || codes[k-1] < c), "golearn: node %d has codes that are none, or do not rise", i)
				n.next[int32(c)] = next[k]
			}
		}
		r.Check(n.feature >= 0 || len(codes) == 0, "golearn: leaf %d has nodes below it", i)
		m.nodes[i] = n
	}
	return m
}

// Kind names the saved form.
func (m *neighbours) Kind() string { return "golearn.KNN" }

// Schema lists the columns that distances are measured in.
func (m *neighbours) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the rows kept. They are part of the model: whoever has the file has
// them.
func (m *neighbours) Save(w *wire.Writer) {
	w.Strings(m.classes)
	w.String(m.note)
	m.plan.Save(w)
	w.Int(m.k)
	w.Ints(m.labels)
	if len(m.labels) > mostRows {
		w.Fail("golearn: KNN: %d rows are kept; at most %d can be saved; fit with a lower MaxRows", len(m.labels), mostRows)
	}
	for _, row := range m.rows {
		w.Floats(row[:len(row)-1]) // without far
	}
}

// mostRows bounds the time that golearn takes to build its tree: it sorts the rows
// anew on each level, and equal rows make a chain of them.
const mostRows = 1 << 14

func loadNeighbours(r *wire.Reader) any {
	m := &neighbours{classes: r.Classes(), note: r.String(), plan: dense.LoadPlan(r)}
	m.k = r.Int(1, math.MaxInt32)
	m.labels = r.Ints(0, len(m.classes)-1)
	if err := m.plan.Numeric("golearn: KNN"); err != nil {
		r.Fail("%w", err)
	}
	if !r.Check(len(m.labels) > 0 && m.k <= len(m.labels) && len(m.labels) <= mostRows, "golearn: KNN: %d neighbours of %d rows", m.k, len(m.labels)) {
		return nil
	}
	m.rows = make([][]float64, len(m.labels))
	for i := range m.rows {
		row := r.Finites()
		r.Check(len(row) == m.plan.Width(), "golearn: KNN: row %d has %d numbers for %d columns", i, len(row), m.plan.Width())
		m.rows[i] = append(row, far)
	}
	if r.Err() != nil {
		return nil
	}
	m.tree = kdtree.New()
	if err := m.tree.Build(m.rows); err != nil {
		r.Fail("golearn: KNN: %w", err)
	}
	return m
}

// Kind names the saved form.
func (m *bernoulli) Kind() string { return "golearn.BernoulliNB" }

// Schema lists the features of training.
func (m *bernoulli) Schema() table.Schema { return m.levels.schema() }

// Save appends the counts that the model was made from.
func (m *bernoulli) Save(w *wire.Writer) {
	w.Strings(m.classes)
	w.String(m.note)
	m.levels.save(w)
	w.Ints(m.size)
	for _, count := range m.count {
		w.Ints(count)
	}
}

func loadBernoulli(r *wire.Reader) any {
	m := &bernoulli{classes: r.Classes(), note: r.String(), levels: loadLevels(r), size: r.Ints(1, math.MaxInt32)}
	r.Check(len(m.size) == len(m.classes), "golearn: BernoulliNB: %d sizes for %d classes", len(m.size), len(m.classes))
	for _, l := range m.levels {
		r.Check(l.field.Kind == table.CodeKind || len(l.edges) < 2, "golearn: BernoulliNB: a number has %d edges", len(l.edges))
	}
	m.widen()
	total := int64(0)
	for c, n := range m.size {
		total += int64(n)
		count := r.Ints(0, n)
		r.Check(len(count) == m.width && total <= math.MaxInt32, "golearn: BernoulliNB: %d counts for %d features of class %d; %d rows", len(count), m.width, c, total)
		m.count = append(m.count, count)
	}
	if r.Err() != nil {
		return nil
	}
	m.tables()
	return m
}
