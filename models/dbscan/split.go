package dbscan

import (
	"cmp"
	"context"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/near"
)

// part is rows that have no neighbour outside it, in the columns in which they differ:
// the others add 0 to every distance.
type part struct {
	rows    []int32     // rising
	columns [][]float64 // in the plan's order
}

// split parts the rows where columns leave gaps, and parts again, for what was together
// for the sake of a row that has left. Parts too light for a core row are noise and left
// out. The largest part comes first.
func (m *model) split(r *dense.Rows) ([]part, error) {
	whole := part{rows: make([]int32, r.Len())}
	for i := range whole.rows {
		whole.rows[i] = int32(i)
	}
	cuts, err := par.Map(m.ctx, r.Plan().Width(), func(_ context.Context, j int) (cut, error) {
		x := make([]float64, r.Len())
		r.Values(j, x, 0, len(x))
		for i, v := range x {
			if !(math.Abs(v) <= near.Farthest) {
				return cut{}, r.Bad("dbscan", j, i, v)
			}
		}
		return m.cut(x), nil
	})
	if err != nil {
		return nil, err
	}
	first := m.apart(whole, cuts)
	settled, err := par.Map(m.ctx, len(first), func(ctx context.Context, i int) (out []part, err error) {
		for todo := []part{first[i]}; len(todo) > 0; {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			p := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			cuts := make([]cut, len(p.columns))
			for j, x := range p.columns {
				cuts[j] = m.cut(x)
			}
			if smaller := m.apart(p, cuts); len(smaller) == 1 && len(smaller[0].rows) == len(p.rows) {
				out = append(out, smaller[0])
			} else {
				todo = append(todo, smaller...)
			}
		}
		return out, nil
	})
	if err != nil {
		return nil, err
	}
	parts := slices.Concat(settled...)
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(len(b.rows), len(a.rows)), cmp.Compare(a.rows[0], b.rows[0]))
	})
	return parts, nil
}

// cut is a column as its gaps part it.
type cut struct {
	segment []uint8   // of each row; nil if there is but one
	x       []float64 // the column; nil if no segment has two different numbers
}

// buckets is the most a column is looked at in. Gaps within one go unseen, which costs
// time, not truth; the next round looks closer.
const buckets = 1024

// cut finds the gaps above Eps. A gap is one if its square, as computed, is above Eps²:
// then so is every sum that such a square is part of.
func (m *model) cut(x []float64) cut {
	lowest, highest := slices.Min(x), slices.Max(x)
	if lowest == highest {
		return cut{}
	}
	span := highest - lowest
	n := int(min(buckets, 1+span/math.Sqrt(m.eps2)))
	if n == 1 {
		return cut{x: x}
	}
	scale := float64(n) / span
	bucket := func(v float64) int { return min(n-1, int(float64((v-lowest)*scale))) } // rises with v
	low, high := make([]float64, n), make([]float64, n)
	for b := range low {
		low[b], high[b] = math.Inf(1), math.Inf(-1)
	}
	for _, v := range x {
		b := bucket(v)
		low[b], high[b] = min(low[b], v), max(high[b], v)
	}
	segment, last, differ := make([]uint8, n), 0, false
	for b := range low {
		if low[b] > high[b] {
			continue
		}
		segment[b] = segment[last]
		if gap := low[b] - high[last]; b != last && float64(gap*gap) > m.eps2 {
			segment[b] = min(segment[b]+1, math.MaxUint8-1)
		}
		differ = differ || low[b] < high[b] || b != last && segment[b] == segment[last]
		last = b
	}
	out := cut{}
	if differ {
		out.x = x
	}
	if segment[last] > 0 {
		out.segment = make([]uint8, len(x))
		for i, v := range x {
			out.segment[i] = segment[bucket(v)]
		}
	}
	return out
}

// apart returns the rows of equal segments together, with their columns that differ. Two
// kinds of rows under one key would stay together: that, too, costs time only.
func (m *model) apart(p part, cuts []cut) []part {
	n := len(p.rows)
	key := make([]uint64, n)
	par.Blocks(n, 4096, func(_, lo, hi int) {
		for j, c := range cuts {
			if c.segment == nil {
				continue
			}
			salt := uint64(2*j+1) * 0x9e3779b97f4a7c15
			for i, s := range c.segment[lo:hi] {
				h := key[lo+i] ^ salt*uint64(s+1)
				key[lo+i] = (h ^ h>>29) * 0xbf58476d1ce4e5b9
			}
		}
	})
	group, number := make([]int32, n), map[uint64]int32{}
	var size []int32
	var mass []float64
	for i, k := range key {
		g, ok := number[k]
		if !ok {
			g = int32(len(size))
			number[k] = g
			size, mass = append(size, 0), append(mass, 0)
		}
		group[i] = g
		size[g]++
		mass[g] += weightOf(m.weights, int(p.rows[i]))
	}
	made := make([][]int32, len(size)) // places of the rows of each group that may have a core row
	for i, g := range group {
		if mass[g] >= m.enough {
			if made[g] == nil {
				made[g] = make([]int32, 0, size[g])
			}
			made[g] = append(made[g], int32(i))
		}
	}
	made = slices.DeleteFunc(made, func(at []int32) bool { return at == nil })
	out := make([]part, len(made))
	for k, at := range made {
		out[k].rows = make([]int32, len(at))
		for i, a := range at {
			out[k].rows[i] = p.rows[a]
		}
	}
	differ := make([][][]float64, len(cuts)) // by column and group
	par.Do(len(cuts), func(j int) {
		x := cuts[j].x
		if x == nil {
			return
		}
		differ[j] = make([][]float64, len(made))
		for k, at := range made {
			if !slices.ContainsFunc(at, func(a int32) bool { return x[a] != x[at[0]] }) {
				continue
			}
			v := make([]float64, len(at))
			for i, a := range at {
				v[i] = x[a]
			}
			differ[j][k] = v
		}
	})
	for _, groups := range differ {
		for k, v := range groups {
			if v != nil {
				out[k].columns = append(out[k].columns, v)
			}
		}
	}
	return out
}
