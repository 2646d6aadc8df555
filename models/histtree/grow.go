package histtree

import (
	"context"
	"math"
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
		if b.large != nil {
			l.finder.slack = 0x1p-40
		}
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
	g.out = &tree{k: len(g.classes), gain: make([]float64, len(g.columns)), sets: make([]uint64, 1)}
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
	if err != nil {
		return nil, err
	}
	return g.out.close(), nil
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
		from, to := g.binned.ends[g.runs[c]], g.binned.ends[g.runs[c]+1]
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

// leaf ends a node; total holds its weights.
func (g *grower[A]) leaf(t *task[A]) {
	o := g.out
	o.nodes[t.node] = node{kind: leaf}
	sum, cover := 0.0, 0.0
	for _, w := range g.total {
		sum += w + g.smooth
		cover += w
	}
	if more := len(o.nodes) - len(o.cover); more > 0 {
		o.values = append(o.values, make([]float64, more*o.k)...)
		o.cover = append(o.cover, make([]float64, more)...)
	}
	o.cover[t.node] = cover
	values := o.values[int(t.node)*o.k:]
	for c, w := range g.total {
		values[g.answer[c]] = (w + g.smooth) / sum
	}
	o.depth = max(o.depth, t.depth)
}
