package dbscan

import (
	"context"

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
	const block = 16
	_, err := par.Map(g.ctx, par.Count(len(cells), block), func(ctx context.Context, b int) (struct{}, error) {
		for _, cell := range cells[b*block : min(len(cells), (b+1)*block)] {
			if err := g.cell(ctx, cell); err != nil {
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

// cell finds the core points of a cell. A tight one is all core if it is heavy enough,
// and its core points, being neighbours, are in one cluster.
func (g *region) cell(ctx context.Context, cell int32) error {
	n := g.tree.Nodes[cell]
	tight, c := g.tight[cell], counter{region: g, own: noise}
	if tight {
		c.own = cell
	}
	root := int32(noise)
	for a := n.Lo; a < n.Hi; a++ {
		if a%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if c.a, c.held = a, 0; tight {
			c.held = g.mass[cell]
		}
		if c.held < g.enough {
			c.visit(0)
		}
		if g.core[a] = c.held >= g.enough; g.core[a] && tight {
			if root == noise {
				root = a
			}
			g.parent[a].Store(root)
		}
	}
	if tight {
		g.whole[cell].Store(true)
	}
	return nil
}

// counter adds up the weight of a point's neighbours until there is enough.
type counter struct {
	*region
	a    int32
	own  int32 // a node that is counted already
	held float64
}

func (c *counter) visit(at int32) {
	n := &c.tree.Nodes[at]
	switch {
	case at == c.own:
	case n.Left == 0:
		for b := n.Lo; b < n.Hi && c.held < c.enough; b++ {
			if c.neighbors(c.a, b) {
				c.held += c.weight[b]
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
