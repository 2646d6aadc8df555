package neighbors

import (
	"context"
	"math"
	"slices"
	"sync"

	"flowbook/internal/par"
)

// tree is the training points cut into boxes, each into two smaller ones, down to
// leaves of a few points.
//
//	node      a box: points lo ≤ at < hi of the tree's order
//	bounds    for each node m lowest, then m highest numbers
//	pure      for each node and category the one code it has, or -1
//	mask      … the set of its codes, modulo 64
//	cheapest  … the lowest cost of its codes
//	index     row of training of a point; rises within a leaf
type tree struct {
	space    *space
	points   *points
	index    []int32
	label    []int32
	weight   []float64
	nodes    []node
	bounds   []float64
	pure     []int32
	mask     []uint64
	cheapest []float64

	once  sync.Once
	small *sieve // made when a batch needs it
}

type node struct {
	lo, hi      int32
	left, right int32 // 0 in a leaf
	first       int32 // the lowest row of training in it
}

const (
	leafRows   = 32  // points of a leaf, unless they are all the same
	sampleRows = 128 // points that a cut is chosen by
	meanDepth  = 60  // cuts at the mean, which follow clusters; deeper ones at the median
)

// grow builds the tree. Points of weight 0 are left out; of points that are all the
// same only as many are kept as can be neighbours.
func grow(ctx context.Context, s *space, p *points, labels []int, weights []float64, k float64) (*tree, error) {
	b := builder{ctx: ctx, space: s, from: p, weights: weights, k: k, t: &tree{space: s}}
	for i := range labels {
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
	n := len(t.index)
	t.label, t.weight = make([]int32, n), make([]float64, n)
	t.points = s.room(n)
	par.Blocks(n, 4096, func(_, lo, hi int) {
		for at := lo; at < hi; at++ {
			i := int(t.index[at])
			copy(t.points.numbers(at), p.numbers(i))
			copy(t.points.levels(at), p.levels(i))
			t.label[at], t.weight[at] = int32(labels[i]), weight(weights, i)
		}
	})
	return t, nil
}

type builder struct {
	ctx          context.Context
	space        *space
	from         *points
	weights      []float64
	k            float64
	t            *tree
	order, spare []int32
	sorted       []float64
}

// node builds the subtree of order[lo:hi] and returns its number.
func (b *builder) node(lo, hi, depth int) int32 {
	rows := b.order[lo:hi]
	at := int32(len(b.t.nodes))
	b.t.nodes = append(b.t.nodes, node{first: slices.Min(rows)})
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
			n := &b.t.nodes[at]
			n.left, n.right = left, right
			n.lo, n.hi = b.t.nodes[left].lo, b.t.nodes[right].hi
			b.join(int(at), int(left), int(right))
			return at
		}
		rows = b.enough(rows)
	}
	n := &b.t.nodes[at]
	n.lo = int32(len(b.t.index))
	b.t.index = append(b.t.index, rows...)
	n.hi = int32(len(b.t.index))
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
	copy(low, b.from.numbers(int(rows[0])))
	counts := make([]map[int32]int, g)
	for k := range counts {
		counts[k] = map[int32]int{}
	}
	square := make([]float64, m)
	for i := 0; i < len(rows); i += step {
		n++
		for j, v := range b.from.numbers(int(rows[i])) {
			d := v - low[j]
			sum[j] += d
			if d != 0 {
				square[j] += max(float64(d*d), math.SmallestNonzeroFloat64)
			}
		}
		for k, c := range b.from.levels(int(rows[i])) {
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
			c := b.from.levels(int(rows[i]))[k]
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
		x = append(x, b.from.numbers(int(rows[i]))[c.number])
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
			first = b.from.numbers(int(r))[c.number] <= c.limit
		} else {
			first = b.from.levels(int(r))[c.category] == c.code
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
		for j, v := range b.from.numbers(int(r)) {
			if i == 0 {
				lows[j], highs[j] = v, v
			}
			lows[j], highs[j] = min(lows[j], v), max(highs[j], v)
		}
		for k, c := range b.from.levels(int(r)) {
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
