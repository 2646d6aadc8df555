package histtree

// A cell of a histogram: sums over rows, in units.
type cell struct {
	g int64  // gradients
	h uint64 // second derivatives above, weight in the lowest bits; 0 if there are no rows
}

func (c cell) plus(d cell) cell  { return cell{c.g + d.g, c.h + d.h} }
func (c cell) minus(d cell) cell { return cell{c.g - d.g, c.h - d.h} }

// A page is the histogram of a bundle by code.
type page [256]cell

// quad is the number of bundles whose codes share a word, the first in the lowest
// byte: one load finds four codes, and four increments wait for each other as long as
// one, for flows have long runs of one value.
const quad = 4

// count adds the cells of the rows in idx to the pages of a quad; cells[i] is that of
// idx[i], and idx nil means all rows in their order.
func (q *wordColumn) count(h []page, idx []uint32, cells []cell) {
	if idx == nil {
		switch len(h) {
		case 4:
			countAll4((*[4]page)(h), q.words, cells)
		case 3:
			countAll2((*[2]page)(h), q.words, cells, 0)
			countAll1(&h[2], q.words, cells, 16)
		case 2:
			countAll2((*[2]page)(h), q.words, cells, 0)
		default:
			countAll1(&h[0], q.words, cells, 0)
		}
		return
	}
	switch len(h) {
	case 4:
		countSome4((*[4]page)(h), q.words, idx, cells)
	case 3:
		countSome2((*[2]page)(h), q.words, idx, cells, 0)
		countSome1(&h[2], q.words, idx, cells, 16)
	case 2:
		countSome2((*[2]page)(h), q.words, idx, cells, 0)
	default:
		countSome1(&h[0], q.words, idx, cells, 0)
	}
}

// The kernels are not inlined, so that their counters stay in registers.

//go:noinline
func countAll4(h *[4]page, words []uint32, cells []cell) {
	words = words[:len(cells)]
	for i := range cells {
		w, g, d := words[i], cells[i].g, cells[i].h
		a := &h[0][uint8(w)]
		a.g += g
		a.h += d
		b := &h[1][uint8(w>>8)]
		b.g += g
		b.h += d
		c := &h[2][uint8(w>>16)]
		c.g += g
		c.h += d
		e := &h[3][uint8(w>>24)]
		e.g += g
		e.h += d
	}
}

//go:noinline
func countSome4(h *[4]page, words, idx []uint32, cells []cell) {
	cells = cells[:len(idx)]
	for i, r := range idx {
		w, g, d := words[r], cells[i].g, cells[i].h
		a := &h[0][uint8(w)]
		a.g += g
		a.h += d
		b := &h[1][uint8(w>>8)]
		b.g += g
		b.h += d
		c := &h[2][uint8(w>>16)]
		c.g += g
		c.h += d
		e := &h[3][uint8(w>>24)]
		e.g += g
		e.h += d
	}
}

//go:noinline
func countAll2(h *[2]page, words []uint32, cells []cell, shift uint) {
	words = words[:len(cells)]
	for i := range cells {
		w, g, d := words[i]>>(shift&31), cells[i].g, cells[i].h
		a := &h[0][uint8(w)]
		a.g += g
		a.h += d
		b := &h[1][uint8(w>>8)]
		b.g += g
		b.h += d
	}
}

//go:noinline
func countSome2(h *[2]page, words, idx []uint32, cells []cell, shift uint) {
	cells = cells[:len(idx)]
	for i, r := range idx {
		w, g, d := words[r]>>(shift&31), cells[i].g, cells[i].h
		a := &h[0][uint8(w)]
		a.g += g
		a.h += d
		b := &h[1][uint8(w>>8)]
		b.g += g
		b.h += d
	}
}

//go:noinline
func countAll1(h *page, words []uint32, cells []cell, shift uint) {
	words = words[:len(cells)]
	for i := range cells {
		a := &h[uint8(words[i]>>(shift&31))]
		a.g += cells[i].g
		a.h += cells[i].h
	}
}

//go:noinline
func countSome1(h *page, words, idx []uint32, cells []cell, shift uint) {
	cells = cells[:len(idx)]
	for i, r := range idx {
		a := &h[uint8(words[r]>>(shift&31))]
		a.g += cells[i].g
		a.h += cells[i].h
	}
}

// take leaves parent - child in parent: the histogram of the other child.
func (p *page) take(child *page, size int) {
	for i := range p[:size] {
		p[i].g -= child[i].g
		p[i].h -= child[i].h
	}
}
