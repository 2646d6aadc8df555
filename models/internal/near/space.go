package near

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// Space says how rows become points: m numbers and g categories.
//
//	m        numbers of a point, padded by zeros to a multiple of 4
//	columns  the plan's column of each number, those that differ most first, so that
//	         a sum of squares passes a limit early; the order does not depend on the
//	         order of the table's columns
//	cost     by category and code+1: squared distance of the code from having no
//	         column; two different codes a, b are cost[a]+cost[b] apart
type Space struct {
	pkg     string // of errors
	plan    *dense.Plan
	m, g    int
	columns []int
	sources []int
	cost    [][]float64
}

// newSpace leaves out numbers that are 0 in every row.
func newSpace(pkg string, plan *dense.Plan, r *dense.Rows) *Space {
	s := &Space{pkg: pkg, plan: plan}
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
func (s *Space) measure() {
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
	s.m, s.g = padded(len(s.columns)), len(s.sources)
}

// Points are N rows of M numbers and G codes (each plus one, an index into cost).
type Points struct {
	N, M, G int
	X       []float64
	Code    []int32
}

// Plain is the space of n points of so many numbers, at 0 until they are filled.
func Plain(n, numbers int) (*Space, *Points) {
	s := &Space{m: padded(numbers)}
	return s, s.Room(n)
}

func padded(numbers int) int { return (numbers + 3) / 4 * 4 }

func (p *Points) Numbers(i int) []float64 { return p.X[i*p.M : (i+1)*p.M] }
func (p *Points) Levels(i int) []int32    { return p.Code[i*p.G : (i+1)*p.G] }

// Farthest is the largest number whose squares can be summed.
const Farthest = 1e150

// Room returns n points to be filled.
func (s *Space) Room(n int) *Points {
	return &Points{N: n, M: s.m, G: s.g, X: make([]float64, n*s.m), Code: make([]int32, n*s.g)}
}

// points reads rows lo ≤ i < hi.
func (s *Space) points(ctx context.Context, r *dense.Rows, lo, hi int) (*Points, error) {
	const block = 4096
	p := s.Room(hi - lo)
	_, err := par.Map(ctx, par.Count(hi-lo, block), func(_ context.Context, b int) (struct{}, error) {
		return struct{}{}, s.fill(p, r, lo, lo+b*block, min(hi, lo+(b+1)*block))
	})
	return p, err
}

// fill reads rows from ≤ i < to; point 0 is row lo.
func (s *Space) fill(p *Points, r *dense.Rows, lo, from, to int) error {
	const tile = 256
	buf := make([]float64, tile)
	for t := from; t < to; t += tile {
		n := min(tile, to-t)
		for k, j := range s.columns {
			r.Values(j, buf, t, t+n)
			for i, v := range buf[:n] {
				if v-v != 0 {
					return r.Bad(s.pkg, j, t+i, v)
				}
				if math.Abs(v) > Farthest {
					return fmt.Errorf("%s: column %q has the scaled value %v; want numbers that can be squared; cap it", s.pkg, s.plan.Columns[j].Name, v)
				}
				p.X[(t-lo+i)*s.m+k] = v
			}
		}
	}
	for k, source := range s.sources {
		for i, code := range r.Codes(source)[from:to] {
			p.Code[(from-lo+i)*s.g+k] = code + 1
		}
	}
	return nil
}
