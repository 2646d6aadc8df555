package histtree

import "math/bits"

// amount is what a histogram adds up: whole weights, or any.
type amount interface{ uint32 | float64 }

// unrolled is the number of rows from which a histogram is counted in four parts:
// flows have long runs of one value, and an increment that waits for the one before
// takes five times as long.
const unrolled = 256

// Entries of idx are positions. Where rows have whole weights below 256 and there
// are fewer than 2²⁴ of them, an entry carries its row's weight in the upper byte,
// so that counting needs no second look-up.
const (
	packedBits = 24
	packedMask = 1<<packedBits - 1
)

// count adds the rows in idx to h by their code: 1 each, the weight that the entry
// carries if packed, or that of weights by position. spare has room for three more
// histograms of 256 and is left zero.
func count[A amount](h []A, c *column, idx []uint32, packed bool, weights []float64, spare *[3][256]A) {
	switch {
	case weights != nil && c.narrow != nil && len(idx) >= unrolled:
		weigh4((*[256]A)(h), c.narrow, idx, weights, spare)
		join((*[256]A)(h), spare, c.bins)
	case weights != nil && c.narrow != nil:
		weigh(h, c.narrow, idx, weights)
	case weights != nil:
		weigh(h, c.wide, idx, weights)
	case c.narrow == nil && packed:
		packedWide(h, c.wide, idx)
	case c.narrow == nil:
		countWide(h, c.wide, idx)
	case len(idx) < unrolled && packed:
		packedNarrow((*[256]A)(h), c.narrow, idx)
	case len(idx) < unrolled:
		countNarrow((*[256]A)(h), c.narrow, idx)
	default:
		if packed {
			packedNarrow4((*[256]A)(h), c.narrow, idx, spare)
		} else {
			countNarrow4((*[256]A)(h), c.narrow, idx, spare)
		}
		join((*[256]A)(h), spare, c.bins)
	}
}

// (Renumbering the rows so that those which one tree keeps together are neighbours
// in every column was tried: a forest on KDDTrain+ took 5 % less time, not worth it.)

// The kernels are not inlined: inside a larger function the compiler keeps their
// counters in memory, which takes half as long again.

//go:noinline
func countNarrow[A amount](h *[256]A, col []uint8, idx []uint32) {
	for _, r := range idx {
		h[col[r]]++
	}
}

//go:noinline
func countNarrow4[A amount](h *[256]A, col []uint8, idx []uint32, spare *[3][256]A) {
	h1, h2, h3 := &spare[0], &spare[1], &spare[2]
	for ; len(idx) >= 4; idx = idx[4:] {
		h[col[idx[0]]]++
		h1[col[idx[1]]]++
		h2[col[idx[2]]]++
		h3[col[idx[3]]]++
	}
	for _, r := range idx {
		h[col[r]]++
	}
}

//go:noinline
func packedNarrow[A amount](h *[256]A, col []uint8, idx []uint32) {
	for _, r := range idx {
		h[col[r&packedMask]] += A(r >> packedBits)
	}
}

//go:noinline
func packedNarrow4[A amount](h *[256]A, col []uint8, idx []uint32, spare *[3][256]A) {
	h1, h2, h3 := &spare[0], &spare[1], &spare[2]
	for ; len(idx) >= 4; idx = idx[4:] {
		a, b, c, d := idx[0], idx[1], idx[2], idx[3]
		h[col[a&packedMask]] += A(a >> packedBits)
		h1[col[b&packedMask]] += A(b >> packedBits)
		h2[col[c&packedMask]] += A(c >> packedBits)
		h3[col[d&packedMask]] += A(d >> packedBits)
	}
	for _, r := range idx {
		h[col[r&packedMask]] += A(r >> packedBits)
	}
}

//go:noinline
func countWide[A amount](h []A, col []uint16, idx []uint32) {
	for _, r := range idx {
		h[col[r]]++
	}
}

//go:noinline
func packedWide[A amount](h []A, col []uint16, idx []uint32) {
	for _, r := range idx {
		h[col[r&packedMask]] += A(r >> packedBits)
	}
}

//go:noinline
func weigh[A amount, B uint8 | uint16](h []A, col []B, idx []uint32, weights []float64) {
	weights = weights[:len(col)]
	for _, r := range idx {
		h[col[r]] += A(weights[r])
	}
}

//go:noinline
func weigh4[A amount](h *[256]A, col []uint8, idx []uint32, weights []float64, spare *[3][256]A) {
	h1, h2, h3 := &spare[0], &spare[1], &spare[2]
	weights = weights[:len(col)]
	for ; len(idx) >= 4; idx = idx[4:] {
		a, b, c, d := idx[0], idx[1], idx[2], idx[3]
		h[col[a]] += A(weights[a])
		h1[col[b]] += A(weights[b])
		h2[col[c]] += A(weights[c])
		h3[col[d]] += A(weights[d])
	}
	for _, r := range idx {
		h[col[r]] += A(weights[r])
	}
}

func join[A amount](h *[256]A, spare *[3][256]A, bins int) {
	for b := range bins {
		h[b] += spare[0][b] + spare[1][b] + spare[2][b]
		spare[0][b], spare[1][b], spare[2][b] = 0, 0, 0
	}
}

// mark sets the bit of every code that a row of idx has.
func mark(seen []uint64, c *column, idx []uint32, mask uint32) {
	if c.narrow != nil {
		for _, r := range idx {
			b := c.narrow[r&mask]
			seen[b>>6] |= 1 << (b & 63)
		}
		return
	}
	for _, r := range idx {
		b := c.wide[r&mask]
		seen[b>>6] |= 1 << (b & 63)
	}
}

// A list is a histogram of the codes that occur only: m codes in ascending order,
// and weights[i·k + j] of class j at codes[i], for the k classes that occur.
type list[A amount] struct {
	codes   []uint16
	weights []A
	k       int
}

func (l *list[A]) reset(k int) { l.codes, l.weights, l.k = l.codes[:0], l.weights[:0], k }

// gather lists what the histograms hold; that of class j begins at h[at[j]].
func (l *list[A]) gather(h []A, at []int, bins int) {
	if l.k == 2 {
		h0, h1 := h[at[0]:at[0]+bins], h[at[1]:at[1]+bins]
		for b, w := range h0 {
			if v := h1[b]; w != 0 || v != 0 {
				l.codes = append(l.codes, uint16(b))
				l.weights = append(l.weights, w, v)
			}
		}
		return
	}
	for b := range bins {
		for _, a := range at {
			if h[a+b] != 0 {
				l.take(h, at, b)
				break
			}
		}
	}
}

// drain lists the marked codes and leaves marks and histograms zero.
func (l *list[A]) drain(h []A, at []int, seen []uint64) {
	for i, word := range seen {
		if word == 0 {
			continue
		}
		seen[i] = 0
		for ; word != 0; word &= word - 1 {
			b := i<<6 + bits.TrailingZeros64(word)
			l.take(h, at, b)
			for _, a := range at {
				h[a+b] = 0
			}
		}
	}
}

func (l *list[A]) take(h []A, at []int, b int) {
	l.codes = append(l.codes, uint16(b))
	for _, a := range at {
		l.weights = append(l.weights, h[a+b])
	}
}

// subtract leaves parent - child in parent: the histogram of the other child.
func subtract[A amount](parent, child []A) {
	child = child[:len(parent)]
	for i, v := range child {
		parent[i] -= v
	}
}
