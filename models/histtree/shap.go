package histtree

import (
	"fmt"

	gauss "gonum.org/v1/gonum/integrate/quad"
)

// A sharer is a tree prepared for sharing what it says of a row among its features.
//
// On the way to a leaf of value v, let z be the share of the training rows that its
// splits by a feature let through, all of them together, and o be 1 if the row itself
// passes them, else 0. Knowing a set S of features, the tree says Σ v Π_S o Π_notS z.
// The Shapley value of feature i is then
//
//	Σ_leaves v (o_i - z_i) ∫ Π_{j≠i} (t o_j + (1-t) z_j) dt,  t from 0 to 1,
//
// for t is the chance that a feature comes before i in a random order (Owen 1972,
// Management Science 18, 64-79). The integrand is a polynomial, so that Gauss and
// Legendre's rule of half as many points as there are features on the way is exact. Its
// factors are never below 0, so that nothing cancels. Written as a sum over edges, as
// Yu et al. (2022, Linear TreeShap, NeurIPS) do, one walk through the tree does it:
//
//	P, at a node and a point t: the product of the factors t o + (1-t) z so far
//	H, at a node: Σ v P over the leaves below it
//
// An edge by feature i adds Σ_t weight(t) H(t) (g(t) - g'(t)) to i, where g is
// (o - z)/(t o + (1-t) z) after this edge and g' the same before it, 0 if it is the
// first by i. A row decides nothing but whether o is 1, so that what P is multiplied
// by, and H by, stands in tables.
type sharer struct {
	*tree
	points   int
	outputs  int       // values of a leaf that are shared; the last of several follows from the others
	features []int     // those that the tree looks at
	local    []int32   // by node: of a split, the place of its feature among them
	number   []int32   // by node: of a split, its number among the splits
	splits   []uint32  // by number: its node
	tables   []float64 // by node, the edge above it: for o = 1 and for o = 0, what P and what H are multiplied by at each point
	again    []float64 // by node: what P is multiplied by if o was 0 before the edge
	deepest  int
}

// Trees beyond these are not shared: their tables would take a gigabyte. No sensible
// tree comes near, but a file may hold any.
const (
	sharedDepth  = 1 << 16
	sharedTables = 1 << 27
)

func newSharer(t *tree) (*sharer, error) {
	if t.depth > sharedDepth {
		return nil, fmt.Errorf("a tree of depth %d is too deep to explain; want at most %d", t.depth, sharedDepth)
	}
	s := &sharer{tree: t, outputs: max(1, t.k-1), local: make([]int32, len(t.nodes)), number: make([]int32, len(t.nodes)), again: make([]float64, len(t.nodes)), deepest: t.depth}
	place := map[uint16]int{}
	for i, n := range t.nodes {
		if n.kind == leaf {
			continue
		}
		at, ok := place[n.feature]
		if !ok {
			at = len(s.features)
			place[n.feature] = at
			s.features = append(s.features, int(n.feature))
		}
		s.local[i], s.number[i] = int32(at), int32(len(s.splits))
		s.splits = append(s.splits, uint32(i))
	}
	s.points = max(1, (s.most(0, make([]int, len(s.features)), 0)+1)/2)
	if size := len(t.nodes) * 4 * s.points; size > sharedTables || (t.depth+1)*s.points*2 > sharedTables {
		return nil, fmt.Errorf("a tree of %d nodes with up to %d features on the way to a leaf is too large to explain", len(t.nodes), 2*s.points)
	}
	x, w := make([]float64, s.points), make([]float64, s.points)
	gauss.Legendre{}.FixedLocations(x, w, 0, 1)
	s.tables = make([]float64, len(t.nodes)*4*s.points)
	none := edge{z: 1, factor: make([]float64, s.points), g: make([]float64, s.points)}
	for q := range none.factor {
		none.factor[q] = 1
	}
	before := make([]*edge, len(s.features))
	for f := range before {
		before[f] = &none
	}
	s.fill(0, before, x, w)
	return s, nil
}

// most is the largest number of features on a way from the node to a leaf; on counts
// the splits above by feature, of which there are seen.
func (s *sharer) most(at uint32, on []int, seen int) int {
	n := s.nodes[at]
	if n.kind == leaf {
		return seen
	}
	f := s.local[at]
	if on[f] == 0 {
		seen++
	}
	on[f]++
	seen = max(s.most(n.left, on, seen), s.most(n.left+1, on, seen))
	on[f]--
	return seen
}

