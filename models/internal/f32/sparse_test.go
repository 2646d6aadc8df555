package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// someRows are rows of cols columns with 0 to 20 entries, columns in any order.
func someRows(g *rand.Rand, rows, cols int) *Sparse {
	start, col := []int{0}, []int32{}
	for range rows {
		for range g.IntN(21) {
			col = append(col, int32(g.IntN(cols)))
		}
		start = append(start, len(col))
	}
	return NewSparse(cols, start, col, random(g, len(col)))
}

func TestSparseEqualsPlain(t *testing.T) {
	g := rand.New(rand.NewPCG(4, 1))
	const rows, cols = 9, 7
	for _, n := range sizes {
		s := someRows(g, rows, cols)
		w, y, sum := random(g, cols*n), random(g, n+3), random(g, cols*n+3)
		s.Prefetch([]int32{3, 0, 8, 8})
		for r := range int32(rows) {
			what := fmt.Sprintf("%d columns, row %d", n, r)
			both(t, "gather "+what, y, func(x []float32) { s.Gather(x[:n], w, r) })
			both(t, "scatter "+what, sum, func(x []float32) { s.Scatter(x[:cols*n], y[:n], r) })
		}
	}
}

// TestSparseIsDense compares with the product of the rows written out.
func TestSparseIsDense(t *testing.T) {
	g := rand.New(rand.NewPCG(7, 1))
	const rows, cols, n = 9, 7, 21
	s := someRows(g, rows, cols)
	w, d := random(g, cols*n), random(g, rows*n)
	got, gotSum := make([]float32, rows*n), make([]float32, cols*n)
	full := make([]float32, rows*cols)
	for r := range rows {
		for e := s.start[r]; e < s.start[r+1]; e++ {
			full[r*cols+int(s.col[e])] += s.val[e]
		}
		s.Gather(got[r*n:(r+1)*n], w, int32(r))
		s.Scatter(gotSum, d[r*n:(r+1)*n], int32(r))
	}
	want, wantSum := make([]float32, rows*n), make([]float32, cols*n)
	MulAdd(Of(want, rows, n), Of(full, rows, cols), Of(w, cols, n))
	MulAddT(Of(wantSum, cols, n), Of(full, rows, cols), Of(d, rows, n))
	for i, v := range append(got, gotSum...) {
		if off := v - append(want, wantSum...)[i]; !(off <= 1e-4 && off >= -1e-4) {
			t.Errorf("place %d is off by %v", i, off)
		}
	}
}

func TestBadSparsePanics(t *testing.T) {
	s := NewSparse(3, []int{0, 1}, []int32{2}, []float32{1})
	for name, f := range map[string]func(){
		"column above": func() { NewSparse(3, []int{0, 1}, []int32{3}, []float32{1}) },
		"column below": func() { NewSparse(3, []int{0, 1}, []int32{-1}, []float32{1}) },
		"values":       func() { NewSparse(3, []int{0, 1}, []int32{1}, nil) },
		"no rows":      func() { NewSparse(3, nil, nil, nil) },
		"falling":      func() { NewSparse(3, []int{0, 1, 0, 2}, []int32{0, 1}, []float32{1, 1}) },
		"too few":      func() { NewSparse(3, []int{0, 1}, []int32{0, 1}, []float32{1, 1}) },
		"width":        func() { s.Gather(make([]float32, 2), make([]float32, 5), 0) },
		"sum":          func() { s.Scatter(make([]float32, 7), make([]float32, 2), 0) },
		"row":          func() { s.Gather(make([]float32, 2), make([]float32, 6), 1) },
		"prefetch":     func() { s.Prefetch([]int32{0, 1}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
