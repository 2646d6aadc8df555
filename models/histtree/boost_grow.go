package histtree

import (
	"context"

	"flowbook/internal/par"
)

// A booster grows the trees of a boosted model and keeps its buffers.
type booster struct {
	*binned
	Boost
	columns []boostColumn // by feature
	bundles []bundle
	words   []wordColumn
	wanted  [][]int // by wordColumn: bundles with a feature that the tree may look at

	look         []bool   // features that the tree may look at
	sample, rest []uint32 // rows the tree is fitted to, and the others, ascending
	drawn        []uint32 // storage of sample

	in, out    rows // the same, in the order of the nodes
	cells      []cell
	ordered    []cell // cells of the node that is counted, in its order
	evaluators []*evaluator
	free       [][]page
	tree       *tree
}

// A bud is a leaf that may still be split.
type bud struct {
	node    uint32
	depth   int
	in, out span
	sum     cell
	pages   []page // histograms by bundle; nil: it will not be split
	best    cut
	value   float64 // of the leaf, once the tree is grown
}

func newBooster(l Boost, b *binned) *booster {
	g := &booster{binned: b, Boost: l, look: make([]bool, len(b.columns)), ordered: make([]cell, b.rows())}
	g.columns, g.bundles, g.words = bundled(b)
	g.wanted = make([][]int, len(g.words))
	for range g.words {
		g.evaluators = append(g.evaluators, newEvaluator(l))
	}
	if len(g.evaluators) == 0 { // all features are constant
		g.evaluators = append(g.evaluators, newEvaluator(l))
	}
	return g
}

// use takes the units in which the cells of the next trees are counted.
func (g *booster) use(u units) {
	for _, e := range g.evaluators {
		e.use(u)
	}
}

// choose notes which bundles have features that are to be looked at.
func (g *booster) choose() {
	for q := range g.words {
		g.wanted[q] = g.wanted[q][:0]
		for _, at := range g.words[q].bundles {
			for _, f := range g.bundles[at].features {
				if g.look[f] {
					g.wanted[q] = append(g.wanted[q], at)
					break
				}
			}
		}
	}
}

// grow grows one tree to the gradients in cells and returns it with its leaves.
func (g *booster) grow(ctx context.Context, cells []cell) (*tree, []*bud, error) {
	g.cells = cells
	g.tree = &tree{k: 1, nodes: make([]node, 1), sets: make([]uint64, 1), gain: make([]float64, len(g.columns))}
	g.in.reset(g.sample)
	g.out.reset(g.rest)
	root := &bud{in: span{0, len(g.sample)}, out: span{0, len(g.rest)}}
	part := make([]cell, par.Count(len(g.sample), partBlock))
	par.Blocks(len(g.sample), partBlock, func(b, lo, hi int) {
		for _, r := range g.sample[lo:hi] {
			part[b] = part[b].plus(cells[r])
		}
	})
	for _, c := range part {
		root.sum = root.sum.plus(c)
	}
	open := []*bud{root}
	if e := g.evaluators[0]; e.divisible(root.sum) && len(g.words) > 0 {
		root.pages = g.page()
		g.first(root)
	}
	for len(open) < g.Leaves {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		best := g.next(open)
		if best < 0 {
			break
		}
		t := open[best]
		l, r := g.split(t)
		if len(open)+1 < g.Leaves {
			g.inherit(t, l, r)
		}
		if t.pages != nil {
			g.free = append(g.free, t.pages)
		}
		open[best] = l
		open = append(open, r)
	}
	t := g.tree
	t.values, t.cover = make([]float64, len(t.nodes)), make([]float64, len(t.nodes))
	for _, b := range open {
		if b.pages != nil {
			g.free = append(g.free, b.pages)
		}
		b.value = g.Rate * g.evaluators[0].value(b.sum)
		t.nodes[b.node] = node{kind: leaf}
		t.values[b.node] = b.value
		t.cover[b.node] = g.evaluators[0].rows(b.sum)
		t.depth = max(t.depth, b.depth)
	}
	return t.close(), open, nil
}

