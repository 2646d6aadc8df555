package near

import "math"

// search finds the neighbours of one point after the other.
//
// Squared distances are summed in one order: categories, then numbers in four
// running sums. A box's bound is summed in the same order from terms that are at
// most those of each of its points. Rounding never turns a larger sum into a
// smaller one, so the bound as computed is at most each distance as computed, and
// what is left out could not have been a neighbour: the answer is that of looking
// at every point, to the bit.
type search struct {
	t     *Tree
	k     float64
	x     []float64
	code  []int32
	hits  []Hit   // nearest first
	held  float64 // weight of the hits
	limit Hit     // no point beyond it can enter; infinitely far until k is held

	looked int // points looked at
	// Of a batch:
	seeded int32     // the leaf looked at before; -1 if none
	small  []float32 // x
	norm   float64   // |x|
}

// Hit is a point and its squared distance.
type Hit struct {
	Squared float64
	Row     int32
	At      int32 // place in the tree
}

func newSearch(t *Tree, k float64) *search { return &search{t: t, k: k} }

// find leaves the neighbours of a point in s.hits.
func (s *search) find(x []float64, code []int32) {
	s.set(x, code)
	s.visit(0)
}

// set begins the search of a point.
func (s *search) set(x []float64, code []int32) {
	s.x, s.code, s.hits, s.held = x, code, s.hits[:0], 0
	s.limit = Hit{Squared: math.Inf(1)}
	s.seeded = -1
}

// beyond reports whether points of at least that distance and row cannot enter.
func (s *search) beyond(squared float64, first int32) bool {
	return squared > s.limit.Squared || squared == s.limit.Squared && first > s.limit.Row
}

func (s *search) visit(at int32) {
	n := &s.t.Nodes[at]
	if n.Left == 0 {
		s.scan(n)
		return
	}
	near, far := n.Left, n.Right
	a, b := s.bound(near), s.bound(far)
	if b < a {
		near, far, a, b = far, near, b, a
	}
	if !s.beyond(a, s.t.Nodes[near].First) {
		s.visit(near)
	}
	if !s.beyond(b, s.t.Nodes[far].First) {
		s.visit(far)
	}
}

// bound is at most the squared distance of each point of a node; a sum that has
// passed the limit may end there.
func (s *search) bound(at int32) float64 {
	t := s.t
	m, g := t.Space.m, t.Space.g
	s0, s1, s2, s3 := 0.0, 0.0, 0.0, 0.0
	for k, c := range s.code {
		i := int(at)*g + k
		cost := t.Space.cost[k]
		switch p := t.pure[i]; {
		case p == c:
		case p >= 0:
			s0 += cost[c] + cost[p]
		case t.mask[i]>>(c%64)&1 == 0:
			s0 += cost[c] + t.cheapest[i]
		}
	}
	x := s.x
	lows := t.bounds[int(at)*2*m:][:len(x)]
	highs := t.bounds[int(at)*2*m+m:][:len(x)]
	for j := 0; j+3 < len(x); j += 4 {
		d0, d1, d2, d3 := gap(x[j], lows[j], highs[j]), gap(x[j+1], lows[j+1], highs[j+1]), gap(x[j+2], lows[j+2], highs[j+2]), gap(x[j+3], lows[j+3], highs[j+3])
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
		if j&4 != 0 && (s0+s1)+(s2+s3) > s.limit.Squared {
			break
		}
	}
	return (s0 + s1) + (s2 + s3)
}

// gap is the distance of x from the range low to high.
func gap(x, low, high float64) float64 {
	if x < low {
		return low - x
	}
	if x > high {
		return x - high
	}
	return 0
}

func (s *search) scan(n *Node) {
	t := s.t
	s.looked += int(n.Hi - n.Lo)
	for at := n.Lo; at < n.Hi; at++ {
		if d := s.distance(at); !s.beyond(d, t.Index[at]) {
			s.add(Hit{d, t.Index[at], at})
		}
	}
}

// distance is the squared distance of a point; a sum that has passed the limit may
// end there.
func (s *search) distance(at int32) float64 {
	t := s.t
	s0, s1, s2, s3 := 0.0, 0.0, 0.0, 0.0
	for k, p := range t.Points.Levels(int(at)) {
		if c := s.code[k]; c != p {
			s0 += t.Space.cost[k][c] + t.Space.cost[k][p]
		}
	}
	x := s.x
	y := t.Points.X[int(at)*len(x):][:len(x)]
	for j := 0; j+3 < len(x) && j+3 < len(y); j += 4 {
		d0, d1, d2, d3 := x[j]-y[j], x[j+1]-y[j+1], x[j+2]-y[j+2], x[j+3]-y[j+3]
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
		if j&4 != 0 && (s0+s1)+(s2+s3) > s.limit.Squared {
			break
		}
	}
	return (s0 + s1) + (s2 + s3)
}

// add puts a Hit in its place and drops those that are no longer needed.
func (s *search) add(h Hit) {
	i := len(s.hits)
	s.hits = append(s.hits, h)
	for ; i > 0 && (s.hits[i-1].Squared > h.Squared || s.hits[i-1].Squared == h.Squared && s.hits[i-1].Row > h.Row); i-- {
		s.hits[i] = s.hits[i-1]
	}
	s.hits[i] = h
	s.held += s.t.Weight[h.At]
	for last := len(s.hits) - 1; last > 0; last-- {
		rest := s.held - s.t.Weight[s.hits[last].At]
		if rest < s.k {
			break
		}
		s.hits, s.held = s.hits[:last], rest
	}
	if s.held >= s.k {
		s.limit = s.hits[len(s.hits)-1]
	}
}
