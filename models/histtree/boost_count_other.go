//go:build !amd64

package histtree

// The twins of boost_count_amd64.s, without spare pages.

//go:noinline
func countAll4(h, _ *[4]page, words []uint32, cells []cell) {
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
func countSome4(h, _ *[4]page, words, idx []uint32, cells []cell) {
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
