package f32

import "fmt"

// Sparse is rows of which only some entries are kept. It is immutable: what it was
// built from is checked once, so that no product has to look again.
type Sparse struct {
	cols  int
	start []int // row i has the entries start[i] ≤ e < start[i+1]
	col   []int32
	val   []float32
}

// NewSparse keeps the slices it is given: row i has the entries start[i] ≤ e <
// start[i+1], the column of each in col, its value in val. It panics unless start rises
// from 0 to their number and the columns lie in [0, cols).
func NewSparse(cols int, start []int, col []int32, val []float32) *Sparse {
	same(len(col), len(val))
	if len(start) == 0 || start[0] != 0 || start[len(start)-1] != len(col) {
		panic(fmt.Sprintf("f32: %d rows do not hold %d entries", len(start)-1, len(col)))
	}
	for i := 1; i < len(start); i++ {
		if start[i] < start[i-1] {
			panic(fmt.Sprintf("f32: row %d ends before it begins", i-1))
		}
	}
	for _, c := range col {
		if c < 0 || int(c) >= cols {
			panic(fmt.Sprintf("f32: column %d of %d", c, cols))
		}
	}
	return &Sparse{cols, start, col, val}
}

// Row returns the columns and values of a row's entries. Callers only read.
func (s *Sparse) Row(row int32) (col []int32, val []float32) {
	lo, hi := s.start[row], s.start[row+1]
	return s.col[lo:hi], s.val[lo:hi]
}

// Prefetch asks for rows that will be needed soon, so that they come from memory
// together: a mini-batch is rows from all over a large data set, and waiting for them
// one after the other took a fifth of a fit.
func (s *Sparse) Prefetch(rows []int32) {
	for _, r := range rows {
		_ = s.start[r+1]
	}
	if len(rows) > 0 {
		prefetch(s, rows)
	}
}

// Gather adds to y the rows of w that a row of s names, each times its value: y += Σ_e
// val[e] · w[col[e]], entry after entry. w has rows of len(y), one a column of s.
func (s *Sparse) Gather(y, w []float32, row int32) {
	same(len(w), s.cols*len(y))
	lo, hi := s.start[row], s.start[row+1]
	if len(y) == 0 || lo == hi {
		return
	}
	if fast {
		gatherFast(y, w, s.col[lo:hi], s.val[lo:hi])
	} else {
		gatherPlain(y, w, s.col[lo:hi], s.val[lo:hi])
	}
}

// Scatter is the reverse: sum[col[e]] += val[e] · d for each entry of a row.
func (s *Sparse) Scatter(sum, d []float32, row int32) {
	same(len(sum), s.cols*len(d))
	lo, hi := s.start[row], s.start[row+1]
	if len(d) == 0 || lo == hi {
		return
	}
	if fast {
		scatterFast(sum, d, s.col[lo:hi], s.val[lo:hi])
	} else {
		scatterPlain(sum, d, s.col[lo:hi], s.val[lo:hi])
	}
}
