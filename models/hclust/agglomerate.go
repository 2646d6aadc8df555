package hclust

import (
	"context"

	"flowbook/internal/par"
)

// clusters is what agglomerate works on. Clusters live in slots 0 … n-1, at first
// one row each.
type clusters interface {
	// nearest returns the slot that is least by (key, lower slot, higher slot) among
	// the clusters other than that of slot i. The key rises with the distance and is the
	// same bits from either side. hint is a slot likely to be near, or -1. Several calls
	// run at once.
	nearest(i, hint int32) (j int32, key float64)
	// join puts the cluster of slot b into that of slot a, a < b; b is empty from then.
	join(a, b int32)
	// tidy may rearrange things; no call is under way.
	tidy()
}

// join says that the clusters of two rows merge.
type join struct {
	a, b   int32 // distinct rows, one of each cluster, a < b
	height float64
}

// agglomerate merges n clusters into one by pairs that are each other's nearest. For
// reducible linkages, where a merged cluster is no nearer to a third than the nearer of
// its parts was, such a pair stays one until it merges, so that the order of merges does
// not matter [1, 2]. All pairs of a round merge at once, and only clusters that are new,
// or whose nearest has merged, look for their nearest again: most of them at once, on all
// cores. Where that asks more than four times a merge (many clusters that share a nearest one,
// again and again) it goes on by the nearest-neighbour chain [1], which asks at most 3n times.
//
// Joins come in an order in which parts precede the whole, and heights never fall from
// parts to whole (rounding could have made them).
//
// [1] Murtagh (1983), The Computer Journal 26, 354-359.
// [2] Yu, Wang, Gu, Dhulipala, Shun (2021), PVLDB 15, 285-298, with all clusters as
// chains at once.
func agglomerate(ctx context.Context, n int, c clusters) ([]join, error) {
	g := newRounds(ctx, n, c)
	defer g.task.Done()
	for asked := 0; len(g.joins) < n-1; {
		todo := g.stale()
		if asked += len(todo); asked > 2*n+4*len(g.joins) {
			err := g.chain(ctx)
			return g.joins, err
		}
		if err := g.ask(ctx, todo); err != nil {
			return nil, err
		}
		for _, i := range todo {
			g.meet(i)
		}
		g.tidy()
	}
	return g.joins, nil
}

// rounds is the state of agglomerate.
type rounds struct {
	clusters
	joins []join
	slots []slot
	alive []int32 // slots that hold a cluster, rising; in a chain also others
	task  par.Task
}

func newRounds(ctx context.Context, n int, c clusters) *rounds {
	g := &rounds{clusters: c, joins: make([]join, 0, max(0, n-1)), slots: make([]slot, n), alive: make([]int32, n), task: par.Track(ctx, "hierarchical clustering", max(0, n-1))}
	for i := range n {
		g.slots[i] = slot{near: -1, into: -1}
		g.alive[i] = int32(i)
	}
	return g
}

// slot is what is known of a cluster. near is out of date once that cluster's version
// is not seen any more.
type slot struct {
	near    int32 // the nearest cluster, or what is left of it; -1 before the first look
	into    int32 // the slot that the cluster went into; -1 while it is here
	version int32 // merges here
	seen    int32 // version of near
	key     float64
	top     float64 // height of the last merge
}

// fresh reports whether the nearest cluster of slot i is known.
func (g *rounds) fresh(i int32) bool {
	s := &g.slots[i]
	return s.near >= 0 && g.slots[s.near].version == s.seen
}

// stale drops empty slots and lists those that must look for their nearest.
func (g *rounds) stale() []int32 {
	var todo []int32
	kept := g.alive[:0]
	for _, i := range g.alive {
		if g.slots[i].into >= 0 {
			continue
		}
		kept = append(kept, i)
		if !g.fresh(i) {
			todo = append(todo, i)
		}
	}
	g.alive = kept
	return todo
}

// ask finds the nearest clusters of slots, and tells those clusters where rounding has
// put them nearer than what they know. So the least pair of all is always mutual.
func (g *rounds) ask(ctx context.Context, todo []int32) error {
	const some = 16
	found := make([]slot, len(todo))
	par.Blocks(len(todo), some, func(_, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		for k := lo; k < hi; k++ {
			found[k].near, found[k].key = g.nearest(todo[k], g.hint(todo[k]))
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	for k, i := range todo {
		g.point(i, found[k].near, found[k].key)
	}
	for _, i := range todo {
		j, key := g.slots[i].near, g.slots[i].key
		if g.fresh(j) && before(key, i, j, g.slots[j].key, j, g.slots[j].near) {
			g.point(j, i, key)
		}
	}
	return nil
}

// hint is the cluster that the nearest one of slot i has become, or -1.
func (g *rounds) hint(i int32) int32 {
	j := g.slots[i].near
	for j >= 0 && g.slots[j].into >= 0 {
		j = g.slots[j].into
	}
	if j == i {
		return -1
	}
	return j
}

func (g *rounds) point(i, j int32, key float64) {
	s := &g.slots[i]
	s.near, s.key, s.seen = j, key, g.slots[j].version
}

// before orders pairs by key, lower slot, higher slot.
func before(key float64, i, j int32, other float64, k, l int32) bool {
	if key != other {
		return key < other
	}
	if a, b := min(i, j), min(k, l); a != b {
		return a < b
	}
	return max(i, j) < max(k, l)
}

// meet merges slot i with its nearest if they are each other's.
func (g *rounds) meet(i int32) bool {
	if g.slots[i].into >= 0 || !g.fresh(i) {
		return false
	}
	j := g.slots[i].near
	if !g.fresh(j) || g.slots[j].near != i {
		return false
	}
	a, b := min(i, j), max(i, j)
	to, from := &g.slots[a], &g.slots[b]
	to.top = max(to.key, to.top, from.top)
	to.version++
	from.version++
	from.into = a
	to.near, from.near = -1, -1
	g.joins = append(g.joins, join{a, b, to.top})
	g.join(a, b)
	g.task.Add(1)
	return true
}

// chain merges what is left along a chain of clusters, each the nearest of the one
// before it, from the lowest slot.
func (g *rounds) chain(ctx context.Context) error {
	var links []int32
	for at := 0; at < len(g.alive); {
		if g.slots[g.alive[at]].into >= 0 {
			at++
			continue
		}
		if len(g.joins) == cap(g.joins) {
			break
		}
		if len(links) == 0 {
			links = append(links, g.alive[at])
		}
		i := links[len(links)-1]
		switch {
		case g.slots[i].into >= 0:
			links = links[:len(links)-1]
		case !g.fresh(i):
			if err := g.ask(ctx, []int32{i}); err != nil {
				return err
			}
		case g.meet(i):
			links = links[:len(links)-1]
			g.tidy()
		default:
			links = append(links, g.slots[i].near)
		}
	}
	return nil
}
