package hclust

import (
	"context"
	"math"

	"flowbook/internal/par"
)

// matrix holds the distances of all pairs of clusters, for average and complete linkage.
type matrix struct {
	d        []float64 // of places j < i at i(i-1)/2 + j
	size     []float64 // by place
	slot     []int32   // by place; -1 where empty
	place    []int32   // by slot
	count    int       // clusters
	complete bool
}

func newMatrix(ctx context.Context, pt *points, complete bool) (*matrix, error) {
	m := &matrix{d: make([]float64, pt.n*(pt.n-1)/2), size: pt.weight, slot: make([]int32, pt.n), place: make([]int32, pt.n), count: pt.n, complete: complete}
	task := par.Track(ctx, "distances", pt.n)
	defer task.Done()
	par.Blocks(pt.n, 48, func(_, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		for i := lo; i < hi; i++ {
			m.slot[i], m.place[i] = int32(i), int32(i)
		}
		for j := range hi - 1 { // a row meets those of the block while it is at hand
			for i := max(lo, j+1); i < hi; i++ {
				m.line(i)[j] = math.Sqrt(square(pt.row(j), pt.row(i), math.Inf(1)))
			}
		}
		task.Add(hi - lo)
	})
	return m, ctx.Err()
}

// line is the distances of place i to the places before it.
func (m *matrix) line(i int) []float64 { return m.d[i*(i-1)/2 : i*(i-1)/2+i] }

// at is the index of the distance of places i and j.
func at(i, j int) int {
	if i < j {
		i, j = j, i
	}
	return i*(i-1)/2 + j
}

func (m *matrix) nearest(slot, _ int32) (int32, float64) {
	i := int(m.place[slot])
	near, key := -1, math.Inf(1)
	for j, d := range m.line(i) {
		if d < key {
			near, key = j, d
		}
	}
	for j, e := i+1, at(i, i+1); j < len(m.slot); j++ {
		if d := m.d[e]; d < key {
			near, key = j, d
		}
		e += j
	}
	return m.slot[near], key
}

// join works out the distances of a merged cluster by the recurrences of Lance and
// Williams (1967), The Computer Journal 9, 373-380. Those of an empty place are +Inf.
func (m *matrix) join(a, b int32) {
	i, j := int(m.place[a]), int(m.place[b])
	own, other := m.size[i], m.size[j]
	for k := range m.slot {
		if k == i || k == j {
			continue
		}
		to, from := &m.d[at(i, k)], &m.d[at(j, k)]
		if m.complete {
			*to = max(*to, *from)
		} else {
			*to = (float64(own**to) + float64(other**from)) / (own + other)
		}
		*from = math.Inf(1)
	}
	m.d[at(i, j)] = math.Inf(1)
	m.size[i] += other
	m.slot[j] = -1
	m.count--
}

// tidy closes the gaps once a quarter of the places are empty.
func (m *matrix) tidy() {
	if 4*m.count > 3*len(m.slot) {
		return
	}
	kept := make([]int, 0, m.count)
	for i, s := range m.slot {
		if s >= 0 {
			kept = append(kept, i)
		}
	}
	e := 0
	for i, from := range kept {
		line := m.line(from)
		for _, j := range kept[:i] {
			m.d[e] = line[j]
			e++
		}
		m.slot[i], m.size[i], m.place[m.slot[from]] = m.slot[from], m.size[from], int32(i)
	}
	m.d, m.slot, m.size = m.d[:e], m.slot[:len(kept)], m.size[:len(kept)]
}
