package svm

import (
	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// points are rows as kernels see them: what differs from each column's base, in
// compressed rows. Distances between rows do not see the base. A one-hot row of
// KDDTrain+ has 11 such entries of 122; a product of two rows walks those of one.
//
//	start   row i has the entries start[i] ≤ e < start[i+1], padded to a multiple
//	        of four by zeros, so that the loop over them is seldom mispredicted
//	norm    the squared length of each row
type points struct {
	p     int
	start []int
	col   []int32
	val   []float64
	norm  []float64
}

// farthest is the largest distance from the base whose squares can be summed.
const farthest = 1e150

// newPoints copies rows of a compact matrix; nil means all of them.
func newPoints(x *dense.Compact, rows []int) *points {
	if rows == nil {
		rows = make([]int, x.N)
		for i := range rows {
			rows[i] = i
		}
	}
	q := &points{p: x.P, start: make([]int, len(rows)+1), norm: make([]float64, len(rows))}
	entries := func(i int) ([]int32, []float64) {
		b := &x.Blocks[i/x.Blocks[0].Hi]
		lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
		return b.Col[lo:hi], b.Val[lo:hi]
	}
	for k, i := range rows {
		col, _ := entries(i)
		q.start[k+1] = q.start[k] + (len(col)+3)&^3
	}
	q.col, q.val = make([]int32, q.start[len(rows)]), make([]float64, q.start[len(rows)])
	par.Blocks(len(rows), 1024, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			col, val := entries(rows[k])
			copy(q.col[q.start[k]:], col)
			copy(q.val[q.start[k]:], val)
			q.norm[k] = square(val)
		}
	})
	return q
}

func square(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v * v)
	}
	return sum
}

// n is the number of rows.
func (q *points) n() int { return len(q.norm) }

// take copies some of the rows.
func (q *points) take(rows []int32) *points {
	out := &points{p: q.p, start: make([]int, len(rows)+1), norm: make([]float64, len(rows))}
	for k, i := range rows {
		lo, hi := q.start[i], q.start[i+1]
		out.col, out.val = append(out.col, q.col[lo:hi]...), append(out.val, q.val[lo:hi]...)
		out.start[k+1], out.norm[k] = len(out.col), q.norm[i]
	}
	return out
}

// scatter writes row i to a line of p numbers that are 0; clear takes it away again.
func (q *points) scatter(i int, line []float64) {
	for e := q.start[i]; e < q.start[i+1]; e++ {
		line[q.col[e]] += q.val[e]
	}
}

func (q *points) clear(i int, line []float64) {
	for e := q.start[i]; e < q.start[i+1]; e++ {
		line[q.col[e]] = 0
	}
}

// distances writes the squared distance of each row of list to the row in line,
// whose squared length is norm.
//
// It takes |x|² + |y|² − 2 x·y, as libsvm does: right to some 1e-15 of the squared
// lengths, which are small since they count from the usual row.
func (q *points) distances(list []int32, line []float64, norm float64, dst []float64) {
	dst = dst[:len(list)]
	for k, i := range list {
		lo, hi := q.start[i], q.start[i+1]
		col, val := q.col[lo:hi], q.val[lo:hi]
		var a, b float64
		for len(col) >= 4 && len(val) >= 4 {
			a += float64(val[0]*line[col[0]]) + float64(val[1]*line[col[1]])
			b += float64(val[2]*line[col[2]]) + float64(val[3]*line[col[3]])
			col, val = col[4:], val[4:]
		}
		dst[k] = max(0, norm+q.norm[i]-2*(a+b))
	}
}

// lanes holds up to four scattered rows side by side.
type lanes struct {
	line [][4]float64 // by column, else 0
	norm [4]float64
}

func newLanes(p int) lanes { return lanes{line: make([][4]float64, p)} }

// load scatters up to four rows; unload takes them away again.
func (l *lanes) load(x *points, rows []int32) {
	for lane, i := range rows {
		for e := x.start[i]; e < x.start[i+1]; e++ {
			l.line[x.col[e]][lane] += x.val[e]
		}
		l.norm[lane] = x.norm[i]
	}
}

func (l *lanes) unload(x *points, rows []int32) {
	for lane, i := range rows {
		for e := x.start[i]; e < x.start[i+1]; e++ {
			l.line[x.col[e]][lane] = 0
		}
	}
}

// distances4 is distances to four rows at a time, to the bit the same: an entry is
// fetched once for four products.
func (q *points) distances4(list []int32, l *lanes, dst *[4][]float64) {
	d0, d1, d2, d3 := dst[0][:len(list)], dst[1][:len(list)], dst[2][:len(list)], dst[3][:len(list)]
	for k, i := range list {
		col, val := q.col[q.start[i]:q.start[i+1]], q.val[q.start[i]:q.start[i+1]]
		var a0, a1, a2, a3, b0, b1, b2, b3 float64
		for len(col) >= 4 && len(val) >= 4 {
			v, w := val[0], val[1]
			s, t := &l.line[col[0]], &l.line[col[1]]
			a0 += float64(v*s[0]) + float64(w*t[0])
			a1 += float64(v*s[1]) + float64(w*t[1])
			a2 += float64(v*s[2]) + float64(w*t[2])
			a3 += float64(v*s[3]) + float64(w*t[3])
			v, w = val[2], val[3]
			s, t = &l.line[col[2]], &l.line[col[3]]
			b0 += float64(v*s[0]) + float64(w*t[0])
			b1 += float64(v*s[1]) + float64(w*t[1])
			b2 += float64(v*s[2]) + float64(w*t[2])
			b3 += float64(v*s[3]) + float64(w*t[3])
			col, val = col[4:], val[4:]
		}
		own := q.norm[i]
		d0[k] = max(0, l.norm[0]+own-2*(a0+b0))
		d1[k] = max(0, l.norm[1]+own-2*(a1+b1))
		d2[k] = max(0, l.norm[2]+own-2*(a2+b2))
		d3[k] = max(0, l.norm[3]+own-2*(a3+b3))
	}
}
