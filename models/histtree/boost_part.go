package histtree

import (
	"math"

	"flowbook/internal/num"
	"flowbook/internal/par"
)

// split applies a bud's best cut: it writes the node, parts the rows and returns the
// children.
func (g *booster) split(t *bud) (left, right *bud) {
	s := &t.best
	c := &g.columns[s.feature]
	e := g.evaluators[0]
	o := g.tree
	o.gain[s.feature] += s.gain
	child := uint32(len(o.nodes))
	o.nodes = append(o.nodes, node{}, node{})
	n := node{left: child, feature: uint16(s.feature)}
	rest := t.sum.minus(s.l)
	heavier := e.weight(s.l) >= e.weight(rest) // the left child takes what the node does not know
	var goes [256]bool                         // codes of the feature that go left
	if c.known != nil {
		n.kind, n.cut = category, uint64(len(o.sets))
		for b := range c.bins {
			goes[b] = s.in[b>>6]>>(b&63)&1 != 0 || heavier && s.has[b>>6]>>(b&63)&1 == 0
		}
		o.sets = append(o.sets, c.set(&goes, heavier)...)
	} else {
		last, at := g.threshold(t, c)
		n.kind = missingRight
		if s.missing < 0 || s.missing == 0 && heavier {
			n.kind = missingLeft
		}
		n.cut = key(at) - uint64(n.kind)
		for b := c.first; b <= last; b++ {
			goes[b] = true
		}
		if c.first == 1 {
			goes[0] = n.kind == missingLeft
		}
	}
	o.nodes[t.node] = n
	var side [256]uint8 // 1 for codes of the bundle that go left
	for i, b := range c.of[:g.bundles[c.bundle].size] {
		if goes[b] {
			side[i] = 1
		}
	}
	words, shift := g.words[c.bundle/quad].words, uint(c.bundle%quad*8)
	left = &bud{node: child, depth: t.depth + 1, sum: s.l}
	right = &bud{node: child + 1, depth: t.depth + 1, sum: rest}
	left.in, right.in = g.in.part(t.in, words, shift, &side)
	left.out, right.out = g.out.part(t.out, words, shift, &side)
	return left, right
}

// threshold returns the last code that goes left and the number that stands between
// it and the next: of the gaps between bins, the one midway between the codes that
// occur in the node, so that rows which are not in the sample go by their code to the
// side that they go to by their value.
func (g *booster) threshold(t *bud, c *boostColumn) (int, float64) {
	s := &t.best
	bins, last := c.edges, int(s.last)-c.first
	next := last + 1
	occurs := g.occurring(t, c)
	for next < len(bins.lower) && !occurs[next+c.first] {
		next++
	}
	if next == len(bins.lower) {
		return c.bins - 1, math.Inf(1) // values on the left, missing ones on the right
	}
	middle := num.Midpoint(bins.upper[last], bins.lower[next])
	for last+1 < next && bins.upper[last+1] <= middle {
		last++
	}
	return last + c.first, num.Midpoint(bins.upper[last], bins.lower[last+1])
}

// occurring says which codes of a feature the node has.
func (g *booster) occurring(t *bud, c *boostColumn) *[256]bool {
	var out [256]bool
	h := &t.pages[c.bundle]
	for i, b := range c.of[:g.bundles[c.bundle].size] {
		out[b] = out[b] || h[i].h != 0
	}
	return &out
}

// set is the set of schema codes that go left.
func (c *boostColumn) set(goes *[256]bool, heavier bool) []uint64 {
	set := make([]uint64, (len(c.code)+63)/64)
	for level, b := range c.code {
		if b < 0 && heavier || b >= 0 && goes[b] {
			set[level>>6] |= 1 << (level & 63)
		}
	}
	return set
}

// A span is a part of an order of rows.
type span struct{ lo, hi int }

func (s span) len() int { return s.hi - s.lo }

// rows are rows in an order in which every node owns a span.
type rows struct{ idx, left, right []uint32 }

func (r *rows) of(s span) []uint32 { return r.idx[s.lo:s.hi] }

func (r *rows) reset(from []uint32) {
	if cap(r.idx) < len(from) {
		n := len(from) + len(from)/8
		r.idx, r.left, r.right = make([]uint32, n), make([]uint32, n), make([]uint32, n)
	}
	r.idx = r.idx[:len(from)]
	copy(r.idx, from)
}

// partBlock is the number of rows that a core parts at a time.
const partBlock = 1 << 14

// part moves the rows of a span whose side is 1 to its front, keeping their order.
func (r *rows) part(s span, words []uint32, shift uint, side *[256]uint8) (left, right span) {
	run := r.idx[s.lo:s.hi]
	blocks := par.Count(len(run), partBlock)
	if blocks <= 1 {
		m := partRows(run, run, r.right, words, shift, side)
		copy(run[m:], r.right[:len(run)-m])
		return span{s.lo, s.lo + m}, span{s.lo + m, s.hi}
	}
	moved := make([]int, blocks+1)
	par.Blocks(len(run), partBlock, func(b, lo, hi int) {
		moved[b+1] = partRows(run[lo:hi], r.left[lo:hi], r.right[lo:hi], words, shift, side)
	})
	for b := range blocks {
		moved[b+1] += moved[b]
	}
	m := moved[blocks]
	par.Blocks(len(run), partBlock, func(b, lo, hi int) {
		own := moved[b+1] - moved[b]
		copy(run[moved[b]:], r.left[lo:lo+own])
		copy(run[m+lo-moved[b]:], r.right[lo:hi-own])
	})
	return span{s.lo, s.lo + m}, span{s.lo + m, s.hi}
}

// partRows copies the rows whose side is 1 to l and the others to r, without a branch
// that depends on the data. l may be run.
//
//go:noinline
func partRows(run, l, r, words []uint32, shift uint, side *[256]uint8) int {
	l = l[:len(run)]
	r = r[:len(run)]
	m := 0
	for i, at := range run {
		l[m] = at
		r[i-m] = at
		m += int(side[uint8(words[at]>>(shift&31))])
	}
	return m
}
