package kmeans

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// points are distinct rows in compressed form: what differs from the base, the
// origin of all distances here.
type points struct {
	n, p   int
	base   []float64 // by column
	start  []int32   // entries of row i: start[i] ≤ e < start[i+1]
	col    []int32
	val    []float64
	norm   []float64 // squared length
	weight []float64 // at least 0
}

// newPoints merges equal rows, in the order of their first.
func newPoints(x *dense.Compact, weights []float64) (*points, error) {
	entries := 0
	for _, b := range x.Blocks {
		entries += len(b.Col)
	}
	if entries > math.MaxInt32 {
		return nil, fmt.Errorf("kmeans: %d numbers of %d rows are more than the %d that fit; use FitSource", entries, x.N, math.MaxInt32)
	}
	pt := &points{p: x.P, base: x.Base, start: make([]int32, 1, x.N+1), col: make([]int32, 0, entries), val: make([]float64, 0, entries), weight: make([]float64, 0, x.N)}
	size := 16
	for size < 2*x.N {
		size *= 2
	}
	slots := make([]int32, size) // row+1, by hash
	hashes := make([]uint64, x.N)
	par.Do(len(x.Blocks), func(k int) {
		b := &x.Blocks[k]
		for i := b.Lo; i < b.Hi; i++ {
			h := uint64(14695981039346656037)
			for e := b.Start[i-b.Lo]; e < b.Start[i-b.Lo+1]; e++ {
				h = (h ^ uint64(b.Col[e])) * 0x9e3779b97f4a7c15
				h = (h ^ h>>29 ^ math.Float64bits(b.Val[e])) * 0xbf58476d1ce4e5b9
			}
			hashes[i] = h ^ h>>32
		}
	})
	for k := range x.Blocks {
		b := &x.Blocks[k]
		for i := b.Lo; i < b.Hi; i++ {
			lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
			w := 1.0
			if weights != nil {
				w = weights[i]
			}
			at := int(hashes[i]) & (size - 1)
			for ; slots[at] != 0; at = (at + 1) & (size - 1) {
				if q := slots[at] - 1; pt.equal(q, b.Col[lo:hi], b.Val[lo:hi]) {
					pt.weight[q] += w
					break
				}
			}
			if slots[at] == 0 {
				pt.n++
				slots[at] = int32(pt.n)
				pt.col = append(pt.col, b.Col[lo:hi]...)
				pt.val = append(pt.val, b.Val[lo:hi]...)
				pt.start = append(pt.start, int32(len(pt.col)))
				pt.weight = append(pt.weight, w)
			}
		}
	}
	pt.measure()
	return pt, nil
}

// most is beyond what a sum of squared distances may be.
const most = math.MaxFloat64 / 64

// usable reports rows of which no distances can be taken.
func (pt *points) usable(plan *dense.Plan) error {
	total, square := 0.0, 0.0
	for i, w := range pt.weight {
		total += w
		square += float64(w * pt.norm[i])
	}
	if total == 0 {
		return fmt.Errorf("kmeans: all rows have weight 0")
	}
	if square < most && total < most {
		return nil
	}
	far := 0
	for e, v := range pt.val {
		if math.Abs(v) > math.Abs(pt.val[far]) {
			far = e
		}
	}
	return tooFar(plan.Columns[pt.col[far]].Name, math.Abs(pt.val[far]))
}

func tooFar(column string, distance float64) error {
	return fmt.Errorf("kmeans: values of column %q are up to %.3g apart from the usual one: squared distances are more than a float64 holds; scale the features, or weights, first", column, distance)
}

func (pt *points) equal(i int32, col []int32, val []float64) bool {
	lo, hi := pt.start[i], pt.start[i+1]
	return slices.Equal(pt.col[lo:hi], col) && slices.Equal(pt.val[lo:hi], val)
}

func (pt *points) measure() {
	pt.norm = make([]float64, pt.n)
	for i := range pt.norm {
		for _, v := range pt.val[pt.start[i]:pt.start[i+1]] {
			pt.norm[i] += float64(v * v)
		}
	}
}

