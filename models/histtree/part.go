package histtree

import (
	"math"

	"flowbook/internal/num"
)

// part applies a task's split: it writes the node, parts the rows, and returns the
// tasks of the children.
func (g *grower[A]) part(t *task[A]) (left, right *task[A]) {
	s := &t.split
	c := &g.columns[s.feature]
	o := g.out
	o.gain[s.feature] += t.gain
	child := uint32(len(o.nodes))
	o.nodes = append(o.nodes, node{}, node{})
	n := node{left: child, feature: uint16(s.feature)}
	left, right = g.task(), g.task()
	if c.known != nil {
		n.kind, n.cut = category, uint64(len(o.sets))
		o.sets = append(o.sets, levelSet(s, c)...)
		for _, code := range s.in {
			g.side[code] = 1
		}
		g.divide(t, left, right, c, 0)
		for _, code := range s.in {
			g.side[code] = 0
		}
	} else {
		cut := math.Inf(1) // values on the left, missing ones on the right
		if s.last != s.next {
			cut = num.Midpoint(c.edges.upper[max(0, int(s.last)-c.first)], c.edges.lower[int(s.next)-c.first])
		}
		n.kind = missingRight
		if s.missing < 0 || s.missing == 0 && s.l >= s.r {
			n.kind = missingLeft
		}
		n.cut = key(cut) - uint64(n.kind)
		low := uint16(0) // the lowest code that goes left
		if c.first == 1 && s.missing >= 0 {
			low = 1
		}
		g.divide(t, left, right, c, low)
	}
	o.nodes[t.node] = n
	left.node, right.node = child, child+1
	left.depth, right.depth = t.depth+1, t.depth+1
	copy(left.flat, t.flat)
	copy(right.flat, t.flat)
	g.inherit(t, left, right)
	return left, right
}

// levelSet is the set of schema codes (0 missing, l a level, L+1 a level that
// training did not know) that go left. What the node does not have goes to the
// heavier child.
func levelSet(s *split, c *column) []uint64 {
	size := c.levels + 2
	set := make([]uint64, (size+63)/64)
	if s.l >= s.r {
		for code := range size {
			set[code>>6] |= 1 << (code & 63)
		}
	}
	for _, code := range s.in {
		level := c.level(code)
		set[level>>6] |= 1 << (level & 63)
	}
	for _, code := range s.out {
		level := c.level(code)
		set[level>>6] &^= 1 << (level & 63)
	}
	return set
}

// level is the schema code of a bin of a category.
func (c *column) level(code uint16) int32 { return c.known[code] }

// divide moves the rows that go left to the front of the node's, class by class, in
// their order. low is the lowest code that goes left.
func (g *grower[A]) divide(t, left, right *task[A], c *column, low uint16) {
	at, out := t.ends[0], uint32(0)
	left.ends[0] = at
	right.ends[0] = 0
	for class := range g.classes {
		from, to := t.ends[class], t.ends[class+1]
		if from < to {
			run, l, r := g.idx[from:to], g.idx[at:to], g.spare[out:]
			var moved int
			switch {
			case c.known != nil && c.narrow != nil:
				moved = divideBySide(run, l, r, c.narrow, g.side, g.mask)
			case c.known != nil:
				moved = divideBySide(run, l, r, c.wide, g.side, g.mask)
			case c.narrow != nil:
				moved = divideByCut(run, l, r, c.narrow, uint8(low), uint8(t.split.last-low), g.mask)
			default:
				moved = divideByCut(run, l, r, c.wide, low, t.split.last-low, g.mask)
			}
			at += uint32(moved)
			out += uint32(len(run) - moved)
		}
		left.ends[class+1], right.ends[class+1] = at, out
	}
	copy(g.idx[at:], g.spare[:out])
	for class := range right.ends {
		right.ends[class] += at
	}
}

// divideByCut copies the rows whose code is in low … low+span to l and the others to
// r, without a branch that depends on the data. l may begin at run or before it.
//
//go:noinline
func divideByCut[B uint8 | uint16](run, l, r []uint32, col []B, low, span B, mask uint32) int {
	l = l[:len(run)]
	r = r[:len(run)]
	m := 0
	for i, at := range run {
		l[m] = at
		r[i-m] = at
		if col[at&mask]-low <= span {
			m++
		}
	}
	return m
}

//go:noinline
func divideBySide[B uint8 | uint16](run, l, r []uint32, col []B, side []uint8, mask uint32) int {
	l = l[:len(run)]
	r = r[:len(run)]
	m := 0
	for i, at := range run {
		l[m] = at
		r[i-m] = at
		m += int(side[col[at&mask]])
	}
	return m
}

// inherit gives the children the histograms of all features, if the heavier one is
// large: those of the smaller are counted, the other's are what is left.
func (g *grower[A]) inherit(t, left, right *task[A]) {
	if t.hist == nil {
		return
	}
	small, large := left, right
	if small.rows() > large.rows() {
		small, large = large, small
	}
	if large.rows() < g.layout.rows || !g.divisible(large) {
		return
	}
	g.keep(small)
	large.hist, t.hist = t.hist, nil
	large.hists, t.hists = t.hists, large.hists
	g.share(t, small.rows()*len(g.columns) > 1<<17, func(l *looker[A], f int) {
		if t.flat[f>>6]>>(f&63)&1 != 0 {
			return
		}
		h := g.histogram(small.hist, f)
		g.fill(small, l, f, h)
		subtract(g.histogram(large.hist, f), h)
	})
	if small.rows() < g.layout.rows {
		small.hist = nil
	}
}

// divisible reports whether a node may become anything but a leaf.
func (g *grower[A]) divisible(t *task[A]) bool {
	active := 0
	for c := range g.classes {
		if t.ends[c+1] > t.ends[c] {
			active++
		}
	}
	return active > 1 && t.depth < g.maxDepth
}
