package histtree

import "math/bits"

// amount is what a histogram adds up: whole weights, or any.
type amount interface{ uint32 | float64 }

// stored is how the weights of rows are kept: whole ones below 256, or any.
type stored interface{ uint8 | float64 }

// unrolled is the number of rows from which a histogram is counted in four parts:
// flows have long runs of one value, and an increment that waits for the one before
// takes five times as long.
const unrolled = 512

// count adds the weights of the rows in idx to h by their code. weights is by
// position; nil means 1 each. spare has room for three more histograms of 256 and
// is left zero.
func count[A amount, S stored](h []A, c *column, idx []uint32, weights []S, spare *[3][256]A) {
	switch {
	case c.narrow != nil && weights == nil && len(idx) >= unrolled:
		countNarrow4((*[256]A)(h), c.narrow, idx, spare)
		join((*[256]A)(h), spare, c.bins)
	case c.narrow != nil && weights == nil:
		countNarrow((*[256]A)(h), c.narrow, idx)
	case c.narrow != nil && len(idx) >= unrolled:
		weighNarrow4((*[256]A)(h), c.narrow, idx, weights, spare)
		join((*[256]A)(h), spare, c.bins)
	case c.narrow != nil:
		weighNarrow((*[256]A)(h), c.narrow, idx, weights)
	case weights == nil:
		countWide(h, c.wide, idx)
	default:
		weighWide(h, c.wide, idx, weights)
	}
}

func countNarrow[A amount](h *[256]A, col []uint8, idx []uint32) {
	for _, r := range idx {
		h[col[r]]++
	}
}

func countNarrow4[A amount](h *[256]A, col []uint8, idx []uint32, spare *[3][256]A) {
	h1, h2, h3 := &spare[0], &spare[1], &spare[2]
	for ; len(idx) >= 4; idx = idx[4:] {
		h[col[idx[0]]]++
		h1[col[idx[1]]]++
		h2[col[idx[2]]]++
		h3[col[idx[3]]]++
	}
	countNarrow(h, col, idx)
}

func weighNarrow[A amount, S stored](h *[256]A, col []uint8, idx []uint32, weights []S) {
	weights = weights[:len(col)]
	for _, r := range idx {
		h[col[r]] += A(weights[r])
	}
}

func weighNarrow4[A amount, S stored](h *[256]A, col []uint8, idx []uint32, weights []S, spare *[3][256]A) {
	h1, h2, h3 := &spare[0], &spare[1], &spare[2]
	weights = weights[:len(col)]
	for ; len(idx) >= 4; idx = idx[4:] {
		a, b, c, d := idx[0], idx[1], idx[2], idx[3]
		h[col[a]] += A(weights[a])
		h1[col[b]] += A(weights[b])
		h2[col[c]] += A(weights[c])
		h3[col[d]] += A(weights[d])
	}
	weighNarrow(h, col, idx, weights)
}

func join[A amount](h *[256]A, spare *[3][256]A, bins int) {
	for b := range bins {
		h[b] += spare[0][b] + spare[1][b] + spare[2][b]
		spare[0][b], spare[1][b], spare[2][b] = 0, 0, 0
	}
}

func countWide[A amount](h []A, col []uint16, idx []uint32) {
	for _, r := range idx {
		h[col[r]]++
	}
}

func weighWide[A amount, S stored](h []A, col []uint16, idx []uint32, weights []S) {
	weights = weights[:len(col)]
	for _, r := range idx {
		h[col[r]] += A(weights[r])
	}
}

// mark sets the bit of every code that a row of idx has.
func mark(seen []uint64, c *column, idx []uint32) {
	if c.narrow != nil {
		for _, r := range idx {
			b := c.narrow[r]
			seen[b>>6] |= 1 << (b & 63)
		}
		return
	}
	for _, r := range idx {
		b := c.wide[r]
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
