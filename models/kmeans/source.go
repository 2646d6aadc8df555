package kmeans

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// coresetRows is how many rows stand for those of a source.
const coresetRows = 1 << 17

// searches is how often centers are looked for on them, by other seeds: one in some
// ends half a hundredth above the others, and a search costs little beside reading.
const searches = 3

// FitSource is Fit for rows that do not fit in memory. It reads the source once to
// measure its columns, once to draw a sample of some 131,072 rows, more of those far
// from the mean, on which Fit finds centers, the best of three times, and then once for
// each of Lloyd's rounds on all rows, until one lowers the inertia by less than a
// 100,000th, at most MaxRounds times. That takes some seven rounds: the centers of the
// sample start within 1/1000 of the inertia where they end, and that is within 1/1000 of
// Fit's. Rounds keep nothing of a row, so that memory does not grow with the rows: some
// 300 MB for 40 columns. Copies of the rows in fewer bits would; so would bounds, and a
// round's arithmetic costs about what reading does. Inertia is that of the centers
// returned, to the last row; they are the means of the round before.
//
// The model is the same, to the bit, however the source cuts its blocks. It has no
// Labels: take them block by block from Assign. A value that is not a finite number
// is an error with its block, row and column, and so is a source that has another number of
// rows when it is read again. Whoever scales features wraps the source.
func (c Config) FitSource(ctx context.Context, source table.Source) (*Model, error) {
	c, err := c.defaults()
	if err != nil {
		return nil, err
	}
	s, err := newStream(source)
	if err != nil {
		return nil, err
	}
	all, err := s.spread(ctx)
	if err != nil {
		return nil, err
	}
	if err := all.usable(s.plan); err != nil {
		return nil, err
	}
	best, base, err := c.fitCoreset(ctx, s, all)
	if err != nil {
		return nil, err
	}
	r := newRounds(s, all, best.centers, base)
	if err := r.run(ctx, c.MaxRounds); err != nil {
		return nil, err
	}
	m := newModel(s.plan, all.mean, r.from(all.mean), r.mass, best.rounds+r.passes)
	m.clustering.Inertia = r.inertia
	return m, nil
}

// usable reports rows of which no distances can be taken.
func (a *spread) usable(plan *dense.Plan) error {
	if a.weight == 0 {
		return fmt.Errorf("kmeans: the source has no rows, or none with weight")
	}
	square := a.weight
	for j, f := range plan.Columns {
		far := a.high[j] - a.low[j]
		if square += float64(float64(far*far) * a.weight); !(square < most) {
			return tooFar(f.Name, far)
		}
	}
	return nil
}

// fitCoreset clusters a coreset of the source. It returns the base of the centers.
func (c Config) fitCoreset(ctx context.Context, s *stream, all *spread) (*lloyd, []float64, error) {
	p, size := s.plan.Width(), coresetRows
	if s.rows <= size {
		size = 2 * s.rows // takes every row
	}
	square := 0.0
	for _, v := range all.square {
		square += v
	}
	draw := newCoreset(size, all.weight, square, c.Seed.At("coreset").Rand())
	x, w := make([][]float64, p), []float64(nil)
	far := make([]float64, s.size)
	err := s.pass(ctx, "drawing a sample", func(n int) {
		s.tiles(n, func(_, lo, hi int) {
			d := far[lo:hi]
			clear(d)
			for j, m := range all.mean {
				for i, v := range s.column(j, lo, hi) {
					d[i] += float64((v - m) * (v - m))
				}
			}
		})
		for i := range n {
			if v := draw.take(s.w[i], far[i]); v > 0 {
				w = append(w, v)
				for j := range x {
					x[j] = append(x[j], s.x[j*s.size+i])
				}
			}
		}
	})
	if err != nil {
		return nil, nil, err
	}
	columns := make([]table.Column, p)
	for j, f := range s.plan.Columns {
		columns[j] = table.Float(f.Name, f.Unit, x[j])
	}
	part, err := table.New("the sample", columns...)
	if err != nil {
		return nil, nil, fmt.Errorf("kmeans: %w", err)
	}
	bound, err := s.plan.Bind("kmeans", part.View())
	if err != nil {
		return nil, nil, err
	}
	compact, err := dense.NewCompact(bound, "kmeans")
	if err != nil {
		return nil, nil, err
	}
	points, err := newPoints(compact, w)
	if err != nil {
		return nil, nil, err
	}
	if points.n < c.K {
		return nil, nil, fmt.Errorf("kmeans: K is %d and a sample of %d rows has %d distinct ones; want K at most that", c.K, len(w), points.n)
	}
	var best *lloyd
	for i := range searches {
		own := c
		own.Seed = c.Seed.Index("search", i)
		l, err := own.run(ctx, points)
		if err != nil {
			return nil, nil, err
		}
		l.prepare()
		if l.score(); best == nil || l.inertia < best.inertia {
			best = l
		}
	}
	return best, compact.Base, nil
}

// unit is a power of two by which the distances of the rows to their mean become less
// than 1.
func (a *spread) unit() float64 {
	far := 0.0
	for j, m := range a.mean {
		far = max(far, a.high[j]-m, m-a.low[j])
	}
	_, e := math.Frexp(far)
	return math.Ldexp(1, -e)
}
