package dbscan

import (
	"cmp"
	"context"
	"math"
	"slices"

	"flowbook/internal/par"
)

// join returns the cluster of every place, by its lowest core row, or noise.
func (g *region) join() ([]int32, error) {
	n := len(g.core)
	name := make([]int32, n) // of a cluster, by its root
	for a := range name {
		name[a] = math.MaxInt32
	}
	for a, core := range g.core {
		if core {
			root := g.find(int32(a))
			name[root] = min(name[root], g.first[a])
		}
	}
	cluster := make([]int32, n)
	_, err := par.Map(g.ctx, par.Count(n, 256), func(ctx context.Context, b int) (struct{}, error) {
		for a := int32(b * 256); a < int32(min(n, (b+1)*256)); a++ {
			if a%16 == 0 && ctx.Err() != nil {
				return struct{}{}, ctx.Err()
			}
			if g.core[a] {
				cluster[a] = name[g.find(a)]
				continue
			}
			s := seeker{g, name, a, math.MaxInt32}
			if near := g.around[a]; near != nil {
				for _, b := range near {
					s.ask(b)
				}
			} else {
				s.visit(0)
			}
			if cluster[a] = s.best; s.best == math.MaxInt32 {
				cluster[a] = noise
			}
		}
		return struct{}{}, nil
	})
	return cluster, err
}

// seeker finds the first cluster of a border point's core neighbours.
type seeker struct {
	*region
	name []int32
	a    int32
	best int32
}

func (s *seeker) visit(at int32) {
	if s.cores[at] == 0 || s.whole[at].Load() && s.name[s.find(s.any(at))] >= s.best || s.far(s.a, at) {
		return
	}
	n := s.tree.Nodes[at]
	if n.Left != 0 {
		s.visit(n.Left)
		s.visit(n.Right)
		return
	}
	for b := n.Lo; b < n.Hi; b++ {
		if s.core[b] && s.name[s.find(b)] < s.best && s.neighbors(s.a, b) {
			s.ask(b)
		}
	}
}

// ask hears a neighbour.
func (s *seeker) ask(b int32) {
	if s.core[b] {
		s.best = min(s.best, s.name[s.find(b)])
	}
}

// sortByMass orders clusters by falling mass, the lower of a tie first.
func sortByMass(order []int32, mass []float64) {
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(mass[b], mass[a]), cmp.Compare(a, b)) })
}

func weightOf(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}
