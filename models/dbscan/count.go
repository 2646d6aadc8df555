package dbscan

import (
	"context"
	"slices"

	"flowbook/internal/par"
)

// count finds the core points.
func (g *region) count() error {
	t := g.tree
	var cells []int32 // boxes that are counted as one: tight ones and leaves, the largest such
	for todo := []int32{0}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if n := t.Nodes[at]; g.tight[at] || n.Left == 0 {
			cells = append(cells, at)
		} else {
			todo = append(todo, n.Left, n.Right)
		}
	}
	slices.Sort(cells)
	work := g.cell
	if g.spread(cells) {
		work = newSweep(g).cell
	}
	const block = 16
	_, err := par.Map(g.ctx, par.Count(len(cells), block), func(ctx context.Context, b int) (struct{}, error) {
		for _, cell := range cells[b*block : min(len(cells), (b+1)*block)] {
			if err := work(ctx, cell); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	if err != nil {
		return err
	}
	for at := len(t.Nodes) - 1; at >= 0; at-- {
		n := t.Nodes[at]
		if n.Left != 0 {
			g.cores[at] = g.cores[n.Left] + g.cores[n.Right]
			continue
		}
		for _, core := range g.core[n.Lo:n.Hi] {
			if core {
				g.cores[at]++
			}
		}
	}
	return nil
}

// cell finds the core points of a cell, one by one.
func (g *region) cell(ctx context.Context, cell int32) error {
	n := g.tree.Nodes[cell]
	if g.heavy(cell) {
		return nil
	}
	c := counter{region: g}
	for a := n.Lo; a < n.Hi; a++ {
		if a%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		c.begin(a, cell)
		c.visit(0)
		g.settle(a, c.tally)
	}
	g.gather(cell)
	return nil
}

// heavy reports whether all of a cell is core for being tight and of weight enough.
func (g *region) heavy(cell int32) bool {
	if !g.tight[cell] || g.mass[cell] < g.enough {
		return false
	}
	n := g.tree.Nodes[cell]
	for a := n.Lo; a < n.Hi; a++ {
		g.core[a] = true
	}
	g.gather(cell)
	return true
}

// gather joins the core points of a tight cell: they are neighbours.
func (g *region) gather(cell int32) {
	if !g.tight[cell] {
		return
	}
	n, root := g.tree.Nodes[cell], int32(noise)
	for a := n.Lo; a < n.Hi; a++ {
		if g.core[a] {
			if root == noise {
				root = a
			}
			g.parent[a].Store(root)
		}
	}
	g.whole[cell].Store(true)
}

// tally is the weight of a point's neighbours so far, and which they are.
type tally struct {
	held float64
	near []int32 // all of them unless many
	many bool    // more than are noted
}

// noted is the most neighbours that are noted of a point.
const noted = 64

func (g *region) add(t *tally, b int32) {
	t.held += g.weight[b]
	if t.many = t.many || len(t.near) == noted; !t.many {
		t.near = append(t.near, b)
	}
}

// settle ends the count of a point. The neighbours of one that is not core are kept, to
// be asked for their cluster.
func (g *region) settle(a int32, t tally) {
	if g.core[a] = t.held >= g.enough; !g.core[a] && !t.many {
		g.around[a] = slices.Clone(t.near)
	}
}

// counter counts the neighbours of one point after the other, until there are enough.
type counter struct {
	*region
	tally
	a      int32
	own    int32 // a tight cell that is counted already
	looked int   // points looked at
}

func (c *counter) begin(a, cell int32) {
	c.a, c.own = a, noise
	c.tally = tally{near: c.near[:0]}
	if !c.tight[cell] {
		return
	}
	c.own = cell
	n := c.tree.Nodes[cell]
	if n.Hi-n.Lo > noted { // many, and light: of weight 0, or nearly
		c.held, c.many = c.mass[cell], true
		return
	}
	for b := n.Lo; b < n.Hi; b++ {
		c.add(&c.tally, b)
	}
}

func (c *counter) visit(at int32) {
	n := &c.tree.Nodes[at]
	switch {
	case at == c.own:
	case n.Left == 0:
		c.looked += int(n.Hi - n.Lo)
		for b := n.Lo; b < n.Hi && c.held < c.enough; b++ {
			if c.neighbors(c.a, b) {
				c.add(&c.tally, b)
			}
		}
	default:
		first, second := n.Left, n.Right
		x, y := c.bound(c.a, first), c.bound(c.a, second)
		if y < x {
			first, second, x, y = second, first, y, x
		}
		if x <= c.outer {
			c.visit(first)
		}
		if y <= c.outer && c.held < c.enough {
			c.visit(second)
		}
	}
}
