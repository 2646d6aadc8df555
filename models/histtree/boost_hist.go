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
// idx[i], and idx nil means all rows in their order. spare is zero and left so.
func (q *wordColumn) count(h []page, idx []uint32, cells []cell, spare *[quad]page) {
	if len(h) == quad {
		own := (*[quad]page)(h)
		if len(cells) < unrolled {
			spare = own // too few rows to go through all codes once more
		}
		if idx == nil {
			countAll4(own, spare, q.words, cells)
		} else {
			countSome4(own, spare, q.words, idx, cells)
		}
		if spare != own {
			for i, size := range q.sizes {
				own[i].join(&spare[i], size)
			}
		}
		return
	}
	if idx == nil {
		switch len(h) {
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
	case 3:
		countSome2((*[2]page)(h), q.words, idx, cells, 0)
		countSome1(&h[2], q.words, idx, cells, 16)
	case 2:
		countSome2((*[2]page)(h), q.words, idx, cells, 0)
	default:
		countSome1(&h[0], q.words, idx, cells, 0)
	}
}

// The kernels are not inlined (those of four are assembly where there is one), so that their counters stay in registers.

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

// join adds the cells of a spare page and leaves it zero.
func (p *page) join(spare *page, size int) {
	for i, c := range spare[:size] {
		p[i].g += c.g
		p[i].h += c.h
	}
	clear(spare[:size])
}

// take leaves parent - child in parent: the histogram of the other child.
func (p *page) take(child *page, size int) {
	for i := range p[:size] {
		p[i].g -= child[i].g
		p[i].h -= child[i].h
	}
}
