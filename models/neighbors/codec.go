package neighbors

import (
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back.
func Kinds() wire.Kinds { return wire.Kinds{"neighbors.Model": loadModel} }

// Kind names the saved form.
func (m *Model) Kind() string { return "neighbors.Model" }

// Schema lists the columns that distances are measured in.
func (m *Model) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the training rows kept, in the tree's order, and the shape of the
// tree: node by node, each before its parts, the points of a leaf or 0. Boxes are
// not saved; they follow from the points. The rows are part of the model: whoever
// has the file has them.
func (m *Model) Save(w *wire.Writer) {
	w.Strings(m.classes)
	m.plan.Save(w)
	w.Float(m.k)
	w.Ints(m.space.columns)
	t := m.tree
	if v := m.moves(); v > mostMoves {
		w.Fail("neighbors: K is %v of %d rows: a row could take %.3g steps; at most %d can be saved; fit with a smaller K", m.k, len(t.index), v, mostMoves)
	}
	sizes := make([]int32, len(t.nodes))
	for i, n := range t.nodes {
		if n.left == 0 {
			sizes[i] = n.hi - n.lo
		}
	}
	w.Int32s(sizes)
	w.Int32s(t.index)
	w.Int32s(t.label)
	w.Floats(t.weight)
	c := len(m.space.columns) // without the padding
	w.Int(len(t.index) * c)
	for i := range t.index {
		for _, v := range t.points.numbers(i)[:c] {
			w.Float(v)
		}
	}
	w.Int32s(t.points.code)
}

// mostMoves bounds moves, so that no file makes a prediction run for ever.
const mostMoves = 1 << 32

// moves is how many times a hit may be moved to put the neighbours of one row in order.
func (m *Model) moves() float64 {
	n := float64(len(m.tree.index))
	return n * min(n, m.k/slices.Min(m.tree.weight)+1)
}

// deepest is the depth of a tree beyond which a file is refused. Cuts at the mean
// go no deeper than meanDepth, those at the median halve.
const deepest = 1 << 14

// costly is the largest squared distance of two levels; as with farthest, sums of
// them stay finite.
const costly = farthest * farthest

func loadModel(r *wire.Reader) any {
	m := &Model{classes: r.Classes(), plan: dense.LoadPlan(r), k: r.Finite()}
	r.Check(m.k > 0, "neighbors: K is %v", m.k)
	m.space = &space{plan: m.plan, columns: r.Ints(0, m.plan.Width()-1)}
	sizes := r.Int32s()
	t := &tree{space: m.space, index: r.Int32s(), label: r.Int32s(), weight: r.Finites()}
	m.tree = t
	x, code := r.Finites(), r.Int32s()
	if r.Err() != nil {
		return nil
	}
	for _, j := range m.space.columns {
		kind := m.plan.Columns[j].Kind
		r.Check(kind == dense.Number || kind == dense.Lookup, "neighbors: column %d is no number", j)
	}
	m.space.measure()
	for _, cost := range m.space.cost {
		r.Check(slices.Max(cost) <= costly, "neighbors: levels that are infinitely far apart")
	}
	n, c := len(t.index), len(m.space.columns)
	ok := n > 0 && n <= math.MaxInt32 && len(t.label) == n && len(t.weight) == n && len(x) == n*c && len(code) == n*m.space.g
	if !r.Check(ok, "neighbors: %d rows with %d labels, %d weights, %d numbers and %d levels", n, len(t.label), len(t.weight), len(x), len(code)) {
		return nil
	}
	t.points = m.space.room(n)
	for i := range n {
		copy(t.points.numbers(i), x[i*c:(i+1)*c])
		if t.index[i] < 0 || t.label[i] < 0 || int(t.label[i]) >= len(m.classes) || !(t.weight[i] > 0) {
			r.Fail("neighbors: row %d has place %d, label %d, weight %v", i, t.index[i], t.label[i], t.weight[i])
		}
	}
	r.Check(r.Err() != nil || m.moves() <= mostMoves, "neighbors: %v neighbours of %d rows", m.k, n)
	for _, v := range x {
		if !(math.Abs(v) <= farthest) {
			r.Fail("neighbors: the number %v cannot be squared", v)
		}
	}
	copy(t.points.code, code)
	for i, v := range code {
		if v < 0 || int(v) >= len(m.space.cost[i%m.space.g]) {
			r.Fail("neighbors: level %d", v)
		}
	}
	p := planter{r: r, t: t, sizes: sizes}
	p.node(0)
	r.Check(len(p.sizes) == 0 && int(p.lo) == n, "neighbors: the tree has %d nodes and %d points too many", len(p.sizes), n-int(p.lo))
	if r.Err() != nil {
		return nil
	}
	t.enclose()
	return m
}

// planter makes nodes from the sizes of leaves.
type planter struct {
	r     *wire.Reader
	t     *tree
	sizes []int32 // those to come
	lo    int32   // points so far
}

// node makes the next node with all below it and returns its number.
func (p *planter) node(depth int) int32 {
	if !p.r.Check(len(p.sizes) > 0 && depth < deepest, "neighbors: a tree cut short, or deeper than %d", deepest) {
		return 0
	}
	size := p.sizes[0]
	p.sizes = p.sizes[1:]
	if !p.r.Check(size >= 0 && int64(p.lo)+int64(size) <= int64(len(p.t.index)), "neighbors: a leaf of %d points", size) {
		return 0
	}
	at := int32(len(p.t.nodes))
	n := node{lo: p.lo, hi: p.lo + size}
	p.t.nodes = append(p.t.nodes, n)
	if size > 0 {
		n.first = slices.Min(p.t.index[n.lo:n.hi])
		p.lo = n.hi
	} else {
		n.left = p.node(depth + 1)
		n.right = p.node(depth + 1)
		if p.r.Err() != nil {
			return 0
		}
		n.hi = p.lo
		n.first = min(p.t.nodes[n.left].first, p.t.nodes[n.right].first)
	}
	p.t.nodes[at] = n
	return at
}

// enclose finds the boxes of all nodes from the points.
func (t *tree) enclose() {
	b := builder{space: t.space, from: t.points, t: t}
	m, g, n := t.space.m, t.space.g, len(t.nodes)
	t.bounds, t.pure, t.mask, t.cheapest = make([]float64, n*2*m), make([]int32, n*g), make([]uint64, n*g), make([]float64, n*g)
	var rows []int32
	for at := n - 1; at >= 0; at-- { // the parts of a node come after it
		node := t.nodes[at]
		if node.left != 0 {
			b.join(at, int(node.left), int(node.right))
			continue
		}
		rows = rows[:0]
		for i := node.lo; i < node.hi; i++ {
			rows = append(rows, i)
		}
		b.box(at, rows)
	}
}
