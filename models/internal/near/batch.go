package near

import "context"

// batch finds the neighbours of many points together. Where boxes leave out
// little, one point after the other would fetch nearly all of the training rows
// from memory each time; a batch fetches a leaf once for all points that need it.
// Whichever way a point goes, its neighbours are the same.
type batch struct {
	ctx    context.Context
	t      *Tree
	points []*search
	active []int32 // a stack of the points that still matter, node by node
}

const (
	trials      = 8    // points of a block that are searched one by one
	alone       = 0.05 // share of the training points they may look at; beyond, the rest is a batch
	blindLevels = 3    // levels entered unasked below a box that left nobody out
)

// find leaves the neighbours of every point in its hits, unless ctx ends.
func (b *batch) find() error {
	b.active = b.active[:0]
	for i, s := range b.points {
		s.seed()
		b.active = append(b.active, int32(i))
	}
	b.visit(0, b.active, 0)
	return b.ctx.Err()
}

// seed looks at the leaf that seems nearest, for a first limit.
func (s *search) seed() {
	at := int32(0)
	for n := &s.t.Nodes[0]; n.Left != 0; n = &s.t.Nodes[at] {
		if at = n.Left; s.bound(n.Right) < s.bound(n.Left) {
			at = n.Right
		}
	}
	s.scan(&s.t.Nodes[at])
	s.seeded = at
}

// visit looks at a node for the active points, without asking its box if blind is
// above 0: where one box left nobody out, those just below seldom do.
func (b *batch) visit(at int32, active []int32, blind int) {
	if b.ctx.Err() != nil {
		return
	}
	n := &b.t.Nodes[at]
	start := len(b.active)
	kept := active
	if blind == 0 {
		for _, i := range active {
			if s := b.points[i]; !s.beyond(s.bound(at), n.First) {
				b.active = append(b.active, i)
			}
		}
		kept = b.active[start:len(b.active):len(b.active)]
		if len(kept) == len(active) {
			blind = blindLevels
		}
	} else {
		blind--
	}
	if len(kept) > 0 && n.Left != 0 {
		b.visit(n.Left, kept, blind)
		b.visit(n.Right, kept, blind)
	} else {
		for _, i := range kept {
			if s := b.points[i]; s.seeded != at {
				s.sift(n)
			}
		}
	}
	b.active = b.active[:start]
}
