package histtree

import (
	"context"
	"math"
	"sync/atomic"

	"flowbook/internal/par"
)

// limits are the parameters of a tree, checked and filled in.
type limits struct {
	maxDepth    int // math.MaxInt: any
	maxLeaves   int // math.MaxInt: any, and grown depth first
	maxFeatures int
	minLeaf     float64 // 0: any
	smooth      float64
	criterion   Criterion
}

// A grower grows trees one after the other and keeps its buffers. Each core that
// grows a tree has its own.
type grower[A amount] struct {
	*binned
	limits
	random  stream
	idx     []uint32  // positions of the tree's rows
	packed  bool      // entries of idx carry weights
	mask    uint32    // what is position in an entry of idx
	weights []float64 // by position; nil: 1 each, or packed
	spare   []uint32
	perm    []uint32 // features in the order they are drawn
	rank    []uint32
	side    []uint8 // of a category: 1 for codes that go left; kept zero
	total   []float64
	free    []*task[A]
	layout  layout
	lookers []*looker[A] // the first is the grower's own, the others help with large nodes
	out     *tree
}

// A task is a node that is not finished.
type task[A amount] struct {
	node  uint32
	depth int
	ends  []uint32 // the runs of the classes: class c owns idx[ends[c]:ends[c+1]]
	flat  []uint64 // set of the features that are constant in the node
	hist  []A      // histograms of all features, if they are known
	hists []A      // their storage
	split split
	gain  float64 // of the split
	final bool    // nothing splits it
}

func (t *task[A]) rows() int { return int(t.ends[len(t.ends)-1] - t.ends[0]) }

// layout places the histograms of all features side by side.
type layout struct {
	offset []int // of each feature; the last entry is the size of all
	rows   int   // nodes of at least so many rows keep all histograms
}

// looker is what one core needs to look at a feature.
type looker[A amount] struct {
	finder finder[A]
	list   list[A]
	parts  [3][256]A
	h      []A      // histograms of one feature by class, kept zero
	at     []int    // where in the histograms each class begins that the node has
	seen   []uint64 // marks, kept zero
}

func newGrower[A amount](b *binned, lim limits, impurity impurity, cores int) *grower[A] {
	p, k := len(b.columns), len(b.classes)
	g := &grower[A]{binned: b, limits: lim, spare: make([]uint32, b.rows()), perm: make([]uint32, p), rank: make([]uint32, p)}
	most := 256
	g.layout.offset = make([]int, p+1)
	for f := range b.columns {
		most = max(most, b.columns[f].bins)
		g.layout.offset[f+1] = g.layout.offset[f] + k*b.columns[f].stride()
	}
	g.side = make([]uint8, most)
	// Below so many rows it takes longer to go through all bins than through all rows.
	g.layout.rows = max(1024, 3*b.bins/p)
	for range cores {
		l := &looker[A]{seen: make([]uint64, (most+63)/64)}
		l.finder = finder[A]{impurity: impurity, minLeaf: lim.minLeaf, rank: g.rank}
		g.lookers = append(g.lookers, l)
	}
	g.lookers[0].h = make([]A, k*most)
	return g
}

// stride is the distance between the histograms of two classes.
func (c *column) stride() int { return max(256, c.bins) }

// grow grows one tree on the rows whose weight is not 0. Weights are by position:
// small ones if they are given, else large ones, else 1 each.
func (g *grower[A]) grow(ctx context.Context, small []uint8, large []float64, random stream) (*tree, error) {
	g.packed, g.weights, g.random = small != nil, large, random
	g.mask = math.MaxUint32
	if g.packed {
		g.mask = packedMask
	}
	g.out = &tree{k: len(g.classes), gain: make([]float64, len(g.columns))}
	for f := range g.perm {
		g.perm[f] = uint32(f)
	}
	g.random.shuffle(g.perm)
	for i, f := range g.perm {
		g.rank[f] = uint32(i)
	}
	root := g.root(small)
	g.out.nodes = append(g.out.nodes, node{})
	var err error
	if g.maxLeaves == math.MaxInt {
		err = g.depthFirst(ctx, root)
	} else {
		err = g.bestFirst(ctx, root)
	}
	return g.out, err
}

