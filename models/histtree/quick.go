package histtree

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"flowbook/internal/table"
)

// quick scores rows without walking (QuickScorer: Lucchese et al. 2015, SIGIR). A bit
// stands for each leaf of a tree, from left to right. A split that sends the row right
// strikes out the leaves below its left child, and once all splits have spoken, the
// first leaf left over is the row's. Splits speak feature by feature: all values of a
// feature that lie between the same thresholds, and all rows of a level, strike out the
// same leaves, so that for each of these states the strikes are put together beforehand,
// one a tree. A row of 100 trees with 31 leaves takes some 500 steps of one instruction,
// none of which waits for the one before.
type quick struct {
	features []quickFeature
	strikes  []strike
	first    []uint32  // by tree: where its values begin
	values   []float64 // by leaf, k each
	k        int
}

type quickFeature struct {
	at    int      // place in the schema
	codes uint32   // of a category: number of states, one a code
	cuts  []uint64 // of a number: keys of its thresholds, ascending; state s lies above s of them, the last is missing
	list  []uint32 // by state: where its strikes begin; and where those of the last end
}

// A strike keeps the leaves of a tree that are in mask.
type strike struct {
	mask uint64
	tree uint32
}

const (
	quickTrees   = 16      // fewer are walked as fast
	quickLeaves  = 64      // of a tree, at most
	quickStrikes = 1 << 20 // at most, 16 MB
)

// newQuick returns nil where the trees are too few, too large, or look at too many
// different values.
func newQuick(trees []*tree, schema table.Schema) *quick {
	if len(trees) < quickTrees || len(trees) > math.MaxUint32 {
		return nil
	}
	q := &quick{k: trees[0].k}
	tests := make([][]test, len(schema))
	for i, t := range trees {
		if len(t.nodes) > 2*quickLeaves-1 {
			return nil
		}
		q.first = append(q.first, uint32(len(q.values)))
		t.eachLeaf(0, func(node uint32) { q.values = append(q.values, t.leaf(node)...) })
		t.tests(0, 0, func(f int, s test) {
			s.tree = uint32(i)
			tests[f] = append(tests[f], s)
		})
	}
	for f, own := range tests {
		if len(own) == 0 {
			continue
		}
		if schema[f].Kind == table.CodeKind {
			q.category(f, own, len(schema[f].Levels)+2, len(trees))
		} else {
			q.number(f, own, len(trees))
		}
		if len(q.strikes) > quickStrikes {
			return nil
		}
	}
	return q
}

// A test is a split as quick sees it.
type test struct {
	strike
	cut          uint64   // of a number: key of the threshold
	missingRight bool     // of a number
	set          []uint64 // of a category: codes that go left
}

// eachLeaf calls f for the leaves below a node, from left to right.
func (t *tree) eachLeaf(at uint32, f func(node uint32)) {
	if n := t.nodes[at]; n.kind != leaf {
		t.eachLeaf(n.left, f)
		t.eachLeaf(n.left+1, f)
		return
	}
	f(at)
}

// tests calls f for the splits below a node, the first of whose leaves is number first,
// and returns the number after its last one.
func (t *tree) tests(at uint32, first int, f func(feature int, s test)) int {
	n := t.nodes[at]
	if n.kind == leaf {
		return first + 1
	}
	middle := t.tests(n.left, first, f)
	s := test{strike: strike{mask: ^(1<<middle - 1<<first)}}
	if n.kind == category {
		s.set = t.sets[n.cut:]
	} else {
		s.cut, s.missingRight = n.cut+uint64(n.kind), n.kind == missingRight
	}
	f(int(n.feature), s)
	return t.tests(n.left+1, middle, f)
}

const allLeaves = ^uint64(0)

// number adds a feature whose states are 0 … the number of its thresholds, and missing.
func (q *quick) number(f int, tests []test, trees int) {
	slices.SortStableFunc(tests, func(a, b test) int { return cmp.Compare(a.cut, b.cut) })
	own := quickFeature{at: f}
	kept := slices.Repeat([]uint64{allLeaves}, trees)
	for i, s := range tests {
		if i == 0 || s.cut != tests[i-1].cut {
			own.cuts = append(own.cuts, s.cut)
			q.state(&own, kept)
		}
		kept[s.tree] &= s.mask
		if len(q.strikes) > quickStrikes {
			return
		}
	}
	q.state(&own, kept)
	for i := range kept {
		kept[i] = allLeaves
	}
	for _, s := range tests {
		if s.missingRight {
			kept[s.tree] &= s.mask
		}
	}
	q.state(&own, kept)
	q.add(own)
}

// category adds a feature whose states are the codes of its levels.
func (q *quick) category(f int, tests []test, codes, trees int) {
	own := quickFeature{at: f, codes: uint32(codes)}
	kept := make([]uint64, trees)
	for code := range codes {
		for i := range kept {
			kept[i] = allLeaves
		}
		for _, s := range tests {
			if s.set[code>>6]>>(code&63)&1 == 0 {
				kept[s.tree] &= s.mask
			}
		}
		q.state(&own, kept)
		if len(q.strikes) > quickStrikes {
			return
		}
	}
	q.add(own)
}

// state adds a state of the feature: what is kept of each tree.
func (q *quick) state(f *quickFeature, kept []uint64) {
	f.list = append(f.list, uint32(len(q.strikes)))
	for t, mask := range kept {
		if mask != allLeaves {
			q.strikes = append(q.strikes, strike{mask, uint32(t)})
		}
	}
}

func (q *quick) add(f quickFeature) {
	f.list = append(f.list, uint32(len(q.strikes)))
	q.features = append(q.features, f)
}

// state returns the state of a feature's value, as the encoder gives it.
func (f *quickFeature) state(x uint64) uint32 {
	if f.codes > 0 {
		return uint32(x)
	}
	// How many thresholds are below x, without a jump that depends on it.
	cuts := f.cuts
	from := 0
	for n := len(cuts); n > 1; {
		half := n / 2
		next := from
		if cuts[from+half-1] < x {
			next = from + half
		}
		from = next
		n -= half
	}
	if cuts[from] < x {
		from++
	}
	if x == 0 { // missing
		from = len(cuts) + 1
	}
	return uint32(from)
}

// encode notes the states of rows lo to hi.
func (q *quick) encode(r *room, e encoder, lo, hi int) {
	width := len(q.features)
	for j := range q.features {
		f := &q.features[j]
		e.column(f.at, r.x, 1, lo, hi)
		for i, x := range r.x[:hi-lo] {
			r.states[i*width+j] = f.state(x)
		}
	}
}

// score adds the values of the leaves of a row to its scores. states are those of the
// features; kept has room for all trees. Where the leaves have fewer values than there
// are scores, the trees take turns.
func (q *quick) score(to []float64, kept []uint64, states []uint32) {
	kept = kept[:len(q.first)]
	for i := range kept {
		kept[i] = allLeaves
	}
	for j, s := range states[:len(q.features)] {
		list := q.features[j].list
		for _, s := range q.strikes[list[s]:list[s+1]] {
			kept[s.tree] &= s.mask
		}
	}
	if q.k == 1 && len(to) == 1 {
		sum := to[0]
		for t, mask := range kept {
			sum += q.values[int(q.first[t])+bits.TrailingZeros64(mask)]
		}
		to[0] = sum
		return
	}
	at := 0
	for t, mask := range kept {
		values := q.values[int(q.first[t])+bits.TrailingZeros64(mask)*q.k:][:q.k]
		for c, v := range values {
			to[at+c] += v
		}
		if at += q.k; at == len(to) {
			at = 0
		}
	}
}
