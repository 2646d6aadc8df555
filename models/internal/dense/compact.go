package dense

import "flowbook/internal/par"

// Compact is a matrix that stores what differs from each column's base:
//
//	x[i][j] = Base[j] + d[i][j],  d mostly zero
//
// The base of a one-hot column is its off value; of a number the value that at
// least half of a sample of its rows have, else the column's mean (then d is a
// centred dense column). Sums of squares and products over d do not cancel: a
// column with a common value has a mean within one deviation of it.
//
// Flows are mostly zeros and one-hot levels: KDDTrain+ one-hot keeps about 15 of
// 122 numbers a row.
type Compact struct {
	N, P   int
	Base   []float64
	Blocks []Block
}

// Block is up to 4096 rows in compressed rows: row Lo+i has the entries
// Start[i] ≤ e < Start[i+1], column Col[e] rising, Val[e] not zero.
type Block struct {
	Lo, Hi int
	Start  []int32
	Col    []int32
	Val    []float64
}

// NewCompact builds the compact matrix of all rows. A missing or infinite number
// is an error that names column and row.
func NewCompact(r *Rows, pkg string) (*Compact, error) {
	if err := r.plan.Numeric(pkg); err != nil {
		return nil, err
	}
	base := make([]float64, r.plan.Width())
	par.Do(len(base), func(j int) { base[j] = r.base(j) })
	return CompactOn(r, pkg, base)
}

// CompactOn is NewCompact with the bases of another matrix, so that rows of both can
// be compared: base has a finite number a column, its Off for a one-hot one.
func CompactOn(r *Rows, pkg string, base []float64) (*Compact, error) {
	if err := r.plan.Numeric(pkg); err != nil {
		return nil, err
	}
	m := &Compact{N: r.n, P: len(base), Base: base, Blocks: make([]Block, par.Count(r.n, blockRows))}
	groups := hotGroups[float64](r.plan)
	errs := make([]error, len(m.Blocks))
	par.Blocks(r.n, blockRows, func(b, lo, hi int) {
		m.Blocks[b], errs[b] = r.block(pkg, m.Base, groups, lo, hi)
	})
	return m, first(errs)
}

// base is the value that d counts from.
func (r *Rows) base(j int) float64 {
	c := r.plan.Columns[j]
	if c.Kind == Hot {
		return c.Off
	}
	const most = 1023
	step := max(1, r.n/most)
	count := make(map[float64]int)
	var one [1]float64
	best, seen := 0.0, 0
	for i := 0; i < r.n; i += step {
		r.Values(j, one[:], i, i+1)
		count[one[0]]++
		if count[one[0]] > count[best] || count[one[0]] == count[best] && one[0] < best {
			best = one[0]
		}
		seen++
	}
	if 2*count[best] >= seen {
		return best
	}
	sum, buf := 0.0, make([]float64, tile)
	for lo := 0; lo < r.n; lo += tile {
		hi := min(r.n, lo+tile)
		r.Values(j, buf, lo, hi)
		for _, v := range buf[:hi-lo] {
			sum += v
		}
	}
	if mean := sum / float64(r.n); mean-mean == 0 {
		return mean
	}
	return 0 // the block reports the value that is not finite
}

func (r *Rows) block(pkg string, base []float64, groups []hotGroup[float64], lo, hi int) (Block, error) {
	p, n := r.plan.Width(), hi-lo
	b := Block{Lo: lo, Hi: hi, Start: make([]int32, n+1)}
	// The columns in order; a run of one-hot columns counts as one.
	type part struct {
		column int
		group  *hotGroup[float64]
	}
	var parts []part
	for j, g := 0, 0; j < p; {
		if g < len(groups) && groups[g].first == j {
			parts = append(parts, part{group: &groups[g]})
			j += groups[g].width
			g++
			continue
		}
		parts = append(parts, part{column: j})
		j++
	}
	d := make([]float64, len(parts)*tile)
	b.Col, b.Val = make([]int32, 0, n*min(len(parts), 16)), make([]float64, 0, n*min(len(parts), 16))
	for t := lo; t < hi; t += tile {
		end := min(hi, t+tile)
		for k, q := range parts {
			if q.group != nil {
				continue
			}
			col := d[k*tile : k*tile+end-t]
			r.Values(q.column, col, t, end)
			for i, v := range col {
				if v-v != 0 {
					return b, r.Bad(pkg, q.column, t+i, v)
				}
				col[i] = v - base[q.column]
			}
		}
		for i := t; i < end; i++ {
			for k, q := range parts {
				if g := q.group; g != nil {
					if a := g.at[r.sources[g.source].codes[i]+1]; a >= 0 && g.on[a] != g.off[a] {
						b.Col = append(b.Col, int32(g.first)+a)
						b.Val = append(b.Val, g.on[a]-g.off[a])
					}
				} else if v := d[k*tile+i-t]; v != 0 {
					b.Col = append(b.Col, int32(q.column))
					b.Val = append(b.Val, v)
				}
			}
			b.Start[i-lo+1] = int32(len(b.Col))
		}
	}
	return b, nil
}
