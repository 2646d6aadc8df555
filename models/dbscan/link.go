package dbscan

import (
	"cmp"
	"context"
	"slices"

	"flowbook/internal/par"
)

// link joins core points that are neighbours. Which of them meet, and when, depends on
// the number of cores at work; which are joined in the end does not.
func (g *region) link() error {
	// Some nodes that together hold all points, so that there is work for every core.
	const pieces = 64
	front := []int32{0}
	for len(front) < pieces {
		big := 0
		for i, at := range front {
			if g.cores[at] > g.cores[front[big]] {
				big = i
			}
		}
		n := g.tree.Nodes[front[big]]
		if n.Left == 0 || n.Hi-n.Lo < 256 {
			break
		}
		front[big] = n.Left
		front = append(front, n.Right)
	}
	_, err := par.Map(g.ctx, len(front), func(ctx context.Context, i int) (struct{}, error) {
		l := linker{region: g, ctx: ctx}
		l.inside(front[i])
		return struct{}{}, l.err
	})
	if err != nil {
		return err
	}
	type pair struct {
		a, b    int32
		squared float64
	}
	var pairs []pair
	for i, a := range front {
		for _, b := range front[:i] {
			if d := g.between(a, b); d <= g.outer {
				pairs = append(pairs, pair{a, b, d})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.squared, b.squared) })
	_, err = par.Map(g.ctx, len(pairs), func(ctx context.Context, i int) (struct{}, error) {
		l := linker{region: g, ctx: ctx}
		l.across(pairs[i].a, pairs[i].b)
		return struct{}{}, l.err
	})
	return err
}

// linker walks pairs of nodes.
type linker struct {
	*region
	ctx   context.Context
	steps int
	err   error
}

// stop asks now and then whether the work is still wanted.
func (l *linker) stop() bool {
	if l.steps++; l.err == nil && l.steps%256 == 0 {
		l.err = l.ctx.Err()
	}
	return l.err != nil
}

// inside joins the core points of a node.
func (l *linker) inside(at int32) {
	if l.cores[at] == 0 || l.one(at) || l.stop() {
		return
	}
	n := l.tree.Nodes[at]
	if n.Left != 0 {
		l.inside(n.Left)
		l.inside(n.Right)
		l.across(n.Left, n.Right)
		l.one(at)
		return
	}
	for a := n.Lo; a < n.Hi; a++ {
		for b := n.Lo; b < a && l.core[a]; b++ {
			if l.core[b] && l.find(a) != l.find(b) && l.neighbors(a, b) {
				l.union(a, b)
			}
		}
	}
}

// across joins core points of one node with those of another.
func (l *linker) across(a, b int32) {
	if l.cores[a] == 0 || l.cores[b] == 0 || l.stop() {
		return
	}
	one := l.one(a) && l.one(b)
	if one && l.find(l.any(a)) == l.find(l.any(b)) || l.between(a, b) > l.outer {
		return
	}
	m, n := l.tree.Nodes[a], l.tree.Nodes[b]
	if m.Left == 0 && n.Left == 0 {
		l.leaves(a, b, one)
		return
	}
	if m.Left == 0 || n.Left != 0 && n.Hi-n.Lo > m.Hi-m.Lo {
		a, b, m = b, a, n
	}
	first, second := m.Left, m.Right
	if l.between(second, b) < l.between(first, b) {
		first, second = second, first
	}
	l.across(first, b)
	l.across(second, b)
}

// leaves joins core points of two leaves; one pair is enough if each is in one cluster.
func (l *linker) leaves(a, b int32, one bool) {
	m, n := l.tree.Nodes[a], l.tree.Nodes[b]
	for x := m.Lo; x < m.Hi; x++ {
		if !l.core[x] || l.far(x, b) {
			continue
		}
		for y := n.Lo; y < n.Hi; y++ {
			if l.core[y] && (one || l.find(x) != l.find(y)) && l.neighbors(x, y) {
				if l.union(x, y); one {
					return
				}
			}
		}
	}
}

// any is a core point of a node that has some.
func (g *region) any(at int32) int32 {
	n := g.tree.Nodes[at]
	for n.Left != 0 {
		if at = n.Left; g.cores[at] == 0 {
			at = n.Right
		}
		n = g.tree.Nodes[at]
	}
	a := n.Lo
	for !g.core[a] {
		a++
	}
	return a
}

// one reports whether the core points of a node are known to be in one cluster.
func (g *region) one(at int32) bool {
	if g.cores[at] <= 1 || g.whole[at].Load() {
		return true
	}
	n := g.tree.Nodes[at]
	if n.Left != 0 {
		if g.cores[n.Left] > 0 && g.cores[n.Right] > 0 {
			if !g.whole[n.Left].Load() || !g.whole[n.Right].Load() || g.find(g.any(n.Left)) != g.find(g.any(n.Right)) {
				return false
			}
		} else if !g.one(n.Left) || !g.one(n.Right) {
			return false
		}
	} else {
		root := g.find(g.any(at))
		for a := n.Lo; a < n.Hi; a++ {
			if g.core[a] && g.find(a) != root {
				return false
			}
		}
	}
	g.whole[at].Store(true)
	return true
}

// find returns the lowest place known to be in the cluster of a core point, and shortens
// the way to it. It may be called while others join (Anderson, Woll 1991, STOC).
func (g *region) find(a int32) int32 {
	for {
		p := g.parent[a].Load()
		if p == a {
			return a
		}
		q := g.parent[p].Load()
		if q != p {
			g.parent[a].CompareAndSwap(p, q)
		}
		a = q
	}
}

// union joins the clusters of two core points.
func (g *region) union(a, b int32) {
	for {
		a, b = g.find(a), g.find(b)
		if a == b {
			return
		}
		if a > b {
			a, b = b, a
		}
		if g.parent[b].CompareAndSwap(b, a) {
			return
		}
	}
}
