package svm

import (
	"slices"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// points are rows as kernels see them: what differs from each column's base, in
// compressed rows, columns rising. Distances between rows do not see the base. A
// one-hot row of KDDTrain+ has 11 such entries of 122.
type points struct {
	p     int
	start []int // row i has the entries start[i] ≤ e < start[i+1]
	col   []int32
	val   []float64
	norm  []float64 // squared length of each row
}

// farthest is the largest distance from the base whose squares can be summed.
const farthest = 1e150

// newPoints copies rows of a compact matrix.
func newPoints(x *dense.Compact, rows []int) *points {
	q := &points{p: x.P, start: make([]int, len(rows)+1), norm: make([]float64, len(rows))}
	for k, i := range rows {
		col, _ := entries(x, i)
		q.start[k+1] = q.start[k] + len(col)
	}
	q.col, q.val = make([]int32, q.start[len(rows)]), make([]float64, q.start[len(rows)])
	par.Blocks(len(rows), 1024, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			col, val := entries(x, rows[k])
			copy(q.col[q.start[k]:], col)
			copy(q.val[q.start[k]:], val)
			q.norm[k] = square(val)
		}
	})
	return q
}

// entries are the columns and numbers of row i.
func entries(x *dense.Compact, i int) ([]int32, []float64) {
	b := &x.Blocks[i/x.Blocks[0].Hi] // all blocks but the last are of one size
	lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
	return b.Col[lo:hi], b.Val[lo:hi]
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

func (q *points) row(i int32) ([]int32, []float64) {
	lo, hi := q.start[i], q.start[i+1]
	return q.col[lo:hi], q.val[lo:hi]
}

// take copies some of the rows.
func (q *points) take(rows []int32) *points {
	out := &points{p: q.p, start: []int{0}}
	for _, i := range rows {
		out.add(q.row(i))
	}
	return out
}

// add appends a row.
func (q *points) add(col []int32, val []float64) {
	q.col, q.val = append(q.col, col...), append(q.val, val...)
	q.start, q.norm = append(q.start, len(q.col)), append(q.norm, square(val))
}

// scatter writes row i to a line of p numbers that are 0; clear takes it away again.
func (q *points) scatter(i int32, line []float64) {
	col, val := q.row(i)
	for e, c := range col {
		line[c] = val[e]
	}
}

func (q *points) clear(i int32, line []float64) {
	col, _ := q.row(i)
	for _, c := range col {
		line[c] = 0
	}
}

// group is the number of rows that stand side by side.
const group = 8

// packed are rows in groups of eight: a group's entries are the columns that any of
// its rows has, eight numbers each. A product of one row with eight fetches a column's
// number once and the eight in one go: on KDDTrain+ 5 ns a row where one by one they
// take 13, in assembly 1. Rows with like entries should be neighbours (see byPattern):
// then a group of KDDTrain+ has 12.4 columns where a row has 11.4.
type packed struct {
	n     int
	start []int32 // group g has the entries start[g] ≤ e < start[g+1], columns rising
	col   []int32
	val   [][group]float64
	norm  []float64 // padded to whole groups
}

// pack copies the rows of a list; nil means all.
func (q *points) pack(list []int32) *packed {
	if list == nil {
		list = upTo(0, q.n())
	}
	groups := par.Count(len(list), group)
	k := &packed{n: len(list), start: make([]int32, 1, groups+1), norm: make([]float64, groups*group)}
	place := make([]int32, q.p) // by column: its entry in this group
	var union []int32
	for lo := 0; lo < len(list); lo += group {
		union = union[:0]
		rows := list[lo:min(lo+group, len(list))]
		for lane, i := range rows {
			k.norm[lo+lane] = q.norm[i]
			col, _ := q.row(i)
			for _, c := range col {
				if place[c] == 0 {
					place[c] = 1
					union = append(union, c)
				}
			}
		}
		slices.Sort(union)
		from := len(k.val)
		k.col, k.val = append(k.col, union...), append(k.val, make([][group]float64, len(union))...)
		for e, c := range union {
			place[c] = int32(from + e)
		}
		for lane, i := range rows {
			col, val := q.row(i)
			for e, c := range col {
				k.val[place[c]][lane] = val[e]
			}
		}
		for _, c := range union {
			place[c] = 0
		}
		k.start = append(k.start, int32(len(k.col)))
	}
	return k
}

func upTo(lo, hi int) []int32 {
	list := make([]int32, hi-lo)
	for k := range list {
		list[k] = int32(lo + k)
	}
	return list
}

// byPattern orders two rows by the columns that they have.
func (q *points) byPattern(a, b int32) int {
	ca, _ := q.row(a)
	cb, _ := q.row(b)
	return slices.Compare(ca, cb)
}

// tile is the number of groups whose products are taken before their kernels.
const tile = 32

// kernel writes K of the row in line, of squared length norm, and the packed rows of
// the groups from ≤ g < to. An entry depends on its two rows alone: columns are added
// in order, whatever stands beside them, and K(x, z) is K(z, x) to the bit.
//
// Distances are |x|² + |z|² − 2 x·z, as in libsvm: right to some 1e-15 of the squared
// lengths, which are small since they count from the usual row.
func kernel[T dense.Real](k *packed, line []float64, norm, gamma float64, from, to int, dst []T) {
	var d [tile * group]float64
	for g := from; g < to; g += tile {
		end := min(to, g+tile)
		k.products(line, g, end, d[:])
		lo, hi := g*group, end*group
		for i, own := range k.norm[lo:hi] {
			d[i] = norm + own - 2*d[i]
		}
		gauss(d[:hi-lo], gamma)
		to := dst[lo-from*group : min(hi, k.n)-from*group]
		for i := range to {
			to[i] = T(d[i])
		}
	}
}

// products writes x·z of the row in line and the rows of groups from ≤ g < to: eight
// rows at a time in assembly where the processor has AVX2, to the same bits.
func (k *packed) products(line []float64, from, to int, dst []float64) {
	if fast && from < to {
		k.productsFast(line, from, to, dst)
		return
	}
	k.productsPlain(line, from, to, dst)
}

func (k *packed) productsPlain(line []float64, from, to int, dst []float64) {
	for g := from; g < to; g++ {
		col := k.col[k.start[g]:k.start[g+1]]
		val := k.val[k.start[g]:][:len(col)]
		var s0, s1, s2, s3, s4, s5, s6, s7 float64
		for e, c := range col {
			x, v := line[c], &val[e]
			s0 += float64(x * v[0])
			s1 += float64(x * v[1])
			s2 += float64(x * v[2])
			s3 += float64(x * v[3])
			s4 += float64(x * v[4])
			s5 += float64(x * v[5])
			s6 += float64(x * v[6])
			s7 += float64(x * v[7])
		}
		*(*[group]float64)(dst[(g-from)*group:]) = [group]float64{s0, s1, s2, s3, s4, s5, s6, s7}
	}
}
