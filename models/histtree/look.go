package histtree

import (
	"sync/atomic"

	"flowbook/internal/par"
)

// looker is what one core needs to look at a feature.
type looker[A amount] struct {
	finder finder[A]
	list   list[A]
	parts  [3][256]A
	h      []A      // histograms of one feature by class, kept zero
	at     []int    // where in the histograms each class begins that the node has
	seen   []uint64 // marks, kept zero
}

// look weighs the node and finds its best split; false means that it is a leaf.
func (g *grower[A]) look(t *task[A]) bool {
	g.weigh(t)
	if !g.divisible(t) {
		return false
	}
	own := g.lookers[0]
	switch {
	case g.maxFeatures < len(g.columns):
		g.lookAtSome(t, own)
	case t.rows() >= g.layout.rows:
		g.lookAtAll(t)
	default:
		g.begin(t, own)
		for f := range g.columns {
			g.lookAt(t, own, f)
		}
	}
	t.split, own.finder.best = own.finder.best, t.split // swapped, so that both keep their buffers
	t.gain = float64(own.finder.unit * (t.split.score - own.finder.baseline))
	return t.split.feature >= 0
}

// begin gives a looker the classes that the node has.
func (g *grower[A]) begin(t *task[A], l *looker[A]) {
	total := l.finder.total[:0]
	for c, w := range g.total {
		if t.ends[c+1] > t.ends[c] {
			total = append(total, w)
		}
	}
	l.finder.begin(total)
}

// lookAtSome draws features until maxFeatures were looked at, and goes on as long
// as all of them were constant, as scikit-learn does.
func (g *grower[A]) lookAtSome(t *task[A], l *looker[A]) {
	g.begin(t, l)
	p := len(g.perm)
	found := false
	for i := 0; i < p && (i < g.maxFeatures || !found); i++ {
		j := i + int(g.random.below(uint64(p-i)))
		g.perm[i], g.perm[j] = g.perm[j], g.perm[i]
		if g.lookAt(t, l, int(g.perm[i])) {
			found = true
		}
	}
}

// lookAt counts one feature and tries its splits; false means that it is constant
// in the node, which is noted.
func (g *grower[A]) lookAt(t *task[A], l *looker[A], f int) bool {
	if t.flat[f>>6]>>(f&63)&1 != 0 {
		return false
	}
	c := &g.columns[f]
	stride := c.stride()
	few := c.bins > 64 && 2*t.rows() < c.bins
	l.at = l.at[:0]
	for class := range g.classes {
		if run := g.idx[t.ends[class]:t.ends[class+1]]; len(run) > 0 {
			at := len(l.at) * stride
			l.at = append(l.at, at)
			count(l.h[at:at+stride], c, run, g.packed, g.weights, &l.parts)
			if few {
				mark(l.seen, c, run, g.mask)
			}
		}
	}
	l.list.reset(len(l.at))
	if few {
		l.list.drain(l.h, l.at, l.seen[:(c.bins+63)/64])
	} else {
		l.list.gather(l.h, l.at, c.bins)
		for _, at := range l.at {
			clear(l.h[at : at+c.bins])
		}
	}
	if len(l.list.codes) < 2 {
		t.flat[f>>6] |= 1 << (f & 63)
		return false
	}
	l.finder.try(f, c, &l.list)
	return true
}

// lookAtAll is for large nodes when every feature is looked at: histograms of all
// of them are kept, and the cores share them. The order of work does not matter,
// for the order of splits is total.
func (g *grower[A]) lookAtAll(t *task[A]) {
	known := t.hist != nil
	if !known {
		g.keep(t)
	}
	flat := make([]bool, len(g.columns))
	g.share(t, !known || g.bins*len(g.classes) > 1<<15, func(l *looker[A], f int) {
		c := &g.columns[f]
		h := g.histogram(t.hist, f)
		if t.flat[f>>6]>>(f&63)&1 != 0 {
			return
		}
		if !known {
			g.fill(t, l, f, h)
		}
		l.at = l.at[:0]
		for class := range g.classes {
			if t.ends[class+1] > t.ends[class] {
				l.at = append(l.at, class*c.stride())
			}
		}
		l.list.reset(len(l.at))
		l.list.gather(h, l.at, c.bins)
		if len(l.list.codes) < 2 {
			flat[f] = true
			return
		}
		l.finder.try(f, c, &l.list)
	})
	for f, is := range flat {
		if is {
			t.flat[f>>6] |= 1 << (f & 63)
		}
	}
}

// share calls look for every feature, on all cores if that is worth it, and leaves
// the best split of all with the first looker.
func (g *grower[A]) share(t *task[A], large bool, look func(l *looker[A], f int)) {
	helpers := g.lookers
	if !large {
		helpers = helpers[:1]
	}
	for _, l := range helpers {
		g.begin(t, l)
	}
	var next atomic.Int64
	par.Do(len(helpers), func(i int) {
		for f := int(next.Add(1)) - 1; f < len(g.columns); f = int(next.Add(1)) - 1 {
			look(helpers[i], f)
		}
	})
	own := &g.lookers[0].finder
	for _, l := range helpers[1:] {
		if b := &l.finder.best; b.feature >= 0 && own.better(b.score, b.feature) {
			own.best, l.finder.best = *b, own.best
		}
	}
}

func (g *grower[A]) histogram(all []A, f int) []A {
	return all[g.layout.offset[f]:g.layout.offset[f+1]]
}

// keep gives a task room for the histograms of all features, zero.
func (g *grower[A]) keep(t *task[A]) {
	size := g.layout.offset[len(g.columns)]
	if t.hists == nil {
		t.hists = make([]A, size)
	} else {
		clear(t.hists)
	}
	t.hist = t.hists
}

// fill counts a feature of all rows of the node.
func (g *grower[A]) fill(t *task[A], l *looker[A], f int, h []A) {
	c := &g.columns[f]
	stride := c.stride()
	for class := range g.classes {
		if run := g.idx[t.ends[class]:t.ends[class+1]]; len(run) > 0 {
			count(h[class*stride:(class+1)*stride], c, run, g.packed, g.weights, &l.parts)
		}
	}
}
