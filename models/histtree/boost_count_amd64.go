package histtree

// countAll4 adds each cell to the pages of a quad, at the codes in its word; every other
// cell goes to the spare pages, which may be the same.
//
//go:noescape
func countAll4(h, spare *[4]page, words []uint32, cells []cell)

// countSome4 is countAll4 for the rows in idx; cells[i] is that of idx[i].
//
//go:noescape
func countSome4(h, spare *[4]page, words, idx []uint32, cells []cell)
