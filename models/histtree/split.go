package histtree

import "math"

// A split is a way to part the rows of a node.
type split struct {
	feature int // -1: none was found
	score   float64
	l, r    float64 // weights of the children

	last, next uint16 // of a number: codes up to last go left, next is the lowest code on the right
	missing    int8   // of a number: where missing values go: -1 left, 1 right, 0 the node has none

	in, out []uint16 // of a category: codes that go left and right
}

// A finder looks for the best split of a node, feature by feature. Of equal scores
// the feature of lower rank wins, then the lower cut, so that the order in which
// features are tried does not matter.
type finder[A amount] struct {
	impurity impurity
	minLeaf  float64 // 0: any
	slack    float64 // share of the node's weight below which a side may be rounding: 0 for whole weights
	rank     []uint32

	best     split
	baseline float64   // score of the node itself
	unit     float64   // score times unit is weight times impurity
	weight   float64   // of the node
	least    float64   // weight of either side, at least
	total    []float64 // weight of each class that the node has
	l, r     []float64
	order    []int32 // categories: entries in the order tried
	share    []float64
}

// begin starts with a node whose classes have these weights.
func (f *finder[A]) begin(total []float64) {
	f.total = total
	f.weight = 0
	for _, w := range total {
		f.weight += w
	}
	f.least = max(f.minLeaf, f.slack*f.weight)
	f.best.feature, f.best.score = -1, math.Inf(-1)
	if f.binary() {
		f.unit, f.baseline = 2, -float64(total[0]*total[1])/f.weight
	} else {
		f.unit, f.baseline = 1, f.impurity.score(total, f.weight)
	}
}

// binary reports whether the node's score is the one of gini2.
func (f *finder[A]) binary() bool { return len(f.total) == 2 && !f.impurity.entropy }

// try looks at one feature; h lists at least two codes.
func (f *finder[A]) try(feature int, c *column, h *list[A]) {
	switch {
	case c.known != nil:
		f.category(feature, h)
	case c.first == 1 && h.codes[0] == 0:
		f.number(feature, h, 1)
		f.number(feature, h, -1)
	default:
		f.number(feature, h, 0)
	}
}

// better reports whether a split of that score should replace the best so far.
func (f *finder[A]) better(score float64, feature int) bool {
	return score > f.best.score || score == f.best.score && feature != f.best.feature && f.rank[feature] < f.rank[f.best.feature]
}

// number tries every cut between neighbouring codes. missing says where the first
// entry, which is that of the missing values, goes: 1 right, -1 left; 0: there is none.
func (f *finder[A]) number(feature int, h *list[A], missing int8) {
	from, to := 0, len(h.codes)-1 // cuts lie after the entries from … to-1
	switch missing {
	case 1:
		from, to = 1, to+1 // the last cut has the missing values alone on its right
	case -1:
		from = 1
	}
	var score, l float64
	var at int
	if f.binary() {
		score, l, at = f.gini2(h, from, to, missing)
	} else {
		score, l, at = f.classes(h, from, to, missing)
	}
	if at < 0 || !f.better(score, feature) {
		return
	}
	b := &f.best
	b.feature, b.score, b.l, b.r = feature, score, l, f.weight-l
	b.missing, b.last = missing, h.codes[at]
	b.next = h.codes[min(at+1, len(h.codes)-1)]
}

// gini2 is the cut search for two classes: it minimises l0·l1/Σl + r0·r1/Σr, half
// the impurity that is left. Between two codes whose rows are all of one and the
// same class no cut can be best (Fayyad, Irani 1992, theorem 1), unless minLeaf
// rules out the better ones. It returns the entry after which the best cut lies, or -1.
func (f *finder[A]) gini2(h *list[A], from, to int, missing int8) (score, left float64, at int) {
	var l0, l1 float64
	t0, t1, n := f.total[0], f.total[1], f.weight
	if missing < 0 {
		l0, l1 = float64(h.weights[0]), float64(h.weights[1])
	}
	best, at := math.Inf(1), -1
	skip, guard := f.minLeaf == 0, f.least > 0
	w := h.weights[: 2*len(h.codes) : 2*len(h.codes)]
	for i := from; i < to; i++ {
		a, b := w[2*i], w[2*i+1]
		l0 += float64(a)
		l1 += float64(b)
		if skip && 2*i+3 < len(w) && (a == 0 && w[2*i+2] == 0 || b == 0 && w[2*i+3] == 0) {
			continue
		}
		nl := l0 + l1
		nr := n - nl
		if guard && (nl < f.least || nr < f.least) {
			continue
		}
		r0, r1 := t0-l0, t1-l1
		if q := (float64(float64(l0*l1)*nr) + float64(float64(r0*r1)*nl)) / float64(nl*nr); q < best {
			best, left, at = q, nl, i
		}
	}
	return -best, left, at
}

