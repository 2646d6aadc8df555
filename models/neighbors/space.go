package neighbors

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// space says how rows become points: m numbers and g categories.
//
//	m        numbers of a point, padded by zeros to a multiple of 4
//	columns  the plan's column of each number, those that differ most first, so that
//	         a sum of squares passes a limit early; the order does not depend on the
//	         order of the table's columns
//	cost     by category and code+1: squared distance of the code from having no
//	         column; two different codes a, b are cost[a]+cost[b] apart
type space struct {
	plan    *dense.Plan
	m, g    int
	columns []int
	sources []int
	cost    [][]float64
}

// newSpace leaves out numbers that are 0 in every row.
func newSpace(plan *dense.Plan, r *dense.Rows) *space {
	s := &space{plan: plan}
	typical := make([]float64, plan.Width())
	sample := min(r.Len(), 4096)
	x := make([]float64, sample)
	for j, c := range plan.Columns {
		if n := len(c.Ops); c.Kind == dense.Hot || n > 0 && c.Ops[n-1].Kind == dense.Zero {
			continue
		}
		s.columns = append(s.columns, j)
		lo := (r.Len() - sample) / 2
		r.Values(j, x, lo, lo+sample)
		mean := 0.0
		for _, v := range x {
			mean += v / float64(sample)
		}
		for _, v := range x {
			typical[j] += math.Abs(v - mean)
		}
	}
	slices.SortStableFunc(s.columns, func(a, b int) int {
		if typical[a] > typical[b] {
			return -1
		} else if typical[a] < typical[b] {
			return 1
		}
		return strings.Compare(plan.Columns[a].Name, plan.Columns[b].Name)
	})
	s.measure()
	return s
}

// measure sets what follows from the plan and the columns: costs and widths.
func (s *space) measure() {
	hot := make([][]float64, len(s.plan.Source))
	for _, c := range s.plan.Columns {
		if c.Kind != dense.Hot {
			continue
		}
		if hot[c.Source] == nil {
			hot[c.Source] = make([]float64, len(s.plan.Source[c.Source].Levels)+2)
		}
		d := c.On - c.Off
		hot[c.Source][c.Code+1] += float64(d * d)
	}
	for source, cost := range hot {
		if cost != nil {
			s.sources, s.cost = append(s.sources, source), append(s.cost, cost)
		}
	}
	s.m, s.g = (len(s.columns)+3)/4*4, len(s.sources)
}

// points are rows of m numbers and g codes (each plus one, an index into cost).
type points struct {
	m, g int
	x    []float64
	code []int32
}

func (p *points) numbers(i int) []float64 { return p.x[i*p.m : (i+1)*p.m] }
func (p *points) levels(i int) []int32    { return p.code[i*p.g : (i+1)*p.g] }

// farthest is the largest number whose squares can be summed.
const farthest = 1e150

// room returns n points to be filled.
func (s *space) room(n int) *points {
	return &points{m: s.m, g: s.g, x: make([]float64, n*s.m), code: make([]int32, n*s.g)}
}

// points reads rows lo ≤ i < hi.
func (s *space) points(ctx context.Context, r *dense.Rows, lo, hi int) (*points, error) {
	const block = 4096
	p := s.room(hi - lo)
	_, err := par.Map(ctx, par.Count(hi-lo, block), func(_ context.Context, b int) (struct{}, error) {
		return struct{}{}, s.fill(p, r, lo, lo+b*block, min(hi, lo+(b+1)*block))
	})
	return p, err
}

// fill reads rows from ≤ i < to; point 0 is row lo.
func (s *space) fill(p *points, r *dense.Rows, lo, from, to int) error {
	const tile = 256
	buf := make([]float64, tile)
	for t := from; t < to; t += tile {
		n := min(tile, to-t)
		for k, j := range s.columns {
			r.Values(j, buf, t, t+n)
			for i, v := range buf[:n] {
				if v-v != 0 {
					return r.Bad("neighbors", j, t+i, v)
				}
				if math.Abs(v) > farthest {
					return fmt.Errorf("neighbors: column %q has the scaled value %v; want numbers that can be squared; cap it", s.plan.Columns[j].Name, v)
				}
				p.x[(t-lo+i)*s.m+k] = v
			}
		}
	}
	for k, source := range s.sources {
		for i, code := range r.Codes(source)[from:to] {
			p.code[(from-lo+i)*s.g+k] = code + 1
		}
	}
	return nil
}
