package anomaly

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"flowbook/models/internal/dense"
)

// isolator grows one tree on the values of a sample.
type isolator struct {
	g        *rand.Rand
	n        int
	x        [][]float64 // by column, then row of the sample: numbers, or codes
	category []bool      // by column
	live     []int32     // columns; those beyond a node's count have one value in it
	most     int         // depth at which nodes stay whole
	levels   []float64   // scratch
	tree     isolationTree
}

// growIsolation splits until rows are alone, or until trees are as deep as a balanced
// one would be: beyond that a row is usual anyway.
func growIsolation(g *rand.Rand, rows *dense.Rows) isolationTree {
	n, columns := rows.Len(), rows.Plan().Columns
	s := &isolator{g: g, n: n, most: bits.Len(uint(max(n, 2) - 1))}
	x := make([]float64, n*len(columns))
	for j, c := range columns {
		s.x = append(s.x, x[j*n:(j+1)*n])
		s.category = append(s.category, c.Kind == dense.Category)
		s.live = append(s.live, int32(j))
		numbers(rows, j, s.x[j], 0, n)
	}
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	s.add(1)
	s.grow(0, all, len(columns), 0)
	return s.tree
}

// add appends leaves.
func (s *isolator) add(count int) {
	for range count {
		s.tree.nodes = append(s.tree.nodes, isolationNode{left: uint32(len(s.tree.nodes))})
		s.tree.path = append(s.tree.path, 0)
	}
}

// grow makes node at of these rows, in which at most the first live columns differ.
func (s *isolator) grow(at int, rows []int32, live, depth int) {
	s.tree.depth = max(s.tree.depth, depth)
	s.tree.path[at] = float64(depth) + meanPath(len(rows))
	if len(rows) == 1 || depth == s.most {
		return
	}
	node, live, ok := s.split(rows, live)
	if !ok {
		return
	}
	left := 0
	for i, r := range rows {
		if node.right(s.x[node.feature>>3][r]) == 0 {
			rows[i], rows[left] = rows[left], r
			left++
		}
	}
	node.left = uint32(len(s.tree.nodes))
	s.tree.nodes[at] = node
	s.add(2)
	s.grow(int(node.left), rows[:left], live, depth+1)
	s.grow(int(node.left)+1, rows[left:], live, depth+1)
}

// split draws a column whose values differ, each with the same chance, and where to
// split it. Columns of one value go behind the live ones, which it counts.
func (s *isolator) split(rows []int32, live int) (node isolationNode, left int, ok bool) {
	for live > 0 {
		k := s.g.IntN(live)
		j := s.live[k]
		if s.category[j] {
			node, ok = s.splitLevels(s.x[j], rows)
		} else {
			node, ok = s.splitNumbers(s.x[j], rows)
		}
		if ok {
			node.feature |= uint32(j) << 3
			return node, live, true
		}
		live--
		s.live[k], s.live[live] = s.live[live], j
	}
	return node, 0, false
}

func (s *isolator) splitNumbers(x []float64, rows []int32) (node isolationNode, ok bool) {
	lo, hi, missing := math.Inf(1), math.Inf(-1), 0
	for _, r := range rows {
		v := x[r]
		if v != v {
			missing++
			continue
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	switch {
	case lo < hi:
		u := s.g.Float64()
		node.at = float64((1-u)*lo) + float64(u*hi)
		if !(node.at < hi) {
			node.at = lo
		}
		node.feature = above | uint32(s.g.IntN(2))*missingRight
		return node, true
	case missing > 0 && missing < len(rows):
		return isolationNode{at: hi, feature: above | missingRight}, true
	}
	return node, false
}

func (s *isolator) splitLevels(x []float64, rows []int32) (node isolationNode, ok bool) {
	s.levels = s.levels[:0]
next:
	for _, r := range rows {
		for _, l := range s.levels {
			if l == x[r] {
				continue next
			}
		}
		s.levels = append(s.levels, x[r])
	}
	if len(s.levels) < 2 {
		return node, false
	}
	return isolationNode{at: s.levels[s.g.IntN(len(s.levels))], feature: otherLevel}, true
}