// classes is the cut search for any number of classes and either criterion.
func (f *finder[A]) classes(h *list[A], from, to int, missing int8) (score, left float64, at int) {
	f.nothingLeft(h.k)
	nl := 0.0
	if missing < 0 {
		nl += f.move(h, 0)
	}
	score, at = math.Inf(-1), -1
	for i := from; i < to; i++ {
		nl += f.move(h, i)
		nr := f.weight - nl
		if nl < f.least || nr < f.least {
			continue
		}
		if s := f.impurity.score(f.l, nl) + f.impurity.score(f.r, nr); s > score {
			score, left, at = s, nl, i
		}
	}
	return score, left, at
}

// nothingLeft puts all rows on the right.
func (f *finder[A]) nothingLeft(k int) {
	f.l = f.l[:0]
	for range k {
		f.l = append(f.l, 0)
	}
	f.r = append(f.r[:0], f.total...)
}

// move moves an entry from the right to the left and returns its weight.
func (f *finder[A]) move(h *list[A], i int) (weight float64) {
	l, r := f.l[:h.k], f.r[:h.k]
	for j, a := range h.weights[i*h.k : (i+1)*h.k] {
		w := float64(a)
		l[j] += w
		r[j] -= w
		weight += w
	}
	return weight
}

// category orders the levels, missing among them, by their share of a class and
// tries every cut of that order. With two classes the best set of levels is among
// them (Breiman et al. 1984, theorem 4.5). With more, each class in turn is set
// against the rest; only a search through 2^levels sets would be sure to find the best.
func (f *finder[A]) category(feature int, h *list[A]) {
	class, last := 0, h.k-1
	if h.k == 2 {
		class = 1
	}
	for ; class <= last; class++ {
		f.sort(h, class)
		f.nothingLeft(h.k)
		nl := 0.0
		found := -1
		for at, i := range f.order[:len(f.order)-1] {
			nl += f.move(h, int(i))
			nr := f.weight - nl
			if nl < f.least || nr < f.least {
				continue
			}
			var s float64
			if f.binary() {
				s = -(float64(float64(f.l[0]*f.l[1])*nr) + float64(float64(f.r[0]*f.r[1])*nl)) / float64(nl*nr)
			} else {
				s = f.impurity.score(f.l, nl) + f.impurity.score(f.r, nr)
			}
			if f.better(s, feature) {
				f.best.feature, f.best.score, f.best.l, f.best.r = feature, s, nl, nr
				found = at
			}
		}
		if found >= 0 {
			f.best.in, f.best.out = f.best.in[:0], f.best.out[:0]
			for at, i := range f.order {
				if at <= found {
					f.best.in = append(f.best.in, h.codes[i])
				} else {
					f.best.out = append(f.best.out, h.codes[i])
				}
			}
		}
	}
}

// sort orders the entries by their share of a class, equal ones by code. Nodes have
// few levels, and the order of one class is often nearly that of the last: insertion.
func (f *finder[A]) sort(h *list[A], class int) {
	f.order, f.share = f.order[:0], f.share[:0]
	for i := range h.codes {
		total := 0.0
		for _, w := range h.weights[i*h.k : (i+1)*h.k] {
			total += float64(w)
		}
		share := float64(h.weights[i*h.k+class]) / total
		f.order, f.share = append(f.order, 0), append(f.share, 0)
		j := i
		for ; j > 0 && f.share[j-1] > share; j-- {
			f.order[j], f.share[j] = f.order[j-1], f.share[j-1]
		}
		f.order[j], f.share[j] = int32(i), share
	}
}

// impurity is the criterion; a node's score is larger the purer it is.
type impurity struct {
	entropy bool
	table   []float64 // x·log2 x of the whole numbers that may occur
}

func newImpurity(c Criterion, total float64, whole bool) impurity {
	m := impurity{entropy: c == Entropy}
	if m.entropy && whole && total < 1<<22 {
		m.table = make([]float64, int(total)+1)
		for i := range m.table {
			m.table[i] = xlogx(float64(i))
		}
	}
	return m
}

func xlogx(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return float64(x * math.Log2(x))
}

func (m *impurity) xlogx(x float64) float64 {
	if i := int(x); i < len(m.table) {
		return m.table[i]
	}
	return xlogx(x)
}

// score is Σx²/n for Gini and Σ x·log x - n·log n for entropy; n times the impurity
// is n - score and -score.
func (m *impurity) score(x []float64, n float64) float64 {
	sum := 0.0
	if m.entropy {
		for _, v := range x {
			sum += m.xlogx(v)
		}
		return sum - m.xlogx(n)
	}
	for _, v := range x {
		sum += float64(v * v)
	}
	return sum / n
}
