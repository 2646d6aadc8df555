package near

import (
	"math"
	"slices"

	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Save appends the points in the tree's order, and the shape of the tree: node by node,
// each before its parts, the points of a leaf or 0. Boxes are not saved; they follow from
// the points. What the caller keeps of each point, between writes. k is the most that
// will be asked for.
func (t *Tree) Save(w *wire.Writer, k float64, between func()) {
	w.Ints(t.Space.columns)
	if v := t.moves(k); v > mostMoves {
		w.Fail("%s: K is %v of %d rows: a row could take %.3g steps; at most %.0f can be saved; fit with a smaller K", t.Space.pkg, k, len(t.Index), v, float64(mostMoves))
	}
	sizes := make([]int32, len(t.Nodes))
	for i, n := range t.Nodes {
		if n.Left == 0 {
			sizes[i] = n.Hi - n.Lo
		}
	}
	w.Int32s(sizes)
	w.Int32s(t.Index)
	between()
	w.Floats(t.Weight)
	c := len(t.Space.columns) // without the padding
	w.Int(len(t.Index) * c)
	for i := range t.Index {
		for _, v := range t.Points.Numbers(i)[:c] {
			w.Float(v)
		}
	}
	w.Int32s(t.Points.Code)
}

// mostMoves bounds moves, so that no file makes a prediction run for ever.
const mostMoves = 1 << 32

// moves is how many times a hit may be moved to put the neighbours of one row in order.
func (t *Tree) moves(k float64) float64 {
	n := float64(len(t.Index))
	return n * min(n, k/slices.Min(t.Weight)+1)
}

// deepest is the depth of a tree beyond which a file is refused. Cuts at the mean
// go no deeper than meanDepth, those at the median halve.
const deepest = 1 << 14

// costly is the largest squared distance of two levels; as with Farthest, sums of
// them stay finite.
const costly = Farthest * Farthest

// Load reads what Save wrote, nil if it is wrong. It checks all that a search for
// k relies on.
func Load(r *wire.Reader, pkg string, plan *dense.Plan, k float64, between func()) *Tree {
	s := &Space{pkg: pkg, plan: plan, columns: r.Ints(0, plan.Width()-1)}
	sizes := r.Int32s()
	t := &Tree{Space: s, Index: r.Int32s()}
	between()
	t.Weight = r.Finites()
	x, code := r.Finites(), r.Int32s()
	if r.Err() != nil {
		return nil
	}
	for _, j := range s.columns {
		kind := plan.Columns[j].Kind
		r.Check(kind == dense.Number || kind == dense.Lookup, "%s: column %d is no number", pkg, j)
	}
	s.measure()
	for _, cost := range s.cost {
		r.Check(slices.Max(cost) <= costly, "%s: levels that are infinitely far apart", pkg)
	}
	n, c := len(t.Index), len(s.columns)
	ok := n > 0 && n <= math.MaxInt32 && len(t.Weight) == n && len(x) == n*c && len(code) == n*s.g
	if !r.Check(ok, "%s: %d rows with %d weights, %d numbers and %d levels", pkg, n, len(t.Weight), len(x), len(code)) {
		return nil
	}
	t.Points = s.Room(n)
	for i := range n {
		copy(t.Points.Numbers(i), x[i*c:(i+1)*c])
		if t.Index[i] < 0 || !(t.Weight[i] > 0) {
			r.Fail("%s: row %d has place %d, weight %v", pkg, i, t.Index[i], t.Weight[i])
		}
	}
	r.Check(r.Err() != nil || t.moves(k) <= mostMoves, "%s: %v neighbours of %d rows", pkg, k, n)
	for _, v := range x {
		if !(math.Abs(v) <= Farthest) {
			r.Fail("%s: the number %v cannot be squared", pkg, v)
		}
	}
	copy(t.Points.Code, code)
	for i, v := range code {
		if v < 0 || int(v) >= len(s.cost[i%s.g]) {
			r.Fail("%s: level %d", pkg, v)
		}
	}
	p := planter{r: r, t: t, sizes: sizes}
	p.node(0)
	r.Check(len(p.sizes) == 0 && int(p.lo) == n, "%s: the tree has %d nodes and %d points too many", pkg, len(p.sizes), n-int(p.lo))
	if r.Err() != nil {
		return nil
	}
	t.enclose()
	return t
}

// planter makes nodes from the sizes of leaves.
type planter struct {
	r     *wire.Reader
	t     *Tree
	sizes []int32 // those to come
	lo    int32   // points so far
}

// node makes the next node with all below it and returns its number.
func (p *planter) node(depth int) int32 {
	if !p.r.Check(len(p.sizes) > 0 && depth < deepest, "%s: a tree cut short, or deeper than %d", p.t.Space.pkg, deepest) {
		return 0
	}
	size := p.sizes[0]
	p.sizes = p.sizes[1:]
	if !p.r.Check(size >= 0 && int64(p.lo)+int64(size) <= int64(len(p.t.Index)), "%s: a leaf of %d points", p.t.Space.pkg, size) {
		return 0
	}
	at := int32(len(p.t.Nodes))
	n := Node{Lo: p.lo, Hi: p.lo + size}
	p.t.Nodes = append(p.t.Nodes, n)
	if size > 0 {
		n.First = slices.Min(p.t.Index[n.Lo:n.Hi])
		p.lo = n.Hi
	} else {
		n.Left = p.node(depth + 1)
		n.Right = p.node(depth + 1)
		if p.r.Err() != nil {
			return 0
		}
		n.Hi = p.lo
		n.First = min(p.t.Nodes[n.Left].First, p.t.Nodes[n.Right].First)
	}
	p.t.Nodes[at] = n
	return at
}

// enclose finds the boxes of all nodes from the points.
func (t *Tree) enclose() {
	b := builder{space: t.Space, from: t.Points, t: t}
	m, g, n := t.Space.m, t.Space.g, len(t.Nodes)
	t.bounds, t.pure, t.mask, t.cheapest = make([]float64, n*2*m), make([]int32, n*g), make([]uint64, n*g), make([]float64, n*g)
	var rows []int32
	for at := n - 1; at >= 0; at-- { // the parts of a node come after it
		node := t.Nodes[at]
		if node.Left != 0 {
			b.join(at, int(node.Left), int(node.Right))
			continue
		}
		rows = rows[:0]
		for i := node.Lo; i < node.Hi; i++ {
			rows = append(rows, i)
		}
		b.box(at, rows)
	}
}
