package near

import (
	"math"

	"gonum.org/v1/gonum/blas/gonum"

	"flowbook/internal/par"
)

// sieve holds the points in float32. A batch, which looks at most points, first
// takes the distance from a dot product of four numbers at a time,
//
//	|x-y|² = |x|² + |y|² − 2 x·y
//
// and adds up in float64 only where that, less all that rounding can have done
// to it, is within the limit. It decides what is looked at, never the answer.
type sieve struct {
	x    []float32
	norm []float64 // |y|
}

// siftable is the largest norm whose products are safe in float32.
const siftable = 1e15

// sieve makes the float32 copy when the first batch needs it.
func (t *Tree) sieve() *sieve {
	t.once.Do(func() {
		n := len(t.Index)
		v := &sieve{make([]float32, len(t.Points.X)), make([]float64, n)}
		par.Blocks(n, 4096, func(_, lo, hi int) {
			for at := lo; at < hi; at++ {
				v.norm[at] = narrow(v.x[at*t.Points.M:(at+1)*t.Points.M], t.Points.Numbers(at))
			}
		})
		t.small = v
	})
	return t.small
}

// narrow copies a point to float32 and returns its norm.
func narrow(dst []float32, x []float64) float64 {
	sum := 0.0
	for j, v := range x {
		dst[j] = float32(v)
		sum += v * v
	}
	return math.Sqrt(sum)
}

// sift is scan for a batch.
//
// With u = 2⁻²⁴ a float32 dot product of m terms, inputs rounded, is within
// (m+2)u|x||y| to first order (Higham 2002, §3.1); the slack is twice that, 1e-44 a
// term for what underflows, and some 2⁻⁵⁰ a term for the sums in float64.
func (s *search) sift(n *Node) {
	t, v, m := s.t, s.t.small, len(s.x)
	if !(s.norm < siftable) {
		s.scan(n)
		return
	}
	terms := float64(m + 4)
	for at := n.Lo; at < n.Hi; at++ {
		norm := v.norm[at]
		if norm < siftable {
			dot := float64(gonum.Implementation{}.Sdot(m, s.small, 1, v.x[int(at)*m:int(at+1)*m], 1))
			squares := s.norm*s.norm + norm*norm
			slack := terms * (2.4e-7*s.norm*norm + 1e-15*squares + 1e-43*(1+s.norm+norm))
			if squares-2*dot-slack > s.limit.Squared {
				continue
			}
		}
		if d := s.distance(at); !s.beyond(d, t.Index[at]) {
			s.add(Hit{d, t.Index[at], at})
		}
	}
}
