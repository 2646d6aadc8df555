package histtree

import "slices"

// An explainer explains blocks of rows, tree by tree; each core has its own. Rows for
// which all splits of a tree fall out alike share one walk: of boosted trees on NSL-KDD
// a walk serves four rows, of deep ones hardly more than one.
type explainer struct {
	walker walker
	x      []uint64  // values of a feature
	ways   []uint64  // by row: set of the splits where it goes right
	slots  []int32   // hash table: 1 + number of a group of rows; 0 is free
	heads  []int32   // by group: its first row
	group  []int32   // by row
	shared []float64 // by group, feature and output: contributions
}

// explain finds out how the splits fall out for rows lo to hi and shares the values.
func (r *explainer) explain(s *sharer, e encoder, lo, hi int) {
	n, words := hi-lo, (len(s.splits)+63)/64
	r.x, r.ways = resized(r.x, n), resized(r.ways, n*words)
	clear(r.ways)
	for f, at := range s.features {
		e.column(at, r.x, 1, lo, hi)
		for number, node := range s.splits {
			if s.local[node] != int32(f) {
				continue
			}
			split := &s.nodes[node]
			word, bit := number>>6, number&63
			for i, x := range r.x[:n] {
				r.ways[i*words+word] |= uint64(split.right(x, s.sets)) << bit
			}
		}
	}
	r.gather(n, words)
	size := len(s.features) * s.outputs
	r.shared = resized(r.shared, len(r.heads)*size)
	r.walker.sharer = s
	for g, i := range r.heads {
		r.walker.right = r.ways[int(i)*words : int(i+1)*words]
		r.walker.to = r.shared[g*size : (g+1)*size]
		r.walker.walk()
	}
}

// gather groups the n rows by their ways.
func (r *explainer) gather(n, words int) {
	r.group, r.heads = resized(r.group, n), r.heads[:0]
	bits := 4
	for 1<<bits < 2*n {
		bits++
	}
	r.slots = resized(r.slots, 1<<bits)
	clear(r.slots)
	for i := range n {
		way := r.ways[i*words : (i+1)*words]
		hash := uint64(0)
		for _, w := range way {
			hash = (hash ^ w) * 0x9e3779b97f4a7c15
			hash ^= hash >> 32
		}
		at := hash * 0x9e3779b97f4a7c15 >> (64 - bits)
		for {
			g := r.slots[at]
			if g == 0 {
				r.heads = append(r.heads, int32(i))
				g = int32(len(r.heads))
				r.slots[at] = g
			}
			head := int(r.heads[g-1])
			if slices.Equal(r.ways[head*words:(head+1)*words], way) {
				r.group[i] = g - 1
				break
			}
			at = (at + 1) & (1<<bits - 1)
		}
	}
}

// add adds the rows' contributions, times scale, to values, which has width features
// of k outputs a row; the tree's outputs begin at first.
func (r *explainer) add(s *sharer, values []float64, width, k, first int, scale float64) {
	size := len(s.features) * s.outputs
	for i, g := range r.group {
		own := r.shared[int(g)*size : (int(g)+1)*size]
		row := values[i*width*k : (i+1)*width*k]
		for f, at := range s.features {
			to := row[at*k+first:]
			rest := 0.0
			for o, v := range own[f*s.outputs : (f+1)*s.outputs] {
				to[o] += float64(v * scale)
				rest += v
			}
			if s.k > s.outputs {
				to[s.outputs] -= float64(rest * scale)
			}
		}
	}
}