// An edge is what the splits of a feature have done so far, for a row that passed them.
type edge struct {
	z      float64
	factor []float64 // by point: t + (1-t) z
	g      []float64 // by point: (1-z) / factor
}

// lightest is the least share of the rows that a leaf may stand for; weights may be so
// far apart that the true share is 0, by which nothing can be divided.
const lightest = 1e-100

// fill fills the tables below a node; before has the last edge of each feature.
func (s *sharer) fill(at uint32, before []*edge, x, w []float64) {
	n := s.nodes[at]
	if n.kind == leaf {
		return
	}
	f := s.local[at]
	was := before[f]
	m := s.points
	for c := n.left; c < n.left+2; c++ {
		share := max(s.cover[c], lightest*s.cover[0]) / max(s.cover[at], lightest*s.cover[0])
		own := &edge{z: was.z * share, factor: make([]float64, m), g: make([]float64, m)}
		s.again[c] = share
		table := s.tables[int(c)*4*m:]
		for q, t := range x {
			own.factor[q] = t + (1-t)*own.z
			own.g[q] = (1 - own.z) / own.factor[q]
			table[q], table[m+q] = own.factor[q]/was.factor[q], w[q]*(own.g[q]-was.g[q])
			table[2*m+q], table[3*m+q] = (1-t)*own.z/was.factor[q], w[q]*(-1/(1-t)-was.g[q])
		}
		before[f] = own
		s.fill(c, before, x, w)
	}
	before[f] = was
}

// mean is the mean of the leaves, as the training rows weight them.
func (s *sharer) mean() []float64 {
	out := make([]float64, s.k)
	total := s.cover[0]
	for i, n := range s.nodes {
		if n.kind != leaf {
			continue
		}
		share := 1.0
		if total > 0 {
			share = s.cover[i] / total
		}
		for c, v := range s.leaf(uint32(i)) {
			out[c] += float64(v * share)
		}
	}
	return out
}

// A walker shares the values of a tree for one way that its splits can fall out.
type walker struct {
	*sharer
	right []uint64  // set of the splits, by number, where the row goes right
	fails []bool    // by feature: a split above did not let the row through
	p, h  []float64 // by depth: P by point; H by output and point
	to    []float64 // by feature and output: contributions
}

func (w *walker) walk() {
	m := w.points
	w.p, w.h = resized(w.p, (w.deepest+1)*m), resized(w.h, (w.deepest+1)*m*w.outputs)
	w.fails = resized(w.fails, len(w.features))
	clear(w.fails)
	clear(w.to)
	for q := range m {
		w.p[q] = 1
	}
	w.below(0, 0)
}

// resized returns a slice of length n, x if it is large enough.
func resized[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// below computes H of a node from its P and adds what the edges below it contribute.
func (w *walker) below(at uint32, depth int) {
	m, outputs := w.points, w.outputs
	p, h := w.p[depth*m:(depth+1)*m], w.h[depth*m*outputs:(depth+1)*m*outputs]
	n := &w.nodes[at]
	if n.kind == leaf {
		for c, v := range w.leaf(at)[:outputs] {
			own := h[c*m:][:len(p)]
			for q, x := range p {
				own[q] = v * x
			}
		}
		return
	}
	f := w.local[at]
	goes := uint32(w.right[w.number[at]>>6] >> (w.number[at] & 63) & 1)
	failed := w.fails[f]
	next, sum := w.p[(depth+1)*m:(depth+2)*m], w.h[(depth+1)*m*outputs:(depth+2)*m*outputs]
	for side := range uint32(2) {
		c := n.left + side
		if failed {
			z := w.again[c]
			for q, x := range p {
				next[q] = x * z
			}
			w.below(c, depth+1)
		} else {
			table := w.tables[int(c)*4*m:][:4*m]
			if goes != side {
				table = table[2*m:]
				w.fails[f] = true
			}
			for q, x := range table[:len(p)] {
				next[q] = p[q] * x
			}
			w.below(c, depth+1)
			w.fails[f] = false
			times := table[m : 2*m]
			for o := range outputs {
				own := sum[o*m:][:len(times)]
				part := 0.0
				for q, x := range times {
					part += float64(own[q] * x)
				}
				w.to[int(f)*outputs+o] += part
			}
		}
		if side == 0 {
			copy(h, sum)
			continue
		}
		for i, x := range sum {
			h[i] += x
		}
	}
}
