package near

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// Tree is points cut into boxes, each into two smaller ones, down to leaves of a few
// points. It is immutable; callers only read.
//
//	bounds    for each node m lowest, then m highest numbers
//	pure      for each node and category the one code it has, or -1
//	mask      … the set of its codes, modulo 64
//	cheapest  … the lowest cost of its codes
type Tree struct {
	Space  *Space
	Points *Points   // in the tree's order
	Index  []int32   // row of a point, as Grow was given them; rises within a leaf
	Weight []float64 // of a point, above 0
	Nodes  []Node    // each before its parts; 0 is the root

	bounds   []float64
	pure     []int32
	mask     []uint64
	cheapest []float64

	once  sync.Once
	small *sieve // made when a batch needs it
}

// Node is a box: points Lo ≤ at < Hi of the tree's order.
type Node struct {
	Lo, Hi      int32
	Left, Right int32 // 0 in a leaf
	First       int32 // the lowest row in it
}

// Box is the lowest and the highest numbers of a node.
func (t *Tree) Box(at int32) (lows, highs []float64) {
	m := t.Space.m
	return t.bounds[int(at)*2*m:][:m], t.bounds[int(at)*2*m+m:][:m]
}

const (
	leafRows   = 32  // points of a leaf, unless they are all the same
	sampleRows = 128 // points that a cut is chosen by
	meanDepth  = 60  // cuts at the mean, which follow clusters; deeper ones at the median
)

// Plant grows the tree of a view's rows in the columns of a plan, which must be numbers
// or one-hot. Points of weight 0 are left out, nil is a weight of 1 each; of points that
// are all the same only as many are kept as hold a weight of k. Errors begin with pkg.
func Plant(ctx context.Context, pkg string, plan *dense.Plan, train table.View, weights []float64, k float64) (*Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n := train.Rows(); n > math.MaxInt32 {
		return nil, fmt.Errorf("%s: %d rows to keep; want at most %d; fit on a sample", pkg, n, math.MaxInt32)
	}
	rows, err := plan.Bind(pkg, train)
	if err != nil {
		return nil, err
	}
	if err := plan.Numeric(pkg); err != nil {
		return nil, err
	}
	s := newSpace(pkg, plan, rows)
	p, err := s.points(ctx, rows, 0, rows.Len())
	if err != nil {
		return nil, err
	}
	return Grow(ctx, s, p, weights, k)
}

// Grow is Plant for points at hand.
func Grow(ctx context.Context, s *Space, p *Points, weights []float64, k float64) (*Tree, error) {
	b := builder{ctx: ctx, space: s, from: p, weights: weights, k: k, t: &Tree{Space: s}}
	for i := range p.N {
		if weight(weights, i) > 0 {
			b.order = append(b.order, int32(i))
		}
	}
	b.spare = make([]int32, len(b.order))
	b.node(0, len(b.order), 0)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := b.t
	n := len(t.Index)
	t.Weight = make([]float64, n)
	t.Points = s.Room(n)
	par.Blocks(n, 4096, func(_, lo, hi int) {
		for at := lo; at < hi; at++ {
			i := int(t.Index[at])
			copy(t.Points.Numbers(at), p.Numbers(i))
			copy(t.Points.Levels(at), p.Levels(i))
			t.Weight[at] = weight(weights, i)
		}
	})
	return t, nil
}

type builder struct {
	ctx          context.Context
	space        *Space
	from         *Points
	weights      []float64
	k            float64
	t            *Tree
	order, spare []int32
	sorted       []float64
}

// node builds the subtree of order[lo:hi] and returns its number.
func (b *builder) node(lo, hi, depth int) int32 {
	rows := b.order[lo:hi]
	at := int32(len(b.t.Nodes))
	b.t.Nodes = append(b.t.Nodes, Node{First: slices.Min(rows)})
	m, g := b.space.m, b.space.g
	b.t.bounds = append(b.t.bounds, make([]float64, 2*m)...)
	b.t.pure = append(b.t.pure, make([]int32, g)...)
	b.t.mask = append(b.t.mask, make([]uint64, g)...)
	b.t.cheapest = append(b.t.cheapest, make([]float64, g)...)
	if len(rows) > leafRows && b.ctx.Err() == nil {
		step := max(1, len(rows)/sampleRows)
		c := b.cut(rows, step, depth)
		if c.spread == 0 && step > 1 {
			c = b.cut(rows, 1, depth)
		}
		if c.spread > 0 {
			mid := lo + b.part(rows, c)
			left, right := b.node(lo, mid, depth+1), b.node(mid, hi, depth+1)
			n := &b.t.Nodes[at]
			n.Left, n.Right = left, right
			n.Lo, n.Hi = b.t.Nodes[left].Lo, b.t.Nodes[right].Hi
			b.join(int(at), int(left), int(right))
			return at
		}
		rows = b.enough(rows)
	}
	n := &b.t.Nodes[at]
	n.Lo = int32(len(b.t.Index))
	b.t.Index = append(b.t.Index, rows...)
	n.Hi = int32(len(b.t.Index))
	b.box(int(at), rows)
	return at
}

