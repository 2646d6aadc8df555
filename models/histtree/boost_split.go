package histtree

import (
	"math"
	"slices"
)

// A cut is a way to part the rows of a node in boosting.
type cut struct {
	feature int     // -1: none was found
	gain    float64 // what it takes from twice the loss, by the quadratic model
	l       cell    // sums of the left child

	last    uint8     // of a number: codes from the first value to this one go left
	missing int8      // of a number: -1 missing values go left, 1 right, 0 the node has none
	in, has [4]uint64 // of a category: sets of codes that go left, and that occur
}

// An evaluator looks for the best cut of a node. Equal gains go to the feature that
// comes first and to the lowest cut.
type evaluator struct {
	units
	l1, l2, smooth       float64
	maxStep              float64
	minHessian, least    float64 // least weight of a leaf
	minLeaf              uint64  // the same in units
	perGradient, perHess float64 // what a unit is worth
	mask                 uint64

	codes []uint8 // of a bundle of several features: those that occur in the node
	own   page    // the histogram of one of the features
	spare [quad]page
	order []uint8
	ratio [256]float64
}

func newEvaluator(l Boost) *evaluator {
	return &evaluator{l1: l.L1, l2: l.L2, smooth: l.Smooth, maxStep: l.MaxStep, minHessian: l.MinHessian, least: l.MinLeaf}
}

// use takes the units of the cells that come next.
func (e *evaluator) use(u units) {
	e.units = u
	e.minLeaf = uint64(max(1, math.Ceil(e.least*u.weight)))
	e.perGradient, e.perHess = 1/u.gradient, 1/u.hessian
	e.mask = 1<<u.bits - 1
}

// gradient and hessian turn units into numbers; with L1, gradients come nearer to 0.
func (e *evaluator) gradient(c cell) float64 {
	g := float64(c.g) * e.perGradient
	if e.l1 > 0 {
		g = math.Copysign(max(0, math.Abs(g)-e.l1), g)
	}
	return g
}

func (e *evaluator) hessian(c cell) float64 { return float64(int64(c.h>>(e.bits&63))) * e.perHess }

func (e *evaluator) weight(c cell) uint64 { return c.h & e.mask }

// rows is the weight of the rows in a cell, as a number.
func (e *evaluator) rows(c cell) float64 { return float64(e.weight(c)) / e.units.weight }

// value is the step that fits a leaf best (Chen, Guestrin 2016, eq. 5), unshrunk, as
// far as a step may go.
func (e *evaluator) value(c cell) float64 {
	h := e.hessian(c) + e.l2
	if h <= 0 {
		return 0
	}
	return max(-e.maxStep, min(e.maxStep, -e.gradient(c)/h))
}

// divisible reports whether both children of a node could be large enough.
func (e *evaluator) divisible(c cell) bool {
	return e.weight(c) >= 2*e.minLeaf && e.hessian(c) >= 2*e.minHessian
}

// load notes what a bundle of several features has in a node: its codes that occur.
func (e *evaluator) load(h *page, size int) {
	e.codes = e.codes[:0]
	for i := range h[:size] {
		if h[i].h != 0 {
			e.codes = append(e.codes, uint8(i))
		}
	}
}

// project returns the histogram of a feature of the bundle that was loaded.
func (e *evaluator) project(c *boostColumn, h *page) *page {
	own := &e.own
	clear(own[:c.bins])
	of := (*[256]uint8)(c.of[:256])
	for _, i := range e.codes {
		b := &own[of[i]]
		b.g += h[i].g
		b.h += h[i].h
	}
	return own
}

// try looks at feature f of a node, of which it has the histogram h and the sums sum,
// and replaces best by a better cut.
func (e *evaluator) try(best *cut, f int, c *boostColumn, h *page, sum cell) {
	switch {
	case c.known != nil:
		e.category(best, f, h[:c.bins], sum)
	case c.first == 1 && h[0].h != 0:
		e.number(best, f, h[:c.bins], 1, 1, sum)
		e.number(best, f, h[:c.bins], 1, -1, sum)
	default:
		e.number(best, f, h[:c.bins], c.first, 0, sum)
	}
}

// A race finds the largest quotient, comparing without dividing.
type race struct {
	num, den float64
	at       int
	l        cell
}

