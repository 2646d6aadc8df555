package histtree

import (
	"cmp"
	"slices"
)

// boostColumn is a feature as boosting sees it.
type boostColumn struct {
	*column
	bins   int     // codes in use, missing included, at most 256
	code   []int16 // of a category: code of each level of the schema, 0 missing, -1 if training has none
	bundle int
	of     []uint8 // code of the feature by code of the bundle; room for all of them
}

// A bundle is a few features in one column: its code stands for a combination of
// theirs that some row has. Columns of flows are far from independent, and half of
// them are nearly constant: the 41 of NSL-KDD become some 25 bundles, each counted in
// the time of one. (Ke et al. 2017 bundle features of which no two are set in the same
// row; combinations need no such rule, and the histograms of the features are exact.)
type bundle struct {
	features []int
	size     int // codes in use
}

// A wordColumn holds the codes of up to four bundles.
type wordColumn struct {
	words   []uint32 // by position
	bundles []int
	sizes   []int // codes in use of each
}

// mostCodes is how many codes a bundle may have.
const mostCodes = 256

// bundled makes bundles of the features of b. It takes their codes, so that those of a
// large table are not there twice.
func bundled(b *binned) ([]boostColumn, []bundle, []wordColumn) {
	columns := make([]boostColumn, len(b.columns))
	codes := make([][]uint8, len(columns))
	order := make([]int, len(columns))
	for f := range columns {
		columns[f], codes[f] = narrowed(b, &b.columns[f])
		b.columns[f].narrow, b.columns[f].wide = nil, nil
		order[f] = f
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(columns[x].bins, columns[y].bins) })
	var bundles []bundle
	var joint [][]uint8 // codes of the bundles
	var table [1 << 16]uint16
	for _, f := range order {
		c := &columns[f]
		if c.bins < 2 {
			c.bundle = -1 // constant: nothing to learn
			codes[f] = nil
			continue
		}
		home := -1
		for at := len(bundles) - 1; at >= 0 && home < 0; at-- {
			if n, ok := combine(&table, joint[at], codes[f], c.bins, bundles[at].size*c.bins); ok {
				home = at
				join2(&table, &bundles[at], columns, f, n)
				for i, x := range joint[at] {
					joint[at][i] = uint8(table[int(x)*c.bins+int(codes[f][i])] - 1)
				}
			}
		}
		if home < 0 {
			home = len(bundles)
			c.of = make([]uint8, mostCodes)
			for i := range c.of[:c.bins] {
				c.of[i] = uint8(i)
			}
			bundles = append(bundles, bundle{[]int{f}, c.bins})
			joint = append(joint, codes[f])
		}
		c.bundle, codes[f] = home, nil
	}
	var words []wordColumn
	for from := 0; from < len(bundles); from += quad {
		w := wordColumn{words: make([]uint32, b.rows())}
		for at := from; at < min(len(bundles), from+quad); at++ {
			w.bundles, w.sizes = append(w.bundles, at), append(w.sizes, bundles[at].size)
			for i, x := range joint[at] {
				w.words[i] |= uint32(x) << (8 * (at - from))
			}
			joint[at] = nil
		}
		words = append(words, w)
	}
	return columns, bundles, words
}

// combine numbers the combinations that occur of a and b, whose codes are below bins,
// from 1; false means that there are too many.
func combine(table *[1 << 16]uint16, a, b []uint8, bins, size int) (int, bool) {
	t := table[:size]
	clear(t)
	n := uint16(0)
	b = b[:len(a)]
	// Neighbours are alike; a look at rows far apart first finds many combinations soon.
	const stride = 61
	for i := 0; i < len(a); i += stride {
		if at := int(a[i])*bins + int(b[i]); t[at] == 0 {
			if n++; n > mostCodes {
				return 0, false
			}
			t[at] = n
		}
	}
	for i, x := range a {
		if at := int(x)*bins + int(b[i]); t[at] == 0 {
			if n++; n > mostCodes {
				return 0, false
			}
			t[at] = n
		}
	}
	return int(n), true
}

// join2 adds feature f to a bundle whose combinations with it table has numbered.
func join2(table *[1 << 16]uint16, u *bundle, columns []boostColumn, f, n int) {
	bins := columns[f].bins
	was := make([]uint8, n) // code before
	columns[f].of = make([]uint8, mostCodes)
	for at, number := range table[:u.size*bins] {
		if number > 0 {
			was[number-1] = uint8(at / bins)
			columns[f].of[number-1] = uint8(at % bins)
		}
	}
	for _, other := range u.features {
		of := make([]uint8, mostCodes)
		for i, x := range was {
			of[i] = columns[other].of[x]
		}
		columns[other].of = of
	}
	u.features = append(u.features, f)
	u.size = n
}

// narrowed returns a feature with codes of one byte. Of a category with more levels
// than that, the lightest share the last code.
func narrowed(b *binned, c *column) (boostColumn, []uint8) {
	out := boostColumn{column: c, bins: c.bins}
	if c.known == nil {
		return out, c.narrow
	}
	out.code = make([]int16, c.levels+2)
	for i := range out.code {
		out.code[i] = -1
	}
	if c.narrow != nil {
		for bin, level := range c.known {
			out.code[level] = int16(bin)
		}
		return out, c.narrow
	}
	weight := make([]float64, c.bins)
	for at, x := range c.wide {
		weight[x] += b.weight(at)
	}
	if c.first == 1 {
		weight[0] = 0
		for _, w := range weight[1:] {
			weight[0] += w // missing keeps a code of its own
		}
	}
	order := make([]int, c.bins)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(weight[y], weight[x]) })
	heavy := slices.Sorted(slices.Values(order[:mostCodes-1]))
	to := make([]uint8, c.bins)
	for i := range to {
		to[i] = mostCodes - 1
	}
	for i, x := range heavy {
		to[x] = uint8(i)
	}
	for bin, level := range c.known {
		out.code[level] = int16(to[bin])
	}
	out.bins = mostCodes
	codes := make([]uint8, len(c.wide))
	for at, x := range c.wide {
		codes[at] = to[x]
	}
	return out, codes
}
