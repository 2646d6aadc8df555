package decompose

import (
	"math"
	"math/bits"

	"flowbook/models/internal/f32"
)

// quadtree holds the points of a map in the order of a curve that fills the plane
// (Morton 1966), and the squares of that curve. Its storage is used round after round.
//
// A key is a point's position on the curve << 32 | its row. A place is an index into the
// order of the curve.
type quadtree struct {
	keys, spare []uint64
	row         []int32    // of the point at each place
	body        []f32.Body // the points, each of mass 1
	nodes       []square   // each before its quarters
	groups      []group    // all places, in runs of near points
}

// square is a part of the plane with at least one point.
type square struct {
	all    f32.Cluster // its points as one
	size2  float32     // squared diagonal of the box around its points
	lo, hi int32       // places of its points
	next   int32       // the first node after those within it
	leaf   bool
}

// group is places lo ≤ at < hi and the box around their points, or around more.
type group struct {
	lo, hi                   int32
	left, right, bottom, top float32
}

const (
	halvings = 16 // of the whole map; what is closer than that shares a leaf
	leafSize = 8  // points of a leaf, but for those of one place
	runSize  = 48 // points of a group, a multiple of eight
)

func newQuadtree(n int) *quadtree {
	return &quadtree{keys: make([]uint64, n), spare: make([]uint64, n), row: make([]int32, n), body: make([]f32.Body, n)}
}

// build grows the tree of n × 2 coordinates.
func (t *quadtree) build(y []float64) {
	left, right, bottom, top := y[0], y[0], y[1], y[1]
	for i := 2; i < len(y); i += 2 {
		left, right = min(left, y[i]), max(right, y[i])
		bottom, top = min(bottom, y[i+1]), max(top, y[i+1])
	}
	scale := 0.0
	if side := max(right-left, top-bottom); side > 0 {
		scale = (1<<halvings - 1) / side
	}
	for i := range t.keys {
		across, up := uint32((y[2*i]-left)*scale), uint32((y[2*i+1]-bottom)*scale)
		t.keys[i] = (apart(across)|apart(up)<<1)<<32 | uint64(i)
	}
	t.sort()
	for at, key := range t.keys {
		i := int32(uint32(key))
		t.row[at] = i
		t.body[at] = f32.Body{X: float32(y[2*i]), Y: float32(y[2*i+1]), Mass: 1}
	}
	t.nodes, t.groups = t.nodes[:0], t.groups[:0]
	t.grow(0, int32(len(t.keys)), true)
}

// apart puts a 0 before each of the lower 16 bits.
func apart(v uint32) uint64 {
	v &= 1<<16 - 1
	v = (v | v<<8) & 0x00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f
	v = (v | v<<2) & 0x33333333
	return uint64((v | v<<1) & 0x55555555)
}

// sort orders the keys by position, eight bits at a time; equal ones stay by row.
func (t *quadtree) sort() {
	for shift := 32; shift < 64; shift += 8 {
		var place [256]int32
		for _, k := range t.keys {
			place[uint8(k>>shift)]++
		}
		sum := int32(0)
		for digit, count := range place {
			place[digit] = sum
			sum += count
		}
		for _, k := range t.keys {
			digit := uint8(k >> shift)
			t.spare[place[digit]] = k
			place[digit]++
		}
		t.keys, t.spare = t.spare, t.keys
	}
}