// split looks at the cut whose left child has the sums l; false means that it leaves
// one child too small.
func (e *evaluator) split(r *race, at int, l, sum cell) {
	nl := e.weight(l)
	hl, hr := e.hessian(l), e.hessian(sum.minus(l))
	if nl < e.minLeaf || e.weight(sum)-nl < e.minLeaf || hl < e.minHessian || hr < e.minHessian {
		return
	}
	gl, gr := e.gradient(l), e.gradient(sum.minus(l))
	hl += e.l2
	hr += e.l2
	num := float64(float64(gl*gl)*hr) + float64(float64(gr*gr)*hl)
	den := float64(hl * hr)
	if float64(num*r.den) > float64(r.num*den) {
		*r = race{num, den, at, l}
	}
}

// gain is what the winner of a race takes from the loss; 0 where that is no more than
// rounding.
func (e *evaluator) gain(r *race, sum cell) float64 {
	if r.at < 0 {
		return 0
	}
	score := r.num / r.den
	g := e.gradient(sum)
	gain := score - float64(g*g)/(e.hessian(sum)+e.l2)
	if !(gain > 1e-10*score) {
		return 0
	}
	return gain
}

func better(gain float64, f int, best *cut) bool {
	return gain > best.gain || gain == best.gain && gain > 0 && f < best.feature
}

// number tries every cut between codes that occur; values begin at first. missing
// says where missing values go.
func (e *evaluator) number(best *cut, f int, h []cell, first int, missing int8, sum cell) {
	r := race{num: 0, den: 1, at: -1}
	var l cell
	if missing < 0 {
		l = h[0]
	}
	if e.l1 == 0 {
		e.fast(&r, h, first, l, sum)
	} else {
		for b := first; b < len(h); b++ {
			if h[b].h != 0 {
				l = l.plus(h[b])
				e.split(&r, b, l, sum)
			}
		}
	}
	if gain := e.gain(&r, sum); better(gain, f, best) {
		*best = cut{feature: f, gain: gain, l: r.l, last: uint8(r.at), missing: missing}
	}
}

// fast is number's search without L1, with everything in registers.
func (e *evaluator) fast(race *race, h []cell, first int, l, sum cell) {
	num, den, at, left := race.num, race.den, race.at, race.l
	pg, ph, bits, mask := e.perGradient, e.perHess, e.bits&63, e.mask
	l2, minH, minLeaf := e.l2, e.minHessian, e.minLeaf
	most := sum.h & mask
	if most < 2*minLeaf {
		return
	}
	most -= minLeaf // no left child is heavier
	for b := first; b < len(h); b++ {
		c := h[b]
		if c.h == 0 {
			continue
		}
		l.g += c.g
		l.h += c.h
		if n := l.h & mask; n < minLeaf {
			continue
		} else if n > most {
			break
		}
		hl := float64(int64(l.h>>bits)) * ph
		hr := float64(int64((sum.h-l.h)>>bits)) * ph
		if hl < minH || hr < minH {
			continue
		}
		gl := float64(l.g) * pg
		gr := float64(sum.g-l.g) * pg
		hl += l2
		hr += l2
		n := float64(float64(gl*gl)*hr) + float64(float64(gr*gr)*hl)
		d := float64(hl * hr)
		if float64(n*den) > float64(num*d) {
			num, den, at, left = n, d, b, l
		}
	}
	race.num, race.den, race.at, race.l = num, den, at, left
}

// category orders the codes that occur by gradient over smoothed second derivative,
// equal ones by code, and tries every cut of that order, which has the best set among
// them where nothing is smoothed (Fisher 1958; Ke et al. 2017). Missing is a level.
func (e *evaluator) category(best *cut, f int, h []cell, sum cell) {
	e.order = e.order[:0]
	for b, c := range h {
		if c.h != 0 {
			e.order = append(e.order, uint8(b))
			e.ratio[b] = float64(c.g) * e.perGradient / (e.hessian(c) + e.smooth)
		}
	}
	slices.SortFunc(e.order, func(x, y uint8) int {
		switch a, b := e.ratio[x], e.ratio[y]; {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return int(x) - int(y)
	})
	r := race{num: 0, den: 1, at: -1}
	var l cell
	for at, b := range e.order {
		l = l.plus(h[b])
		e.split(&r, at, l, sum)
	}
	gain := e.gain(&r, sum)
	if !better(gain, f, best) {
		return
	}
	*best = cut{feature: f, gain: gain, l: r.l}
	for at, b := range e.order {
		best.has[b>>6] |= 1 << (b & 63)
		if at <= r.at {
			best.in[b>>6] |= 1 << (b & 63)
		}
	}
}
