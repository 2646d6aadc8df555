package dbscan

import (
	"math"
	"slices"
	"sync/atomic"

	"flowbook/models/internal/near"
)

// region is the distinct rows of a part in boxes.
//
//	place    of each of the part's rows, its place in the tree: equal rows share one
//	at       number of a point that holds the part's column 0, 1, …: those that differ
//	         most are stored first, for a sum to pass a limit early
//	weight   by place; of all rows that are equal
//	first    by place; the lowest of those rows
//	mass     by node; weight of all points
//	tight    by node; whether all of its points are neighbours
//	around   by place; the neighbours of a point that is not core, nil if not noted
//	cores    by node; how many points are core, once counted
//	parent   by place; toward the lowest place that is known to be in its cluster
//	whole    by node; whether all its core points are known to be in one cluster
//	inner    sums up to it are at most Eps² in whatever order they are added,
//	outer    sums above it are above Eps²; what lies between is added again, in order
type region struct {
	*model
	tree         *near.Tree
	place, at    []int32
	weight       []float64
	first        []int32
	mass         []float64
	tight        []bool
	core         []bool
	around       [][]int32
	cores        []int32
	parent       []atomic.Int32
	whole        []atomic.Bool
	inner, outer float64
}

// region merges the equal rows of a part and grows the tree.
func (m *model) region(p part) (*region, error) {
	g := &region{model: m}
	// Sums of so many squares, added in two orders, differ by less than this.
	slack := float64(len(p.columns)+16) * 0x1p-52
	g.inner, g.outer = m.eps2*(1-slack), m.eps2*(1+slack)
	all := g.points(p)
	merged, points, space := merge(all, p)
	tree, err := near.Grow(m.ctx, space, points, nil, math.Inf(1))
	if err != nil {
		return nil, err
	}
	g.tree = tree
	n := len(tree.Index)
	where := make([]int32, n) // place of a merged point
	g.first = make([]int32, n)
	for at, i := range tree.Index {
		where[i] = int32(at)
		g.first[at] = math.MaxInt32
	}
	g.place, g.weight = merged, make([]float64, n)
	for i, row := range p.rows {
		at := where[merged[i]]
		g.place[i] = at
		g.weight[at] += weightOf(m.weights, int(row))
		g.first[at] = min(g.first[at], row)
	}
	g.core, g.around, g.parent = make([]bool, n), make([][]int32, n), make([]atomic.Int32, n)
	for at := range g.parent {
		g.parent[at].Store(int32(at))
	}
	g.measure()
	return g, nil
}

// points copies a part's columns to rows.
func (g *region) points(p part) *near.Points {
	_, out := near.Plain(len(p.rows), len(p.columns))
	spread := make([]float64, len(p.columns))
	order := make([]int, len(p.columns))
	for j, x := range p.columns {
		order[j] = j
		mean := 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			spread[j] += math.Abs(v - mean)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if spread[a] > spread[b] {
			return -1
		} else if spread[a] < spread[b] {
			return 1
		}
		return 0
	})
	g.at = make([]int32, len(order))
	for k, j := range order {
		g.at[j] = int32(k)
		for i, v := range p.columns[j] {
			out.X[i*out.M+k] = v + 0 // no negative zero
		}
	}
	return out
}

// merge gives equal rows one number, in the order of their first, and keeps their points
// once.
func merge(all *near.Points, p part) (merged []int32, points *near.Points, space *near.Space) {
	size := 16
	for size < 2*all.N {
		size *= 2
	}
	slots := make([]int32, size) // number+1, by hash
	merged = make([]int32, all.N)
	var kept []int32
	for i := range all.N {
		x := all.Numbers(i)
		h := uint64(14695981039346656037)
		for _, v := range x {
			h = (h ^ math.Float64bits(v)) * 0x9e3779b97f4a7c15
			h ^= h >> 32
		}
		at := int(h) & (size - 1)
		for slots[at] != 0 && !slices.Equal(all.Numbers(int(kept[slots[at]-1])), x) {
			at = (at + 1) & (size - 1)
		}
		if slots[at] == 0 {
			kept = append(kept, int32(i))
			slots[at] = int32(len(kept))
		}
		merged[i] = slots[at] - 1
	}
	space, points = near.Plain(len(kept), len(p.columns))
	for k, i := range kept {
		copy(points.Numbers(k), all.Numbers(int(i)))
	}
	return merged, points, space
}