// sample is a coreset of about size rows.
func (pt *points) sample(size int, g *rand.Rand) *points {
	mean, total := pt.mean()
	length, square := 0.0, 0.0
	for _, v := range mean {
		length += float64(v * v)
	}
	far := make([]float64, pt.n) // squared distance to the mean
	for i, w := range pt.weight {
		far[i] = max(0, pt.norm[i]-2*pt.dot(i, mean)+length)
		square += float64(w * far[i])
	}
	s := &points{p: pt.p, start: []int32{0}}
	draw := newCoreset(size, total, square, g)
	for i, w := range pt.weight {
		if w = draw.take(w, far[i]); w > 0 {
			s.add(pt, i, w)
		}
	}
	return s
}

// add appends row i of other points, with weight w.
func (pt *points) add(other *points, i int, w float64) {
	lo, hi := other.start[i], other.start[i+1]
	pt.col = append(pt.col, other.col[lo:hi]...)
	pt.val = append(pt.val, other.val[lo:hi]...)
	pt.start = append(pt.start, int32(len(pt.col)))
	pt.norm = append(pt.norm, other.norm[i])
	pt.weight = append(pt.weight, w)
	pt.n++
}

// mean is the weighted mean, and the total weight.
func (pt *points) mean() (mean []float64, total float64) {
	mean = make([]float64, pt.p)
	for i, w := range pt.weight {
		total += w
		pt.addTo(i, w, mean)
	}
	for j := range mean {
		mean[j] /= total
	}
	return mean, total
}

// rows returns rows in full.
func (pt *points) rows(picked []int) [][]float64 {
	out := make([][]float64, len(picked))
	for c, i := range picked {
		out[c] = make([]float64, pt.p)
		for e := pt.start[i]; e < pt.start[i+1]; e++ {
			out[c][pt.col[e]] = pt.val[e]
		}
	}
	return out
}

// variance is the mean of the columns' weighted variances.
func (pt *points) variance() float64 {
	sum, square, total := make([]float64, pt.p), make([]float64, pt.p), 0.0
	for i, w := range pt.weight {
		total += w
		for e := pt.start[i]; e < pt.start[i+1]; e++ {
			v := w * pt.val[e]
			sum[pt.col[e]] += v
			square[pt.col[e]] += float64(v * pt.val[e])
		}
	}
	if total == 0 {
		return 0
	}
	out := 0.0
	for j, s := range sum {
		m := s / total
		out += max(0, square[j]/total-float64(m*m))
	}
	return out / float64(pt.p)
}

// parts is the number of partial results of a pass over the rows: each takes its
// rows in order, and they are joined in order, whatever the number of cores.
const parts = 8

func (pt *points) over(f func(part, lo, hi int)) {
	if pt.n < 2048 {
		f(0, 0, pt.n)
		return
	}
	par.Do(parts, func(g int) { f(g, g*pt.n/parts, (g+1)*pt.n/parts) })
}

// transpose lays centers out so that one entry of a row meets all of them in a
// line: t[j*k+c].
func transpose(centers [][]float64, p int, t []float64) {
	k := len(centers)
	for c, center := range centers {
		for j := range p {
			t[j*k+c] = center[j]
		}
	}
}

// dots writes row i's products with all k transposed centers.
func (pt *points) dots(i, k int, t, out []float64) {
	lo, hi := pt.start[i], pt.start[i+1]
	out = out[:k]
	clear(out)
	val := pt.val[lo:hi]
	for e, col := range pt.col[lo:hi] {
		v := val[e]
		line := t[int(col)*k:]
		line = line[:len(out)]
		for c := range out {
			out[c] += float64(v * line[c])
		}
	}
}

// dot is row i's product with one center.
func (pt *points) dot(i int, center []float64) float64 {
	lo, hi := pt.start[i], pt.start[i+1]
	val, sum := pt.val[lo:hi], 0.0
	for e, col := range pt.col[lo:hi] {
		sum += float64(val[e] * center[col])
	}
	return sum
}
