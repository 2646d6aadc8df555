package f32

import "sync"

// fast says that the processor and the system have AVX2. Tests turn it off.
var fast = hasAVX2()

func hasAVX2() bool {
	top, _, _, _ := cpuid(0, 0)
	if top < 7 {
		return false
	}
	const osxsave, avx = 1 << 27, 1 << 28
	if _, _, c, _ := cpuid(1, 0); c&(osxsave|avx) != osxsave|avx {
		return false
	}
	if low, _ := xgetbv(); low&6 != 6 { // the system saves the wide registers
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&(1<<5) != 0
}

func cpuid(leaf, sub uint32) (a, b, c, d uint32)
func xgetbv() (low, high uint32)

// lane is the number of float32 in a register.
const lane = 8

// four is the pointers of four rows.
type four [4]*float32

// mulAdd4 multiplies four rows: for k < n rows of b, at ldb bytes apart, the four
// factors stand at a[0…3], sa bytes apart; cols is the width of b and c.
//
//go:noescape
func mulAdd4(c, a *four, b *float32, n, cols, sa, ldb int)

//go:noescape
func gather(y *float32, n int, w *float32, col *int32, val *float32, entries int)

//go:noescape
func scatter(sum *float32, n int, d *float32, col *int32, val *float32, entries int)

//go:noescape
func prefetchRows(rows *int32, n int, start *int, col *int32, val *float32)

//go:noescape
func axpy(y *float32, a float32, x *float32, lanes int)

//go:noescape
func relu(y, x *float32, lanes int)

//go:noescape
func reluBack(dx, dy, y *float32, lanes int)

//go:noescape
func tanh(y, x *float32, lanes int)

//go:noescape
func adam(w, m, v, grad *float32, s *AdamStep, lanes int)

// mulAddFast multiplies with b as it stands if it is small, and else with copies of
// pieces of it, whose rows lie close together; the sums are added in the same order.
// A product of 512 × 512 × 512 gains a factor of three.
func mulAddFast(c Matrix, a []float32, b Matrix, down, along int) {
	_ = a[(c.Rows-1)*down+(b.Rows-1)*along]
	if b.Rows*b.Cols < small || c.Rows < 16 {
		mulAddRows(c, a, b, down, along)
		return
	}
	piece := pieces.Get().(*[pieceRows * pieceCols]float32)
	defer pieces.Put(piece)
	for k := 0; k < b.Rows; k += pieceRows {
		for j := 0; j < b.Cols; j += pieceCols {
			rows, cols := min(pieceRows, b.Rows-k), min(pieceCols, b.Cols-j)
			for i := range rows {
				at := (k+i)*b.Stride + j
				copy(piece[i*pieceCols:], b.Data[at:at+cols])
			}
			mulAddRows(Matrix{c.Rows, cols, c.Stride, c.Data[j:]}, a[k*along:], Matrix{rows, cols, pieceCols, piece[:]}, down, along)
		}
	}
}

const (
	small     = 1 << 15 // numbers, which take an eighth of the second cache
	pieceRows = 128     // a piece takes 16 KiB, half the first cache
	pieceCols = 32
)

var pieces = sync.Pool{New: func() any { return new([pieceRows * pieceCols]float32) }}

// mulAddRows takes rows four at a time. Where fewer are left the last row stands in
// for the missing: it is loaded, worked out and stored several times, with one result.
func mulAddRows(c Matrix, a []float32, b Matrix, down, along int) {
	var to, from four
	for i := 0; i < c.Rows; i += len(to) {
		for r := range to {
			row := min(i+r, c.Rows-1)
			to[r], from[r] = &c.Data[row*c.Stride], &a[row*down]
		}
		mulAdd4(&to, &from, &b.Data[0], b.Rows, c.Cols, 4*along, 4*b.Stride)
	}
}

func gatherFast(y, w []float32, col []int32, val []float32) {
	gather(&y[0], len(y), &w[0], &col[0], &val[0], len(col))
}

func scatterFast(g, d []float32, col []int32, val []float32) {
	scatter(&g[0], len(d), &d[0], &col[0], &val[0], len(col))
}

func prefetch(s *Sparse, rows []int32) {
	if fast && len(s.col) > 0 {
		prefetchRows(&rows[0], len(rows), &s.start[0], &s.col[0], &s.val[0])
	}
}

// The functions below do whole registers and return how many numbers that were.

func axpyFast(y []float32, a float32, x []float32) int {
	n := len(x) / lane
	if n > 0 {
		axpy(&y[0], a, &x[0], n)
	}
	return n * lane
}

func reluFast(y, x []float32) int {
	n := len(x) / lane
	if n > 0 {
		relu(&y[0], &x[0], n)
	}
	return n * lane
}

func reluBackFast(dx, dy, y []float32) int {
	n := len(y) / lane
	if n > 0 {
		reluBack(&dx[0], &dy[0], &y[0], n)
	}
	return n * lane
}

func tanhFast(y, x []float32) int {
	n := len(x) / lane
	if n > 0 {
		tanh(&y[0], &x[0], n)
	}
	return n * lane
}

func adamFast(w, m, v, g []float32, s *AdamStep) int {
	n := len(w) / lane
	if n > 0 {
		adam(&w[0], &m[0], &v[0], &g[0], s, n)
	}
	return n * lane
}
