package kmeans

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// A stream reads a source again and again, in chunks of one length, however the
// source cuts its blocks: what is summed over tiles of a chunk is the same to the bit.
type stream struct {
	source table.Source
	plan   *dense.Plan
	size   int       // rows of a chunk
	x      []float64 // column j of row i of the chunk: x[j*size+i]
	w      []float64 // weight of row i, 1 without
	rows   int       // of the source; 0 before it has been read
}

// tile is the number of rows that are worked on at a time: their columns as float32
// stay in the second cache.
const tile = 512

// chunk is about how many numbers a chunk has.
const chunk = 1 << 20

func newStream(source table.Source) (*stream, error) {
	head, err := table.New("source", source.Columns()...)
	if err != nil {
		return nil, fmt.Errorf("kmeans: %w", err)
	}
	plan, err := dense.Of("kmeans", head.View())
	if err != nil {
		return nil, err
	}
	p := plan.Width()
	if p == 0 {
		return nil, fmt.Errorf("kmeans: no features to fit on; give a column the role feature")
	}
	size := tile * max(1, chunk/(p*tile))
	return &stream{source: source, plan: plan, size: size, x: make([]float64, size*p), w: make([]float64, size)}, nil
}

// pass reads the source once. take is called for every chunk with its number of rows.
func (s *stream) pass(ctx context.Context, task string, take func(n int)) error {
	progress := par.Track(ctx, task, s.rows)
	defer progress.Done()
	read, block, n := 0, 0, 0
	for b, err := range s.source.Blocks(ctx) {
		if err != nil {
			return fmt.Errorf("kmeans: %w", err)
		}
		block++
		where := fmt.Sprintf("kmeans: block %d, from row %d on", block, read+1)
		v := b.View()
		bound, err := s.plan.Bind(where, v)
		if err != nil {
			return err
		}
		weights, err := v.Weights()
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		for lo := 0; lo < bound.Len(); {
			if err := ctx.Err(); err != nil {
				return err
			}
			m := min(bound.Len()-lo, s.size-n)
			if err := s.fill(bound, where, weights, lo, n, m); err != nil {
				return err
			}
			lo, n = lo+m, n+m
			if n == s.size {
				take(n)
				n = 0
			}
		}
		read += bound.Len()
		progress.Add(bound.Len())
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if n > 0 {
		take(n)
	}
	if s.rows != 0 && s.rows != read {
		return fmt.Errorf("kmeans: the source gave %d rows and, read again, %d; want the same each time", s.rows, read)
	}
	s.rows = read
	return nil
}

// fill copies m rows of a block, from lo on, to place at of the chunk.
func (s *stream) fill(bound *dense.Rows, where string, weights []float64, lo, at, m int) error {
	errs := make([]error, s.plan.Width())
	par.Do(len(errs), func(j int) {
		x := s.x[j*s.size+at : j*s.size+at+m]
		bound.Values(j, x, lo, lo+m)
		for i, v := range x {
			if v-v != 0 {
				errs[j] = bound.Bad(where, j, lo+i, v)
				return
			}
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if weights != nil {
		copy(s.w[at:], weights[lo:lo+m])
		return nil
	}
	for i := range m {
		s.w[at+i] = 1
	}
	return nil
}

// tiles calls f for each tile of a chunk of n rows, on all cores.
func (s *stream) tiles(n int, f func(t, lo, hi int)) { par.Blocks(n, tile, f) }

// column is rows lo ≤ i < hi of column j of the chunk.
func (s *stream) column(j, lo, hi int) []float64 { return s.x[j*s.size+lo : j*s.size+hi] }

// spread is the weight of some rows and, by column, their mean, their squared
// distance to it, weighted, and the least and greatest value.
type spread struct {
	weight                  float64
	mean, square, low, high []float64
}

func newSpread(p int) *spread {
	a := &spread{mean: make([]float64, p), square: make([]float64, p), low: make([]float64, p), high: make([]float64, p)}
	for j := range p {
		a.low[j], a.high[j] = math.Inf(1), math.Inf(-1)
	}
	return a
}

// join adds other rows (Chan, Golub, LeVeque 1983, equation 2.1).
func (a *spread) join(b *spread) {
	total := a.weight + b.weight
	for j := range a.mean {
		a.low[j], a.high[j] = min(a.low[j], b.low[j]), max(a.high[j], b.high[j])
		if b.weight > 0 {
			d := b.mean[j] - a.mean[j]
			a.mean[j] += d * (b.weight / total)
			a.square[j] += b.square[j] + float64(d*d)*(a.weight*(b.weight/total))
		}
	}
	a.weight = total
}

// spread measures the rows of the source.
func (s *stream) spread(ctx context.Context) (*spread, error) {
	p := s.plan.Width()
	all := newSpread(p)
	err := s.pass(ctx, "measuring columns", func(n int) {
		parts := make([]*spread, par.Count(n, tile))
		s.tiles(n, func(t, lo, hi int) { parts[t] = s.measure(lo, hi) })
		for _, part := range parts {
			all.join(part)
		}
	})
	return all, err
}

// measure is the spread of rows lo ≤ i < hi of the chunk.
func (s *stream) measure(lo, hi int) *spread {
	out, w := newSpread(s.plan.Width()), s.w[lo:hi]
	for _, v := range w {
		out.weight += v
	}
	for j := range out.mean {
		x := s.column(j, lo, hi)
		low, high, sum := x[0], x[0], 0.0
		for i, v := range x {
			low, high = min(low, v), max(high, v)
			sum += float64(w[i] * v)
		}
		out.low[j], out.high[j] = low, high
		if out.weight > 0 {
			m, q := sum/out.weight, 0.0
			for i, v := range x {
				d := v - m
				q += float64(w[i] * float64(d*d))
			}
			out.mean[j], out.square[j] = m, q
		}
	}
	return out
}