// root is the node of all rows of the tree.
func (g *grower[A]) root(small []uint8) *task[A] {
	t := g.task()
	clear(t.flat)
	if cap(g.idx) == 0 {
		g.idx = make([]uint32, g.rows())
	}
	g.idx = g.idx[:g.rows()]
	if small == nil && g.weights == nil {
		for i := range g.idx {
			g.idx[i] = uint32(i)
		}
		copy(t.ends, g.binned.ends)
		return t
	}
	m := uint32(0)
	t.ends[0] = 0
	for c := range g.classes {
		from, to := g.binned.ends[c], g.binned.ends[c+1]
		if small != nil {
			m += pack(g.idx[m:], small[from:to], from)
		} else {
			m += pick(g.idx[m:], g.weights[from:to], from)
		}
		t.ends[c+1] = m
	}
	return t
}

// pack writes the entries of the positions from … whose weight is not 0.
func pack(idx []uint32, weights []uint8, from uint32) uint32 {
	m := uint32(0)
	for i, w := range weights {
		idx[m] = from + uint32(i) | uint32(w)<<packedBits
		if w != 0 {
			m++
		}
	}
	return m
}

func pick(idx []uint32, weights []float64, from uint32) uint32 {
	m := uint32(0)
	for i, w := range weights {
		if w != 0 {
			idx[m] = from + uint32(i)
			m++
		}
	}
	return m
}

// task returns an empty task; release takes it back.
func (g *grower[A]) task() *task[A] {
	if n := len(g.free); n > 0 {
		t := g.free[n-1]
		g.free = g.free[:n-1]
		t.depth, t.node, t.hist, t.final = 0, 0, nil, false
		return t
	}
	return &task[A]{ends: make([]uint32, len(g.classes)+1), flat: make([]uint64, (len(g.columns)+63)/64)}
}

func (g *grower[A]) release(t *task[A]) { g.free = append(g.free, t) }

func (g *grower[A]) depthFirst(ctx context.Context, root *task[A]) error {
	stack := []*task[A]{root}
	work := 0
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if work += t.rows(); work > 1<<18 {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if !g.look(t) {
			g.leaf(t)
		} else {
			l, r := g.part(t)
			stack = append(stack, r, l)
		}
		g.release(t)
	}
	return nil
}

// bestFirst splits the node that gains most, until there are maxLeaves.
func (g *grower[A]) bestFirst(ctx context.Context, root *task[A]) error {
	open := []*task[A]{root}
	root.final = !g.look(root)
	for leaves := 1; leaves < g.maxLeaves; leaves++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		best := -1
		for i, t := range open {
			if !t.final && (best < 0 || t.gain > open[best].gain) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		t := open[best]
		l, r := g.part(t)
		l.final, r.final = !g.look(l), !g.look(r)
		open[best] = l
		open = append(open, r)
		g.release(t)
	}
	for _, t := range open {
		g.weigh(t)
		g.leaf(t)
		g.release(t)
	}
	return nil
}

// weigh sums the weights of the node's classes into total.
func (g *grower[A]) weigh(t *task[A]) {
	g.total = g.total[:0]
	for c := range g.classes {
		run := g.idx[t.ends[c]:t.ends[c+1]]
		total := float64(len(run))
		if g.packed {
			sum := uint32(0)
			for _, r := range run {
				sum += r >> packedBits
			}
			total = float64(sum)
		} else if g.weights != nil {
			total = 0
			for _, r := range run {
				total += g.weights[r]
			}
		}
		g.total = append(g.total, total)
	}
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

// leaf ends a node; total holds its weights.
func (g *grower[A]) leaf(t *task[A]) {
	o := g.out
	o.nodes[t.node] = node{kind: leaf}
	sum := 0.0
	for _, w := range g.total {
		sum += w + g.smooth
	}
	if need := len(o.nodes) * o.k; len(o.values) < need {
		o.values = append(o.values, make([]float64, need-len(o.values))...)
	}
	values := o.values[int(t.node)*o.k:]
	for c, w := range g.total {
		values[g.answer[c]] = (w + g.smooth) / sum
	}
	o.depth = max(o.depth, t.depth)
}
