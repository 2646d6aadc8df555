package svm

import "flowbook/internal/par"

// kernelRows gives rows of the kernel matrix over the rows in use and keeps those
// used last, up to a budget. What it forgets it computes again to the same bits, so
// that the budget changes the time and nothing else.
type kernelRows struct {
	x      *points
	gamma  float64
	budget int // numbers kept

	list []int32      // the rows in use: entry k of a kernel row belongs to list[k]
	pack *packed      // of them
	kept []*cachedRow // by row; nil where it is not kept
	held int          // numbers kept now
	ring cachedRow    // of the rows kept: next is the one used last, previous the first to go
	line []float64    // a scattered row, else 0
}

// cachedRow is a kernel row over the list that was in use when it was last asked for.
type cachedRow struct {
	row            int32
	list           []int32
	k              []float32
	next, previous *cachedRow
}

func newKernelRows(x *points, gamma float64, budget int) *kernelRows {
	r := &kernelRows{x: x, gamma: gamma, budget: budget, kept: make([]*cachedRow, x.n()), line: make([]float64, x.p)}
	r.ring.next, r.ring.previous = &r.ring, &r.ring
	return r
}

// use changes the rows in use; the list rises and is not changed afterwards.
func (r *kernelRows) use(list []int32) { r.list, r.pack = list, r.x.pack(list) }

// get returns row i over the list in use. It stays good until the next but one call.
func (r *kernelRows) get(i int32) []float32 {
	c := r.kept[i]
	switch {
	case c == nil:
		c = r.keep(i, r.room(len(r.list)))
		r.fill(i, r.pack, c.k)
		return c.k
	case !sameList(c.list, r.list):
		r.unlink(c)
		r.move(c)
	default:
		r.unlink(c)
	}
	r.link(c)
	return c.k
}

// keep notes the numbers of row i, to be filled, as those used last.
func (r *kernelRows) keep(i int32, k []float32) *cachedRow {
	c := &cachedRow{row: i, list: r.list, k: k}
	r.kept[i] = c
	r.held += cap(k)
	r.link(c)
	return c
}

func (r *kernelRows) link(c *cachedRow) {
	c.next, c.previous = r.ring.next, &r.ring
	c.next.previous, r.ring.next = c, c
}

func (r *kernelRows) unlink(c *cachedRow) {
	c.previous.next, c.next.previous = c.next, c.previous
}

// room makes place for n numbers, if it can in a row that has to go. The two rows
// used last stay.
func (r *kernelRows) room(n int) []float32 {
	var free []float32
	for r.held+n > r.budget && r.ring.previous != r.ring.next && r.ring.previous != r.ring.next.next {
		c := r.ring.previous
		r.unlink(c)
		r.kept[c.row] = nil
		r.held -= cap(c.k)
		free = c.k
	}
	if cap(free) >= n && cap(free) <= n+n/4 {
		return free[:n]
	}
	return make([]float32, n)
}

// fill computes entries of row i; each by one core, whatever the number of cores.
func (r *kernelRows) fill(i int32, with *packed, k []float32) {
	r.x.scatter(i, r.line)
	par.Blocks(par.Count(with.n, group), 4*tile, func(_, from, to int) {
		kernel(with, r.line, r.x.norm[i], r.gamma, from, to, k[from*group:])
	})
	r.x.clear(i, r.line)
}

// move rewrites a row for the list in use: entries of rows that are in both lists
// are kept, the others computed.
func (r *kernelRows) move(c *cachedRow) {
	var missing, places []int32
	from := make([]int32, len(r.list))
	at := 0
	for place, i := range r.list {
		for at < len(c.list) && c.list[at] < i {
			at++
		}
		from[place] = int32(at)
		if at == len(c.list) || c.list[at] != i {
			missing, places = append(missing, i), append(places, int32(place))
			from[place] = 0
		}
	}
	k := c.k
	if len(missing) > 0 || len(r.list) < cap(c.k)/2 { // else in place: no entry moves back
		r.held -= cap(c.k)
		k = r.room(len(r.list))
		r.held += cap(k)
	}
	for place, at := range from {
		k[place] = c.k[at]
	}
	c.list, c.k = r.list, k[:len(r.list)]
	if len(missing) == 0 {
		return
	}
	values := make([]float32, len(missing))
	r.fill(c.row, r.x.pack(missing), values)
	for e, place := range places {
		c.k[place] = values[e]
	}
}

func sameList(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
