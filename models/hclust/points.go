package hclust

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// points are the distinct rows, in the order of their first. Columns that are constant
// are left out; the others count from their least value, which keeps the means of
// large numbers exact, and stand in the order of falling variance, so that a sum of
// squares passes a limit early.
type points struct {
	n, p   int
	x      []float64 // n × p, row-major
	weight []float64 // above 0
	of     []int32   // the distinct row of each row
	each   []float64 // the weight of each row; nil where all count 1
}

func newPoints(plan *dense.Plan, rows table.View) (*points, error) {
	bound, err := plan.Bind("hclust", rows)
	if err != nil {
		return nil, err
	}
	weights, err := rows.Weights()
	if err != nil {
		return nil, fmt.Errorf("hclust: %w", err)
	}
	for i, w := range weights {
		if !(w >= 1e-100 && w <= 1e100) { // products of two must hold in a float64
			return nil, fmt.Errorf("hclust: %s: row %d has weight %v; want weights from 1e-100 to 1e100; drop rows that do not count", rows.Table().Name(), rows.Row(i)+1, w)
		}
	}
	x, err := dense.Matrix[float64](bound, "hclust")
	if err != nil {
		return nil, err
	}
	pt := &points{p: plan.Width(), x: x, each: weights}
	pt.merge(bound.Len())
	if !pt.arrange() {
		return nil, fmt.Errorf("hclust: %s: squared distances between rows overflow; scale the features first (encode.MinMax)", rows.Table().Name())
	}
	return pt, nil
}

// merge keeps one of equal rows, with the weight of all.
func (pt *points) merge(n int) {
	p, x := pt.p, pt.x
	hashes := make([]uint64, n)
	par.Blocks(n, 1024, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			h := uint64(14695981039346656037)
			for _, v := range x[i*p : i*p+p] {
				h = (h ^ math.Float64bits(v+0)) * 0x9e3779b97f4a7c15 // -0 is 0
				h ^= h >> 29
			}
			hashes[i] = h
		}
	})
	pt.of = make([]int32, n)
	last := make(map[uint64]int32, n) // the last distinct row of a hash, plus one
	var before []int32                // the one before it, plus one
	for i, h := range hashes {
		row := x[i*p : i*p+p]
		d := last[h]
		for d != 0 && !slices.Equal(x[int(d-1)*p:int(d)*p], row) {
			d = before[d-1]
		}
		w := 1.0
		if pt.each != nil {
			w = pt.each[i]
		}
		if d == 0 {
			copy(x[pt.n*p:], row)
			pt.weight = append(pt.weight, w)
			before = append(before, last[h])
			pt.n++
			d = int32(pt.n)
			last[h] = d
		} else {
			pt.weight[d-1] += w
		}
		pt.of[i] = d - 1
	}
	pt.x = x[:pt.n*p]
}

// arrange leaves out constant columns and orders the others. It reports whether
// squared distances stay finite.
func (pt *points) arrange() bool {
	low, high := slices.Clone(pt.row(0)), slices.Clone(pt.row(0))
	for i := range pt.n {
		for j, v := range pt.row(i) {
			low[j], high[j] = min(low[j], v), max(high[j], v)
		}
	}
	mean, squares := make([]float64, pt.p), make([]float64, pt.p) // from low, of n
	for i := range pt.n {
		for j, v := range pt.row(i) {
			d := (v - low[j]) / float64(pt.n)
			mean[j] += d
			squares[j] += float64(d * (v - low[j]))
		}
	}
	var columns []int
	variance, span := make([]float64, pt.p), 0.0
	for j := range pt.p {
		if low[j] == high[j] {
			continue
		}
		columns = append(columns, j)
		variance[j] = squares[j] - float64(mean[j]*mean[j])
		span += (high[j] - low[j]) * (high[j] - low[j])
	}
	slices.SortStableFunc(columns, func(a, b int) int { return cmp.Compare(variance[b], variance[a]) })
	row := make([]float64, len(columns))
	for i := range pt.n {
		for k, j := range columns {
			row[k] = pt.x[i*pt.p+j] - low[j]
		}
		copy(pt.x[i*len(columns):], row)
	}
	pt.p = len(columns)
	pt.x = pt.x[:pt.n*pt.p]
	total := 0.0
	for _, w := range pt.weight {
		total += w
	}
	return span*max(1, total) <= math.MaxFloat64
}

// row returns the numbers of distinct row i.
func (pt *points) row(i int) []float64 { return pt.x[i*pt.p : i*pt.p+pt.p] }
