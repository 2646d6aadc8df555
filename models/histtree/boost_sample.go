package histtree

import (
	"math"

	"flowbook/internal/rng"
)

// A sampler says which rows and features a round and a tree may look at.
type sampler struct {
	rowShare, columnShare float64
	seed                  rng.Seed
	base                  []uint32 // rows that may be drawn: those not held out
	held                  []uint32 // rows held out; nil: there are none
	perm                  []uint32
}

func newSampler(l Boost, b *binned) *sampler {
	s := &sampler{rowShare: l.RowSample, columnShare: l.ColumnSample, seed: l.Seed}
	if l.EarlyStop > 0 {
		random := newStream(l.Seed.At("held"))
		for c := range b.classes {
			lo, hi := b.ends[c], b.ends[c+1]
			s.held = choose(s.held, &random, lo, hi, int(l.HeldOut*float64(hi-lo)))
		}
	}
	s.base = without(make([]uint32, 0, b.rows()), uint32(b.rows()), s.held)
	return s
}

// choose appends m of the numbers lo … hi-1, each set of m equally likely, in
// ascending order (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
func choose(to []uint32, random *stream, lo, hi uint32, m int) []uint32 {
	for at := lo; at < hi && m > 0; at++ {
		if random.below(uint64(hi-at)) < uint64(m) {
			to = append(to, at)
			m--
		}
	}
	return to
}

// without appends 0 … n-1 but for the rows of some, which are in ascending order.
func without(to []uint32, n uint32, some []uint32) []uint32 {
	for at := range n {
		if len(some) > 0 && some[0] == at {
			some = some[1:]
			continue
		}
		to = append(to, at)
	}
	return to
}

// rows draws the rows of a round.
func (s *sampler) rows(g *booster, round int) {
	if s.rowShare == 1 {
		g.sample, g.rest = s.base, s.held
		return
	}
	random := newStream(s.seed.Index("rows", round))
	m := max(1, int(math.Round(s.rowShare*float64(len(s.base)))))
	drawn := choose(g.drawn[:0], &random, 0, uint32(len(s.base)), m)
	for i, at := range drawn {
		drawn[i] = s.base[at]
	}
	g.drawn, g.sample = drawn, drawn
	g.rest = without(g.rest[:0:cap(g.rest)], uint32(g.rows()), drawn)
}

// features draws the features of a tree.
func (s *sampler) features(g *booster, tree int) {
	p := len(g.columns)
	if s.columnShare == 1 {
		for f := range g.look {
			g.look[f] = true
		}
		g.choose()
		return
	}
	s.perm = s.perm[:0]
	for f := range p {
		s.perm = append(s.perm, uint32(f))
	}
	random := newStream(s.seed.Index("features", tree))
	random.shuffle(s.perm)
	clear(g.look)
	for _, f := range s.perm[:max(1, int(math.Round(s.columnShare*float64(p))))] {
		g.look[f] = true
	}
	g.choose()
}
