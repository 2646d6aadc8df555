package svm

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// landmarks draws up to m places of distinct rows; see Nystroem for how.
func (d *data) landmarks(m int, seed rng.Seed) []int32 {
	at := make([]int32, len(d.order)) // by row of training: its place
	for place, row := range d.order {
		at[row] = int32(place)
	}
	distinct := d.q.distinct(at)
	if len(distinct) <= m {
		return distinct
	}
	g := seed.At("landmarks").Rand()
	for k := range m { // the first m steps of Fisher and Yates's shuffle
		other := k + g.IntN(len(distinct)-k)
		distinct[k], distinct[other] = distinct[other], distinct[k]
	}
	slices.SortFunc(distinct[:m], func(a, b int32) int { return cmp.Or(d.q.byPattern(a, b), cmp.Compare(d.order[a], d.order[b])) })
	return distinct[:m]
}

// distinct returns those of a list of rows that differ from all before them.
func (q *points) distinct(list []int32) []int32 {
	var out []int32
	seed := maphash.MakeSeed() // which rows share a bucket does not matter
	seen := make(map[uint64][]int32, len(list))
	var h maphash.Hash
	h.SetSeed(seed)
	for _, i := range list {
		col, val := q.row(i)
		h.Reset()
		for e, c := range col {
			maphash.WriteComparable(&h, c)
			maphash.WriteComparable(&h, math.Float64bits(val[e]))
		}
		bucket := seen[h.Sum64()]
		known := slices.ContainsFunc(bucket, func(j int32) bool {
			otherCol, otherVal := q.row(j)
			return slices.Equal(col, otherCol) && slices.Equal(val, otherVal)
		})
		if !known {
			seen[h.Sum64()] = append(bucket, i)
			out = append(out, i)
		}
	}
	return out
}

// whitening is U Λ^(-1/2), a line a landmark, a column a direction that is kept.
type whitening struct {
	rows, cols int
	t          []float64
}

// smallest is the least eigenvalue that is kept, as a share of the largest.
const smallest = 1e-8

func whiten(ctx context.Context, marks *points, gamma float64) (*whitening, error) {
	m := marks.n()
	k := make([]float64, m*m)
	pack, line := marks.pack(nil), make([]float64, marks.p)
	for i := range int32(m) {
		marks.scatter(i, line)
		kernel(pack, line, marks.norm[i], gamma, 0, len(pack.start)-1, k[int(i)*m:])
		marks.clear(i, line)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Two thousand landmarks take gonum half a minute, in which it looks at no context:
	// who gives up leaves it to end by itself.
	var eigen mat.EigenSym
	found := make(chan bool, 1)
	go func() { found <- eigen.Factorize(mat.NewSymDense(m, k), true) }()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case ok := <-found:
		if !ok {
			return nil, fmt.Errorf("svm: no eigenvalues of the kernel of %d landmarks were found", m)
		}
	}
	values := eigen.Values(nil) // rising
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	from := 0
	for values[from] < smallest*values[m-1] {
		from++
	}
	w := &whitening{rows: m, cols: m - from, t: make([]float64, m*(m-from))}
	for i := range m {
		for j := range w.cols {
			w.t[i*w.cols+j] = vectors.At(i, from+j) / math.Sqrt(values[from+j])
		}
	}
	return w, ctx.Err()
}

// times returns U Λ^(-1/2) x.
func (w *whitening) times(x []float64) []float64 {
	out := make([]float64, w.rows)
	for i := range out {
		for j, v := range x {
			out[i] += float64(w.t[i*w.cols+j] * v)
		}
	}
	return out
}

// features returns a line a row: its features, in float64 and then rounded, for the
// directions of small eigenvalues cancel; and a 1, for the intercept.
func features(ctx context.Context, q *points, marks *packed, gamma float64, w *whitening) ([]float32, error) {
	task := par.Track(ctx, "features of landmarks", q.n())
	defer task.Done()
	const block = 256
	width := w.cols + 1
	phi := make([]float32, q.n()*width)
	_, err := par.Map(ctx, par.Count(q.n(), block), func(_ context.Context, b int) (struct{}, error) {
		lo, hi := b*block, min(q.n(), (b+1)*block)
		n := hi - lo
		k, out, line := make([]float64, n*w.rows), make([]float64, n*w.cols), make([]float64, q.p)
		for i := range n {
			q.scatter(int32(lo+i), line)
			kernel(marks, line, q.norm[lo+i], gamma, 0, len(marks.start)-1, k[i*w.rows:])
			q.clear(int32(lo+i), line)
		}
		gonum.Implementation{}.Dgemm(blas.NoTrans, blas.NoTrans, n, w.cols, w.rows, 1, k, w.rows, w.t, w.cols, 0, out, w.cols)
		for i := range n {
			line := phi[(lo+i)*width : (lo+i+1)*width]
			for j, v := range out[i*w.cols : (i+1)*w.cols] {
				line[j] = float32(v)
			}
			line[w.cols] = 1
		}
		task.Add(n)
		return struct{}{}, nil
	})
	return phi, err
}
