package anomaly

import (
	"math"
	"math/rand/v2"
)

// isolationTree is a tree as a list of nodes, the root first, the two children of a
// split beside each other and behind it.
type isolationTree struct {
	nodes []isolationNode
	path  []float64 // by node; of a leaf the path length that ends there
	depth int       // of the deepest leaf
}

// isolationNode sends a row to the node left, or to the one after it. The three low bits
// of feature say what sends it right; a leaf has none of them and is its own left.
type isolationNode struct {
	at      float64
	left    uint32
	feature uint32 // column << 3 | bits
}

const (
	above        = 1 << iota // a value above at
	otherLevel               // a code that is not at
	missingRight             // no value
)

// add adds to sum the path lengths of len(sum) rows of p numbers. Four rows walk at a
// time and none takes a branch, so that their loads overlap.
func (t *isolationTree) add(x []float64, p int, sum []float64) {
	nodes := t.nodes
	i := 0
	for ; i+4 <= len(sum); i += 4 {
		x0, x1, x2, x3 := x[i*p:(i+1)*p], x[(i+1)*p:(i+2)*p], x[(i+2)*p:(i+3)*p], x[(i+3)*p:(i+4)*p]
		var n0, n1, n2, n3 uint32
		for range t.depth {
			n0, n1, n2, n3 = nodes[n0].next(x0), nodes[n1].next(x1), nodes[n2].next(x2), nodes[n3].next(x3)
		}
		sum[i] += t.path[n0]
		sum[i+1] += t.path[n1]
		sum[i+2] += t.path[n2]
		sum[i+3] += t.path[n3]
	}
	for ; i < len(sum); i++ {
		row, n := x[i*p:(i+1)*p], uint32(0)
		for range t.depth {
			n = nodes[n].next(row)
		}
		sum[i] += t.path[n]
	}
}

func (n *isolationNode) next(x []float64) uint32 { return n.left + n.right(x[n.feature>>3]) }

// right is 1 where v goes right, else 0.
func (n *isolationNode) right(v float64) uint32 {
	f := n.feature
	return bit(v > n.at)&f | bit(v != n.at)&(f>>1) | bit(v != v)&(f>>2)
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// meanPath is c(n) of the paper: 2H(n-1) - 2(n-1)/n, the mean path length in a random
// binary search tree of n when the search fails, with H(i) ≈ ln i + γ.
func meanPath(n int) float64 {
	const gamma = 0.57721566490153286
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return 1
	}
	return 2*(math.Log(float64(n-1))+gamma) - 2*float64(n-1)/float64(n)
}

// sample draws size of n rows without replacement (Floyd; Bentley 1987).
func sample(g *rand.Rand, n, size int) []int {
	rows, in := make([]int, 0, size), make(map[int]bool, size)
	for last := n - size; last < n; last++ {
		row := g.IntN(last + 1)
		if in[row] {
			row = last
		}
		in[row] = true
		rows = append(rows, row)
	}
	return rows
}
