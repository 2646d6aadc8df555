package dbscan

import (
	"context"
	"math"
	"slices"
	"sync"

	"flowbook/internal/par"
	"flowbook/models/internal/f32"
)

// sweep counts neighbours where boxes leave out little: all points, in blocks, meet all
// others by products of matrices in float32,
//
//	|x-y|² = |x|² + |y|² − 2 x·y     x, y less the mean of all points
//
// and what that cannot decide, for all that rounding may have done to it, is added up in
// float64 as ever. It decides what is looked at closely, never the answer.
type sweep struct {
	*region
	m      int
	x      []float32 // points in their order
	blocks []block
	norm   []float64 // |x|
	pool   sync.Pool // of *sweeper
}

// block is some points side by side: transposed, with their box.
type block struct {
	lo, hi      int32
	x           []float32 // m lines
	lows, highs []float64
	longest     float64 // of their norms
}

const blockPoints = 128

// spread reports whether boxes leave out little, by a few points of cells that are not
// counted as one.
func (g *region) spread(cells []int32) bool {
	const trials, share, few = 16, 0.05, 2048
	n := len(g.core)
	if n < few {
		return false
	}
	c, tried := counter{region: g}, 0
	for i := 0; i < len(cells); i += 1 + len(cells)/trials {
		if cell := cells[i]; !g.tight[cell] || g.mass[cell] < g.enough {
			c.begin(g.tree.Nodes[cell].Lo, cell)
			c.visit(0)
			tried++
		}
	}
	return float64(c.looked) > share*float64(tried)*float64(n)
}

func newSweep(g *region) *sweep {
	p := g.tree.Points
	s := &sweep{region: g, m: p.M, x: make([]float32, len(p.X)), norm: make([]float64, p.N)}
	mean := make([]float64, p.M)
	for i := range p.N {
		for j, v := range p.Numbers(i) {
			mean[j] += v / float64(p.N)
		}
	}
	s.blocks = make([]block, par.Count(p.N, blockPoints))
	par.Blocks(p.N, blockPoints, func(b, lo, hi int) {
		k := block{lo: int32(lo), hi: int32(hi), x: make([]float32, s.m*(hi-lo)), lows: slices.Clone(p.Numbers(lo)), highs: slices.Clone(p.Numbers(lo))}
		for i := lo; i < hi; i++ {
			sum := 0.0
			for j, v := range p.Numbers(i) {
				k.lows[j], k.highs[j] = min(k.lows[j], v), max(k.highs[j], v)
				d := v - mean[j]
				sum += float64(d * d)
				s.x[i*s.m+j] = float32(d)
			}
			s.norm[i] = math.Sqrt(sum)
			k.longest = max(k.longest, s.norm[i])
		}
		f32.Transpose(f32.Of(k.x, s.m, hi-lo), f32.Of(s.x[lo*s.m:], hi-lo, s.m))
		s.blocks[b] = k
	})
	s.pool.New = func() any { return &sweeper{sweep: s} }
	return s
}

// safe is the largest norm whose products are safe in float32.
const safe = 1e15

// sweeper holds the points of a cell that are still counted.
type sweeper struct {
	*sweep
	at    []int32
	tally []tally
	x     []float32 // their numbers
	dot   []float32
}

// cell finds the core points of a cell.
func (s *sweep) cell(ctx context.Context, cell int32) error {
	if s.heavy(cell) {
		return nil
	}
	w := s.pool.Get().(*sweeper)
	defer s.pool.Put(w)
	n := s.tree.Nodes[cell]
	lows, highs := s.tree.Box(cell)
	for lo := n.Lo; lo < n.Hi; lo += blockPoints {
		hi := min(n.Hi, lo+blockPoints)
		w.begin(lo, hi)
		own := int(lo) / blockPoints
		for i := range s.blocks { // their own block first
			if ctx.Err() != nil {
				return ctx.Err()
			}
			b := &s.blocks[(own+i)%len(s.blocks)]
			if gaps(lows, highs, b.lows, b.highs, s.outer) > s.outer {
				continue
			}
			if w.meet(b); len(w.at) == 0 {
				break
			}
		}
		for i, a := range w.at {
			s.settle(a, w.tally[i])
		}
	}
	s.gather(cell)
	return nil
}

func (w *sweeper) begin(lo, hi int32) {
	w.at, w.tally = w.at[:0], w.tally[:0]
	for a := lo; a < hi; a++ {
		w.at, w.tally = append(w.at, a), append(w.tally, tally{})
	}
	w.x = append(w.x[:0], w.sweep.x[int(lo)*w.m:int(hi)*w.m]...)
}

// meet counts the neighbours in a block, and lets points go that have enough.
//
// With u = 2⁻²⁴ a float32 dot product of m terms, inputs rounded, is within (m+2)u|x||y|
// to first order (Higham 2002, §3.1); the slack is twice that, 1e-44 a term for what
// underflows, and some 2⁻⁵⁰ a term for what is done in float64.
func (w *sweeper) meet(b *block) {
	n, width := len(w.at), int(b.hi-b.lo)
	if len(w.dot) < n*width {
		w.dot = make([]float32, n*width)
	}
	dot := w.dot[:n*width]
	clear(dot)
	f32.MulAdd(f32.Of(dot, n, width), f32.Of(w.x, n, w.m), f32.Of(b.x, w.m, width))
	kept := 0
	for i, a := range w.at {
		t := &w.tally[i]
		x, terms := w.norm[a], float64(w.m+4)
		slack := terms * (2.4e-7*x*b.longest + 2e-15*(x*x+b.longest*b.longest) + 1e-43*(1+x+b.longest))
		out, in := w.outer+slack-x*x, w.inner-slack-x*x
		if !(x < safe && b.longest < safe) {
			out, in = math.NaN(), math.NaN() // look at all: no product, be it infinite, decides
		}
		norm := w.norm[b.lo:b.hi]
		for j, d := range dot[i*width : (i+1)*width] {
			if v := norm[j]*norm[j] - 2*float64(d); v > out {
				continue
			} else if v <= in || w.neighbors(a, b.lo+int32(j)) {
				if w.add(t, b.lo+int32(j)); t.held >= w.enough {
					break
				}
			}
		}
		if t.held >= w.enough {
			w.core[a] = true
			continue
		}
		w.at[kept], w.tally[kept] = a, *t
		copy(w.x[kept*w.m:], w.x[i*w.m:(i+1)*w.m])
		kept++
	}
	w.at, w.tally = w.at[:kept], w.tally[:kept]
}
