package hclust

import "math"

// search looks for the cluster nearest to one, in Ward's distance.
type search struct {
	*boxes
	mean []float64
	size float64
	self int32 // slot
	own  int32 // leaf, seen first
	near int32 // slot; -1 for none yet
	key  float64
	// limit is above key by more than rounding can add to a bound: what is beyond it
	// cannot be nearer, nor as near.
	limit float64
}

const slack = 1 + 1e-12

// factor is Ward's weight of the squared distance of two means.
func factor(a, b float64) float64 { return 2 * a * b / (a + b) }

// try looks at the point of a place.
func (s *search) try(at int32) {
	slot := s.slot[at]
	if slot == s.self {
		return
	}
	f := factor(s.size, s.boxes.size[at])
	d := square(s.mean, s.row(at), s.limit/f)
	if key := f * d; s.near < 0 || before(key, s.self, slot, s.key, s.self, s.near) {
		s.near, s.key, s.limit = slot, key, key*slack
	}
}

// scan looks at all points of a leaf.
func (s *search) scan(k int32) {
	for at := s.nodes[k].lo; at < s.nodes[k].hi; at++ {
		s.try(at)
	}
}

// visit looks at what may be nearer below node k, the nearer child first.
func (s *search) visit(k int32) {
	left := s.nodes[k].left
	if left == 0 {
		if k != s.own {
			s.scan(k)
		}
		return
	}
	a, b := s.bound(left), s.bound(left+1)
	first, second := left, left+1
	if b < a {
		first, second, a, b = second, first, b, a
	}
	if a <= s.limit {
		s.visit(first)
	}
	if b <= s.limit {
		s.visit(second)
	}
}

// bound is the least key that a point of node k can have, or anything above limit.
func (s *search) bound(k int32) float64 {
	least := s.nodes[k].least
	if math.IsInf(least, 1) {
		return least
	}
	f := factor(s.size, least)
	box := s.bounds(k)
	return f * gap(s.mean, box[:len(s.mean)], box[len(s.mean):], s.limit/f)
}
