package histtree

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// twin is the same tree, grown the slow and obvious way: every split is tried on the
// rows themselves, values are compared as they are, and nothing is binned. Only the
// score is written in the same form, so that ties are ties in both.
type twin struct {
	t        Tree
	features []table.Column // by rank: the first wins a tie
	class    []int          // of each row, in the order of first appearance
	weight   []float64
	k        int
}

type twinNode struct {
	feature     int // -1: leaf
	cut         float64
	left        map[string]bool // of a category: levels that go left; others go right
	known       map[string]bool // levels of the node, "" is missing
	missingLeft bool
	heavierLeft bool
	l, r        *twinNode
	shares      []float64
	nodes       int
}

func (w *twin) totals(rows []int) []float64 {
	out := make([]float64, w.k)
	for _, r := range rows {
		out[w.class[r]] += w.weight[r]
	}
	return out
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

func (w *twin) score(rows []int, goes func(r int) bool) (score, l, r float64) {
	var left, right []int
	for _, i := range rows {
		if goes(i) {
			left = append(left, i)
		} else {
			right = append(right, i)
		}
	}
	lt, rt := w.totals(left), w.totals(right)
	var active []int
	for c := range lt {
		if lt[c]+rt[c] > 0 {
			active = append(active, c)
		}
	}
	l, r = sum(lt), sum(rt)
	if len(left) == 0 || len(right) == 0 || l < w.t.MinLeaf || r < w.t.MinLeaf {
		return math.Inf(-1), l, r
	}
	if w.t.Criterion != Entropy && len(active) == 2 {
		a, b := active[0], active[1]
		return -(float64(float64(lt[a]*lt[b])*r) + float64(float64(rt[a]*rt[b])*l)) / float64(l*r), l, r
	}
	part := func(t []float64, n float64) float64 {
		s := 0.0
		for _, v := range t {
			if w.t.Criterion == Entropy {
				s += xlogx(v)
			} else {
				s += float64(v * v)
			}
		}
		if w.t.Criterion == Entropy {
			return s - xlogx(n)
		}
		return s / n
	}
	return part(lt, l) + part(rt, r), l, r
}

func (w *twin) grow(rows []int, depth int) *twinNode {
	totals := w.totals(rows)
	n := &twinNode{feature: -1, shares: slices.Clone(totals), nodes: 1}
	active := 0
	for c := range n.shares {
		if n.shares[c] > 0 {
			active++
		}
		n.shares[c] = (totals[c] + w.t.Smooth) / (sum(totals) + float64(w.k)*w.t.Smooth)
	}
	if active < 2 || w.t.MaxDepth > 0 && depth == w.t.MaxDepth {
		return n
	}
	best := math.Inf(-1)
	var goesBest func(r int) bool
	try := func(f int, set func(n *twinNode), goes func(r int) bool) {
		score, l, r := w.score(rows, goes)
		if score > best {
			best, goesBest = score, goes
			n.feature, n.heavierLeft = f, l >= r
			set(n)
		}
	}
	for f, c := range w.features {
		if c.Kind == table.CodeKind {
			w.category(f, c, rows, totals, try)
		} else {
			w.number(f, c, rows, try)
		}
	}
	if n.feature < 0 {
		return n
	}
	var left, right []int
	for _, r := range rows {
		if goesBest(r) {
			left = append(left, r)
		} else {
			right = append(right, r)
		}
	}
	n.l, n.r = w.grow(left, depth+1), w.grow(right, depth+1)
	n.nodes += n.l.nodes + n.r.nodes
	return n
}

func (w *twin) number(f int, c table.Column, rows []int, try func(int, func(*twinNode), func(int) bool)) {
	var values []float64
	missing := false
	for _, r := range rows {
		if x := c.At(r); math.IsNaN(x) {
			missing = true
		} else {
			values = append(values, x)
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	var cuts []float64
	for i := 1; i < len(values); i++ {
		cuts = append(cuts, (values[i-1]+values[i])/2)
	}
	sides := []bool{false}
	if missing {
		sides = []bool{false, true}
	}
	for _, missingLeft := range sides {
		all := cuts
		if missing && !missingLeft && len(values) > 0 {
			all = append(slices.Clone(cuts), math.Inf(1))
		}
		for _, cut := range all {
			try(f, func(n *twinNode) {
				n.cut, n.missingLeft = cut, missingLeft
				if !missing {
					n.missingLeft = n.heavierLeft
				}
			}, func(r int) bool {
				x := c.At(r)
				return x <= cut || math.IsNaN(x) && missingLeft
			})
		}
	}
}

func (w *twin) category(f int, c table.Column, rows []int, totals []float64, try func(int, func(*twinNode), func(int) bool)) {
	weights := map[string][]float64{}
	var levels []string
	for _, r := range rows {
		s := c.String(r)
		if weights[s] == nil {
			weights[s] = make([]float64, w.k)
			levels = append(levels, s)
		}
		weights[s][w.class[r]] += w.weight[r]
	}
	slices.Sort(levels)
	var classes []int
	for k, v := range totals {
		if v > 0 {
			classes = append(classes, k)
		}
	}
	if len(classes) == 2 {
		classes = classes[1:]
	}
	known := map[string]bool{}
	for _, s := range levels {
		known[s] = true
	}
	for _, k := range classes {
		order := slices.Clone(levels)
		slices.SortStableFunc(order, func(a, b string) int {
			return cmp.Compare(weights[a][k]/sum(weights[a]), weights[b][k]/sum(weights[b]))
		})
		for m := 1; m < len(order); m++ {
			left := map[string]bool{}
			for _, s := range order[:m] {
				left[s] = true
			}
			try(f, func(n *twinNode) { n.left, n.known = left, known }, func(r int) bool { return left[c.String(r)] })
		}
	}
}

func (w *twin) predict(n *twinNode, columns []table.Column, r int) []float64 {
	for n.feature >= 0 {
		var left bool
		if c := columns[n.feature]; c.Kind == table.CodeKind {
			s := c.String(r)
			left = n.left[s]
			if !n.known[s] {
				left = n.heavierLeft
			}
		} else if x := c.At(r); math.IsNaN(x) {
			left = n.missingLeft
		} else {
			left = x <= n.cut
		}
		if left {
			n = n.l
		} else {
			n = n.r
		}
	}
	return n.shares
}

// small is a random table with few distinct values, missing ones, categories, and
// weights if asked; levels beyond known do not occur.
func small(g func(int) int, n, k, levels int, missing, weighted bool) *table.Table {
	var a, b, c, w []float64
	var u, v, class []string
	for range n {
		num := func(distinct int) float64 {
			if missing && g(5) == 0 {
				return math.NaN()
			}
			return float64(g(distinct)) / 4
		}
		lev := func(distinct int) string {
			if missing && g(6) == 0 {
				return ""
			}
			return fmt.Sprintf("l%d", g(distinct))
		}
		a, b, c = append(a, num(3)), append(b, num(9)), append(c, float64(g(4)))
		u, v = append(u, lev(levels)), append(v, lev(3))
		class = append(class, fmt.Sprintf("c%d", g(k)))
		w = append(w, float64(1+g(3)))
	}
	columns := []table.Column{
		table.Float("a", "", a), table.Text("u", u), table.Float("b", "", b), table.Text("v", v), table.Float("c", "", c),
		table.Text("class", class).As(table.Label),
	}
	if weighted {
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	return table.Must(table.New("small", columns...))
}

func TestTreeIsItsTwin(t *testing.T) {
	random := newStream(rng.New(5))
	g := func(n int) int { return int(random.below(uint64(n))) }
	for round := range 300 {
		n, k := 1+g(60), 2+g(3)
		tab := small(g, n, k, 6, round%2 == 1, round%3 == 1)
		l := Tree{Seed: rng.New(uint64(round))}
		switch round % 5 {
		case 1:
			l.Criterion = Entropy
		case 2:
			l.MinLeaf, l.Smooth = 4, 1
		case 3:
			l.MaxDepth = 3
		}
		m := fitted(t, l, tab.View())

		w := &twin{t: l, k: len(m.classes)}
		rank := []uint32{0, 1, 2, 3, 4}
		s := newStream(l.Seed)
		s.shuffle(rank)
		for _, f := range rank {
			w.features = append(w.features, tab.Column(m.schema[f].Name))
		}
		number := map[string]int{}
		var names []string
		for i := range n {
			name := tab.Column("class").String(i)
			if _, ok := number[name]; !ok {
				number[name] = len(names)
				names = append(names, name)
			}
			w.class = append(w.class, number[name])
			w.weight = append(w.weight, 1)
			if round%3 == 1 {
				w.weight[i] = tab.Column("w").At(i)
			}
		}
		rows := make([]int, n)
		for i := range rows {
			rows[i] = i
		}
		root := w.grow(rows, 0)
		if size, _ := m.Size(); size != root.nodes {
			t.Fatalf("round %d: %d nodes, the twin has %d", round, size, root.nodes)
		}
		other := small(g, 80, k, 8, true, false) // levels and gaps that training may not have
		for _, on := range []*table.Table{tab, other} {
			var columns []table.Column
			for _, c := range w.features {
				columns = append(columns, on.Column(c.Name))
			}
			p := predicted(t, m, on.View())
			for i := range on.Rows() {
				want := w.predict(root, columns, i)
				for c, name := range names {
					at, _ := slices.BinarySearch(p.Classes, name)
					if got := p.Row(i)[at]; !(math.Abs(got-want[c]) <= 1e-12) {
						t.Fatalf("round %d, row %d of %d: %s scores %v, by the twin %v", round, i, on.Rows(), name, got, want[c])
					}
				}
			}
		}
	}
}