// measure finds the mass of each node and whether it is tight, from below.
func (g *region) measure() {
	t := g.tree
	n := len(t.Nodes)
	g.mass, g.tight, g.cores, g.whole = make([]float64, n), make([]bool, n), make([]int32, n), make([]atomic.Bool, n)
	for at := n - 1; at >= 0; at-- {
		node := t.Nodes[at]
		if node.Left == 0 {
			for _, w := range g.weight[node.Lo:node.Hi] {
				g.mass[at] += w
			}
		} else {
			g.mass[at] = g.mass[node.Left] + g.mass[node.Right]
		}
		if node.Left == 0 || g.tight[node.Left] && g.tight[node.Right] {
			lows, highs := t.Box(int32(at))
			g.tight[at] = squared(lows, highs, g.inner) <= g.inner
		}
	}
}

// squared is the sum of squared differences in four lanes; one that has passed the limit
// may end there.
func squared(x, y []float64, limit float64) float64 {
	s0, s1, s2, s3 := 0.0, 0.0, 0.0, 0.0
	y = y[:len(x)]
	for j := 0; j+3 < len(x) && j+3 < len(y); j += 4 {
		d0, d1, d2, d3 := x[j]-y[j], x[j+1]-y[j+1], x[j+2]-y[j+2], x[j+3]-y[j+3]
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
		if j&4 != 0 && (s0+s1)+(s2+s3) > limit {
			break
		}
	}
	return (s0 + s1) + (s2 + s3)
}

// neighbors reports whether the points at two places are at most Eps apart.
func (g *region) neighbors(a, b int32) bool {
	x, y := g.tree.Points.Numbers(int(a)), g.tree.Points.Numbers(int(b))
	s := squared(x, y, g.outer)
	if s <= g.inner || s > g.outer {
		return s <= g.inner
	}
	s = 0
	for _, j := range g.at {
		d := x[j] - y[j]
		s += float64(d * d)
	}
	return s <= g.eps2
}

// far reports whether a point is farther than Eps from all of a node.
func (g *region) far(a, node int32) bool { return g.bound(a, node) > g.outer }

// bound is at most the squared distance, in four lanes, of a point from each point of a
// node.
func (g *region) bound(a, node int32) float64 {
	x := g.tree.Points.Numbers(int(a))
	lows, highs := g.tree.Box(node)
	return gaps(x, x, lows, highs, g.outer)
}

// between is at most the squared distance of the points of two nodes.
func (g *region) between(a, b int32) float64 {
	la, ha := g.tree.Box(a)
	lb, hb := g.tree.Box(b)
	return gaps(la, ha, lb, hb, g.outer)
}

// gaps sums the squared gaps between two boxes.
func gaps(la, ha, lb, hb []float64, limit float64) float64 {
	s0, s1, s2, s3 := 0.0, 0.0, 0.0, 0.0
	n := len(la)
	ha, lb, hb = ha[:n], lb[:n], hb[:n]
	for j := 0; j+3 < n; j += 4 {
		d0, d1 := max(0, la[j]-hb[j], lb[j]-ha[j]), max(0, la[j+1]-hb[j+1], lb[j+1]-ha[j+1])
		d2, d3 := max(0, la[j+2]-hb[j+2], lb[j+2]-ha[j+2]), max(0, la[j+3]-hb[j+3], lb[j+3]-ha[j+3])
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
		if j&4 != 0 && (s0+s1)+(s2+s3) > limit {
			break
		}
	}
	return (s0 + s1) + (s2 + s3)
}