// enough returns the first of equal points that hold all votes.
func (b *builder) enough(rows []int32) []int32 {
	held := 0.0
	for i, r := range rows {
		if held += weight(b.weights, int(r)); held >= b.k {
			return rows[:i+1]
		}
	}
	return rows
}

// cut is a way to part points: number ≤ limit, or category = code.
type cut struct {
	spread   float64 // variance that the number or the level's column has; 0: there is none
	number   int     // or -1
	limit    float64
	category int
	code     int32
}

// cut chooses the number or level of the largest variance among every step-th point.
func (b *builder) cut(rows []int32, step, depth int) cut {
	best := cut{number: -1}
	m, g := b.space.m, b.space.g
	n := 0
	sum, low := make([]float64, m), make([]float64, m)
	copy(low, b.from.Numbers(int(rows[0])))
	counts := make([]map[int32]int, g)
	for k := range counts {
		counts[k] = map[int32]int{}
	}
	square := make([]float64, m)
	for i := 0; i < len(rows); i += step {
		n++
		for j, v := range b.from.Numbers(int(rows[i])) {
			d := v - low[j]
			sum[j] += d
			if d != 0 {
				square[j] += max(float64(d*d), math.SmallestNonzeroFloat64)
			}
		}
		for k, c := range b.from.Levels(int(rows[i])) {
			counts[k][c]++
		}
	}
	for j := range sum {
		mean := sum[j] / float64(n)
		if v := square[j]/float64(n) - float64(mean*mean); square[j] > 0 && (v > best.spread || best.spread == 0) {
			best = cut{spread: max(v, math.SmallestNonzeroFloat64), number: j, limit: low[j] + mean}
		}
	}
	for k := range g {
		// Each level once, in the order of the points: nothing comes from the map's order.
		for i := 0; i < len(rows); i += step {
			c := b.from.Levels(int(rows[i]))[k]
			q := float64(counts[k][c]) / float64(n)
			if v := q * (1 - q) * b.space.cost[k][c]; q < 1 && v > best.spread {
				best = cut{spread: v, number: -1, category: k, code: c}
			}
			if counts[k][c] == n {
				break
			}
		}
	}
	if best.number >= 0 {
		best.limit = b.limit(rows, step, best, depth)
	}
	return best
}

// limit moves a cut to the nearest value below it, so that both sides have points.
func (b *builder) limit(rows []int32, step int, c cut, depth int) float64 {
	x := b.sorted[:0]
	for i := 0; i < len(rows); i += step {
		x = append(x, b.from.Numbers(int(rows[i]))[c.number])
	}
	b.sorted = x
	slices.Sort(x)
	limit := c.limit
	if depth >= meanDepth {
		limit = x[len(x)/2]
	}
	at := x[0]
	for _, v := range x {
		if v <= limit && v < x[len(x)-1] {
			at = v
		}
	}
	return at
}

// part puts the points of the cut's first side before the others, each side in its
// order, and returns how many there are.
func (b *builder) part(rows []int32, c cut) int {
	n, rest := 0, b.spare[:0]
	for _, r := range rows {
		first := false
		if c.number >= 0 {
			first = b.from.Numbers(int(r))[c.number] <= c.limit
		} else {
			first = b.from.Levels(int(r))[c.category] == c.code
		}
		if first {
			rows[n] = r
			n++
		} else {
			rest = append(rest, r)
		}
	}
	copy(rows[n:], rest)
	return n
}

// box sets the bounds of a leaf.
func (b *builder) box(at int, rows []int32) {
	m, g := b.space.m, b.space.g
	lows, highs := b.t.bounds[at*2*m:at*2*m+m], b.t.bounds[at*2*m+m:(at+1)*2*m]
	for i, r := range rows {
		for j, v := range b.from.Numbers(int(r)) {
			if i == 0 {
				lows[j], highs[j] = v, v
			}
			lows[j], highs[j] = min(lows[j], v), max(highs[j], v)
		}
		for k, c := range b.from.Levels(int(r)) {
			cost := b.space.cost[k][c]
			if i == 0 {
				b.t.pure[at*g+k], b.t.cheapest[at*g+k] = c, cost
			}
			if b.t.pure[at*g+k] != c {
				b.t.pure[at*g+k] = -1
			}
			b.t.mask[at*g+k] |= 1 << (c % 64)
			b.t.cheapest[at*g+k] = min(b.t.cheapest[at*g+k], cost)
		}
	}
}

// join sets the bounds of a node from its parts.
func (b *builder) join(at, left, right int) {
	m, g := b.space.m, b.space.g
	t := b.t
	for j := range m {
		t.bounds[at*2*m+j] = min(t.bounds[left*2*m+j], t.bounds[right*2*m+j])
		t.bounds[at*2*m+m+j] = max(t.bounds[left*2*m+m+j], t.bounds[right*2*m+m+j])
	}
	for k := range g {
		t.pure[at*g+k] = -1
		if c := t.pure[left*g+k]; c == t.pure[right*g+k] {
			t.pure[at*g+k] = c
		}
		t.mask[at*g+k] = t.mask[left*g+k] | t.mask[right*g+k]
		t.cheapest[at*g+k] = min(t.cheapest[left*g+k], t.cheapest[right*g+k])
	}
}