// next is the bud to split: the one that gains most, of the least depth if trees grow
// level by level; -1 if none gains. Of equal ones it is the first.
func (g *booster) next(open []*bud) int {
	best := -1
	for i, t := range open {
		if t.pages == nil || t.best.gain <= 0 {
			continue
		}
		if best >= 0 {
			b := open[best]
			if g.DepthWise && t.depth != b.depth {
				if t.depth > b.depth {
					continue
				}
			} else if t.best.gain <= b.best.gain {
				continue
			}
		}
		best = i
	}
	return best
}

// page returns room for the histograms of a node.
func (g *booster) page() []page {
	if n := len(g.free); n > 0 {
		p := g.free[n-1]
		g.free = g.free[:n-1]
		return p
	}
	return make([]page, len(g.bundles))
}

// first counts the root and finds its best cut.
func (g *booster) first(t *bud) {
	rows, cells := g.in.idx, g.cells
	if len(rows) == g.binned.rows() {
		rows = nil
	} else {
		g.gather(rows)
		cells = g.ordered[:len(rows)]
	}
	found := make([]cut, len(g.words))
	g.quads(t.in.len(), func(q int) {
		g.count(q, t.pages, rows, cells)
		g.find(q, t, &found[q])
	})
	t.best = winner(found)
}

// inherit gives the children histograms and best cuts: those of the smaller child are
// counted, the other's are what is left of the parent's.
func (g *booster) inherit(t, left, right *bud) {
	e := g.evaluators[0]
	able := func(b *bud) bool { return b.depth < g.MaxDepth && e.divisible(b.sum) }
	small, large := left, right
	if small.in.len() > large.in.len() {
		small, large = large, small
	}
	if !able(small) && !able(large) {
		return
	}
	small.pages = g.page()
	rows := g.in.of(small.in)
	g.gather(rows)
	both := able(large)
	if both {
		large.pages, t.pages = t.pages, nil
	}
	foundSmall, foundLarge := make([]cut, len(g.words)), make([]cut, len(g.words))
	g.quads(small.in.len(), func(q int) {
		g.count(q, small.pages, rows, g.ordered[:len(rows)])
		if able(small) {
			g.find(q, small, &foundSmall[q])
		}
		if !both {
			return
		}
		for _, at := range g.wanted[q] {
			large.pages[at].take(&small.pages[at], g.bundles[at].size)
		}
		g.find(q, large, &foundLarge[q])
	})
	small.best, large.best = winner(foundSmall), winner(foundLarge)
	if !able(small) {
		g.free = append(g.free, small.pages)
		small.pages = nil
	}
}

// quads calls f for each word column, on all cores if there are enough rows.
func (g *booster) quads(rows int, f func(q int)) {
	if rows*len(g.bundles)+100*len(g.columns) < 1<<13 {
		for q := range g.words {
			f(q)
		}
		return
	}
	par.Do(len(g.words), f)
}

// gather puts the cells of the rows in order.
func (g *booster) gather(rows []uint32) {
	par.Blocks(len(rows), 1<<14, func(_, lo, hi int) {
		to := g.ordered[lo:hi]
		for i, r := range rows[lo:hi] {
			to[i] = g.cells[r]
		}
	})
}

// count counts the rows into the pages of a word column.
func (g *booster) count(q int, pages []page, rows []uint32, cells []cell) {
	if len(g.wanted[q]) == 0 {
		return
	}
	w := &g.words[q]
	own := pages[w.bundles[0] : w.bundles[0]+len(w.bundles)]
	for i := range w.bundles {
		clear(own[i][:w.sizes[i]])
	}
	w.count(own, rows, cells, &g.evaluators[q].spare)
}

// find looks at the features of a word column.
func (g *booster) find(q int, t *bud, best *cut) {
	e := g.evaluators[q]
	best.feature = -1
	for _, at := range g.wanted[q] {
		u, h := &g.bundles[at], &t.pages[at]
		if len(u.features) == 1 {
			e.try(best, u.features[0], &g.columns[u.features[0]], h, t.sum)
			continue
		}
		e.load(h, u.size)
		for _, f := range u.features {
			if c := &g.columns[f]; g.look[f] {
				e.try(best, f, c, e.project(c, h), t.sum)
			}
		}
	}
}

func winner(found []cut) cut {
	best := cut{feature: -1}
	for i := range found {
		if better(found[i].gain, found[i].feature, &best) {
			best = found[i]
		}
	}
	return best
}