// grow appends the smallest square that holds places lo ≤ at < hi, and those within it,
// and returns the box around its points. Unless it is part of a group, it becomes one as
// soon as it is small enough.
func (t *quadtree) grow(lo, hi int32, free bool) group {
	self := len(t.nodes)
	level := (bits.Len64(t.keys[lo]>>32^t.keys[hi-1]>>32) + 1) / 2 // 0: all at one place
	t.nodes = append(t.nodes, square{lo: lo, hi: hi, leaf: level == 0 || hi-lo <= leafSize})
	mine := free && (level == 0 || hi-lo <= runSize)
	inf := float32(math.Inf(1))
	box := group{lo, hi, inf, -inf, inf, -inf}
	all := f32.Cluster{Mass: float32(hi - lo)}
	if t.nodes[self].leaf {
		for _, b := range t.body[lo:hi] {
			box.stretch(b.X, b.X, b.Y, b.Y)
			all.X, all.Y = all.X+b.X, all.Y+b.Y
		}
		all.X, all.Y = all.X/all.Mass, all.Y/all.Mass
		for _, b := range t.body[lo:hi] {
			scatter(&all, b.X, b.Y, 1)
		}
	} else {
		for from := lo; from < hi; {
			to := t.quarter(from, hi, level)
			b := t.grow(from, to, free && !mine)
			box.stretch(b.left, b.right, b.bottom, b.top)
			from = to
		}
		for at := self + 1; at < len(t.nodes); at = int(t.nodes[at].next) {
			c := &t.nodes[at].all
			all.X, all.Y = all.X+float32(c.X*c.Mass), all.Y+float32(c.Y*c.Mass)
		}
		all.X, all.Y = all.X/all.Mass, all.Y/all.Mass
		for at := self + 1; at < len(t.nodes); at = int(t.nodes[at].next) {
			c := &t.nodes[at].all
			all.XX, all.XY, all.YY = all.XX+c.XX, all.XY+c.XY, all.YY+c.YY
			scatter(&all, c.X, c.Y, c.Mass)
		}
	}
	n := &t.nodes[self]
	wide, high := box.right-box.left, box.top-box.bottom
	n.all, n.size2, n.next = all, float32(wide*wide)+float32(high*high), int32(len(t.nodes))
	if mine {
		for at := lo; at < hi; at += runSize {
			t.groups = append(t.groups, group{at, min(hi, at+runSize), box.left, box.right, box.bottom, box.top})
		}
	}
	return box
}

// quarter is the first place from which on points are not in the quarter of place from.
func (t *quadtree) quarter(from, hi int32, level int) int32 {
	shift := 32 + 2*(level-1)
	to := from + 1
	for to < hi {
		if mid := (to + hi) / 2; t.keys[mid]>>shift == t.keys[from]>>shift {
			to = mid + 1
		} else {
			hi = mid
		}
	}
	return to
}

// stretch makes the box hold another.
func (g *group) stretch(left, right, bottom, top float32) {
	g.left, g.right = min(g.left, left), max(g.right, right)
	g.bottom, g.top = min(g.bottom, bottom), max(g.top, top)
}

// scatter adds the second moments of a mass away from the centroid.
func scatter(c *f32.Cluster, x, y, mass float32) {
	dx, dy := x-c.X, y-c.Y
	c.XX += float32(mass * float32(dx*dx))
	c.XY += float32(mass * float32(dx*dy))
	c.YY += float32(mass * float32(dy*dy))
}

// sight is what a group sees of all points.
type sight struct {
	near []f32.Body    // one by one, the group's own among them
	far  []f32.Cluster // squares as one
}

// look fills s with what a group sees. A square is far if its diagonal is less than theta
// times the distance of its centroid from the group's box: [3], eq. 9, where a point looks.
func (t *quadtree) look(g group, theta2 float32, s *sight) {
	s.near, s.far = s.near[:0], s.far[:0]
	for at := int32(0); int(at) < len(t.nodes); {
		n := &t.nodes[at]
		dx := max(g.left-n.all.X, n.all.X-g.right, 0)
		dy := max(g.bottom-n.all.Y, n.all.Y-g.top, 0)
		switch {
		case n.size2 < theta2*(float32(dx*dx)+float32(dy*dy)):
			s.far = append(s.far, n.all)
			at = n.next
		case n.leaf:
			s.near = append(s.near, t.body[n.lo:n.hi]...)
			at = n.next
		default:
			at++
		}
	}
}
