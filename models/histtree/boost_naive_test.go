package histtree

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// boostTwin boosts the slow and obvious way: every split is tried on the rows
// themselves, and nothing is binned, bundled, packed or subtracted. Gradients are
// rounded to units, as they are in Boost, and the gain is written in the same form,
// so that ties are ties in both.
type boostTwin struct {
	l        Boost
	features []table.Column // in the order of the schema
	class    []int          // in the order of first appearance
	weight   []float64
	k        int
	base     []float64
	target   []float64        // of a number; nil: classes
	trees    []*boostTwinNode // round by round
	nodes    int
}

type boostTwinNode struct {
	rows    []int
	goes    func(x table.Column, r int) bool // nil: leaf
	feature int
	value   float64
	l, r    *boostTwinNode
	depth   int

	best     float64 // gain of its best split
	bestGoes func(x table.Column, r int) bool
	bestBy   int
}

// twinSums are sums over rows: gradients and second derivatives in units, weights.
type twinSums struct {
	g, h int64
	w    float64
}

func (w *boostTwin) sums(rows []int, cells []twinSums) (s twinSums) {
	for _, r := range rows {
		s.g += cells[r].g
		s.h += cells[r].h
		s.w += cells[r].w
	}
	return s
}

func (w *boostTwin) fit() {
	total := sum(w.weight)
	prior := make([]float64, w.k)
	for i, c := range w.class {
		prior[c] += w.weight[i]
	}
	n := len(w.class)
	scores := make([][]float64, w.k)
	if w.k == 2 {
		w.base, scores = []float64{math.Log(prior[1] / prior[0])}, scores[:1]
	} else {
		for _, p := range prior {
			w.base = append(w.base, math.Log(p/total))
		}
	}
	for c := range scores {
		scores[c] = slices.Repeat([]float64{w.base[c]}, n)
	}
	// Units: the sum of all gradients stays below 2⁶³; second derivatives, at most a
	// quarter of the weight, share 64 bits with the weight.
	above := math.Exp2(math.Floor(math.Log2(total)) + 1)
	gu := math.Exp2(63) / above
	hu := math.Exp2(63) / math.Exp2(math.Floor(math.Log2(total))+1) / (above / 4)
	for range w.l.Trees {
		cells := make([][]twinSums, len(scores))
		for i, own := range w.class {
			p := make([]float64, w.k)
			if w.k == 2 {
				p[1] = 1 / (1 + math.Exp(-scores[0][i]))
				p[0] = 1 / (1 + math.Exp(scores[0][i]))
			} else {
				most, sum := math.Inf(-1), 0.0
				for c := range p {
					most = max(most, scores[c][i])
				}
				for c := range p {
					p[c] = math.Exp(scores[c][i] - most)
					sum += p[c]
				}
				for c := range p {
					p[c] /= sum
				}
			}
			for c := range cells {
				class := c
				if w.k == 2 {
					class = 1
				}
				a, sign := p[class], 1.0
				if own == class {
					a, sign = 1-p[class], -1
					if w.k == 2 {
						a = p[0]
					}
				}
				cells[c] = append(cells[c], twinSums{
					int64(w.weight[i]) * int64(sign*(a*gu)), int64(w.weight[i]) * (int64(a*(1-a)*hu) + 1), w.weight[i],
				})
			}
		}
		for c := range scores {
			root := w.grow(cells[c], gu, hu)
			w.trees = append(w.trees, root)
			for i := range scores[c] {
				scores[c][i] += w.value(root, i, w.features)
			}
		}
	}
}

// fitNumber is fit for the squared loss. The target is scaled to below 2 and centred,
// and units are those of the largest gradient of the round.
func (w *boostTwin) fitNumber() {
	above := func(x float64) float64 { return math.Exp2(math.Floor(math.Log2(x)) + 1) }
	total := sum(w.weight)
	most := 0.0
	for _, y := range w.target {
		most = max(most, math.Abs(y))
	}
	scale, unit := above(most)/2, math.Exp2(62)/above(total)
	whole := int64(0)
	for i, y := range w.target {
		whole += int64(y/scale*unit) * int64(w.weight[i])
	}
	mean := float64(whole) / unit / total
	w.base, w.l.L1 = []float64{mean * scale}, w.l.L1/scale
	hu := math.Exp2(63) / above(total) / above(total)
	scores := make([]float64, len(w.target))
	for range w.l.Trees {
		most = 0
		for i, y := range w.target {
			most = max(most, math.Abs(scores[i]-(y/scale-mean)))
		}
		gu := math.Exp2(63) / above(total) / above(most)
		var cells []twinSums
		for i, y := range w.target {
			g := int64((scores[i] - (y/scale - mean)) * gu)
			cells = append(cells, twinSums{int64(w.weight[i]) * g, int64(w.weight[i] * hu), w.weight[i]})
		}
		root := w.grow(cells, gu, hu)
		w.trees = append(w.trees, root)
		for i := range scores {
			scores[i] += w.value(root, i, w.features)
		}
	}
	for _, t := range w.trees {
		t.times(scale)
	}
}

func (n *boostTwinNode) times(scale float64) {
	n.value *= scale
	if n.goes != nil {
		n.l.times(scale)
		n.r.times(scale)
	}
}

func (w *boostTwin) value(n *boostTwinNode, r int, columns []table.Column) float64 {
	for n.goes != nil {
		if n.goes(columns[n.feature], r) {
			n = n.l
		} else {
			n = n.r
		}
	}
	return n.value
}

func (w *boostTwin) grow(cells []twinSums, gu, hu float64) *boostTwinNode {
	all := make([]int, len(cells))
	for i := range all {
		all[i] = i
	}
	root := &boostTwinNode{rows: all}
	open := []*boostTwinNode{root}
	w.search(root, cells, gu, hu)
	for len(open) < w.l.Leaves {
		at := -1
		for i, n := range open {
			if n.best <= 0 {
				continue
			}
			deeper := at >= 0 && w.l.DepthWise && n.depth > open[at].depth
			flatter := at >= 0 && w.l.DepthWise && n.depth < open[at].depth
			if at < 0 || flatter || !deeper && n.best > open[at].best {
				at = i
			}
		}
		if at < 0 {
			break
		}
		n := open[at]
		n.goes, n.feature = n.bestGoes, n.bestBy
		n.l, n.r = &boostTwinNode{depth: n.depth + 1}, &boostTwinNode{depth: n.depth + 1}
		for _, r := range n.rows {
			if n.goes(w.features[n.feature], r) {
				n.l.rows = append(n.l.rows, r)
			} else {
				n.r.rows = append(n.r.rows, r)
			}
		}
		w.search(n.l, cells, gu, hu)
		w.search(n.r, cells, gu, hu)
		open[at] = n.l
		open = append(open, n.r)
	}
	w.nodes += 2*len(open) - 1
	for _, n := range open {
		s := w.sums(n.rows, cells)
		step := -w.shrunk(s, gu) / (float64(s.h)/hu + w.l.L2)
		n.value = w.l.Rate * math.Copysign(min(math.Abs(step), w.l.MaxStep), step)
	}
	return root
}

func (w *boostTwin) shrunk(s twinSums, gu float64) float64 {
	g := float64(s.g) / gu
	return math.Copysign(max(0, math.Abs(g)-w.l.L1), g)
}

func (w *boostTwin) search(n *boostTwinNode, cells []twinSums, gu, hu float64) {
	all := w.sums(n.rows, cells)
	if n.depth == w.l.MaxDepth {
		return
	}
	for f, c := range w.features {
		num, den := 0.0, 1.0 // of this feature's best
		var goesBest func(x table.Column, r int) bool
		try := func(goes func(x table.Column, r int) bool) {
			var left, right []int
			for _, r := range n.rows {
				if goes(c, r) {
					left = append(left, r)
				} else {
					right = append(right, r)
				}
			}
			l, r := w.sums(left, cells), w.sums(right, cells)
			hl, hr := float64(l.h)/hu, float64(r.h)/hu
			if len(left) == 0 || len(right) == 0 || l.w < w.l.MinLeaf || r.w < w.l.MinLeaf || hl < w.l.MinHessian || hr < w.l.MinHessian {
				return
			}
			gl, gr := w.shrunk(l, gu), w.shrunk(r, gu)
			hl += w.l.L2
			hr += w.l.L2
			if a, b := gl*gl*hr+gr*gr*hl, hl*hr; a*den > num*b {
				num, den, goesBest = a, b, goes
			}
		}
		won := func() {
			g := w.shrunk(all, gu)
			if gain := num/den - g*g/(float64(all.h)/hu+w.l.L2); goesBest != nil && gain > 1e-10*num/den && gain > n.best {
				n.best, n.bestGoes, n.bestBy = gain, goesBest, f
			}
			num, den, goesBest = 0, 1, nil
		}
		if c.Kind == table.CodeKind {
			w.levels(c, n.rows, cells, gu, hu, try)
			won()
			continue
		}
		w.numbers(c, n.rows, try, won)
	}
}

func (w *boostTwin) numbers(c table.Column, rows []int, try func(func(table.Column, int) bool), won func()) {
	distinct := func(rows []int) (values []float64, missing float64) {
		for _, r := range rows {
			if x := c.At(r); math.IsNaN(x) {
				missing += w.weight[r]
			} else {
				values = append(values, x)
			}
		}
		slices.Sort(values)
		return slices.Compact(values), missing
	}
	everyone := make([]int, len(w.class))
	for i := range everyone {
		everyone[i] = i
	}
	known, _ := distinct(everyone)
	values, missing := distinct(rows)
	var cuts []float64
	for i := 1; i < len(values); i++ {
		// Of the gaps between values that training has, the one midway.
		middle := num.Midpoint(values[i-1], values[i])
		lo, hi := values[i-1], values[i]
		for _, v := range known {
			if v > lo && v <= middle {
				lo = v
			}
		}
		for _, v := range slices.Backward(known) {
			if v > lo {
				hi = v
			}
		}
		cuts = append(cuts, num.Midpoint(lo, hi))
	}
	if missing == 0 {
		for _, cut := range cuts {
			heavier := 0.0
			for _, r := range rows {
				if c.At(r) <= cut {
					heavier += w.weight[r]
				} else {
					heavier -= w.weight[r]
				}
			}
			try(func(x table.Column, r int) bool { v := x.At(r); return v <= cut || math.IsNaN(v) && heavier >= 0 })
		}
		won()
		return
	}
	for _, cut := range append(slices.Clone(cuts), math.Inf(1)) {
		try(func(x table.Column, r int) bool { return x.At(r) <= cut })
	}
	won()
	for _, cut := range cuts {
		try(func(x table.Column, r int) bool { v := x.At(r); return v <= cut || math.IsNaN(v) })
	}
	won()
}

func (w *boostTwin) levels(c table.Column, rows []int, cells []twinSums, gu, hu float64, try func(func(table.Column, int) bool)) {
	of := map[string][]int{}
	for _, r := range rows {
		of[c.String(r)] = append(of[c.String(r)], r)
	}
	var levels []string
	ratio := map[string]float64{}
	for s, own := range of {
		levels = append(levels, s)
		t := w.sums(own, cells)
		ratio[s] = float64(t.g) / gu / (float64(t.h)/hu + w.l.Smooth)
	}
	slices.Sort(levels)
	slices.SortStableFunc(levels, func(a, b string) int { return cmp.Compare(ratio[a], ratio[b]) })
	for m := 1; m < len(levels); m++ {
		left := levels[:m]
		heavier := 0.0
		for s, own := range of {
			for _, r := range own {
				if slices.Contains(left, s) {
					heavier += w.weight[r]
				} else {
					heavier -= w.weight[r]
				}
			}
		}
		try(func(x table.Column, r int) bool {
			s := x.String(r)
			if _, ok := of[s]; !ok {
				return heavier >= 0
			}
			return slices.Contains(left, s)
		})
	}
}

func TestBoostIsItsTwin(t *testing.T) {
	random := newStream(rng.New(6))
	g := func(n int) int { return int(random.below(uint64(n))) }
	for round := range 120 {
		n, k := 20+g(60), 2+g(3)
		weighted := round%3 == 1
		tab := small(g, n, k, 6, round%2 == 1, weighted)
		l := Boost{Trees: 5, Rate: 0.3, Leaves: 6, MinLeaf: 2}
		switch round % 5 {
		case 1:
			l.L2, l.MaxDepth = 1.5, 3
		case 2:
			l.L1, l.MinLeaf = 0.7, 5
		case 3:
			l.MinHessian, l.Smooth = 2, 1
		case 4:
			l.MaxStep = 0.8
		}
		l.DepthWise = round%7 < 3
		m := boosted(t, l, tab.View())
		l, err := l.filled()
		if err != nil {
			t.Fatal(err)
		}
		w := &boostTwin{l: l}
		for _, f := range m.model.schema {
			w.features = append(w.features, tab.Column(f.Name))
		}
		var names []string
		for i := range n {
			name := tab.Column("class").String(i)
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			w.class = append(w.class, slices.Index(names, name))
			w.weight = append(w.weight, 1)
			if weighted {
				w.weight[i] = tab.Column("w").At(i)
			}
		}
		w.k = len(names)
		w.fit()
		what := fmt.Sprintf("round %d, %d rows, %d classes", round, n, w.k)
		if size, _ := m.Size(); size != w.nodes {
			t.Fatalf("%s: %d nodes, the twin has %d", what, size, w.nodes)
		}
		other := small(g, 80, k, 8, true, false) // levels and gaps that training may not have
		for _, on := range []*table.Table{tab, other} {
			var columns []table.Column
			for _, c := range w.features {
				columns = append(columns, on.Column(c.Name))
			}
			p := predicted(t, m, on.View())
			for i := range on.Rows() {
				scores := slices.Clone(w.base)
				for j, tree := range w.trees {
					scores[j%len(scores)] += w.value(tree, i, columns)
				}
				if len(scores) == 1 {
					scores = []float64{0, scores[0]}
				}
				total := 0.0
				for _, f := range scores {
					total += math.Exp(f)
				}
				for c, name := range names {
					at, _ := slices.BinarySearch(p.Classes, name)
					if got, want := p.Row(i)[at], math.Exp(scores[c])/total; !(math.Abs(got-want) <= 1e-9) {
						t.Fatalf("%s, row %d of %d: %s has %v, by the twin %v", what, i, on.Rows(), name, got, want)
					}
				}
			}
		}
	}
}

func TestRegressionIsItsTwin(t *testing.T) {
	random := newStream(rng.New(16))
	g := func(n int) int { return int(random.below(uint64(n))) }
	for round := range 80 {
		n := 20 + g(60)
		weighted := round%3 == 1
		tab := small(g, n, 2, 6, round%2 == 1, weighted)
		l := Boost{Trees: 5, Rate: 0.3, Leaves: 6, MinLeaf: 2}
		switch round % 5 {
		case 1:
			l.L2, l.MaxDepth = 1.5, 3
		case 2:
			l.L1, l.MinLeaf = 0.7, 5
		case 3:
			l.MinHessian, l.Smooth = 4, 1
		}
		l.DepthWise = round%7 < 3
		y := make([]float64, n)
		for i := range y {
			y[i] = []float64{1, 1e-200, 1e150, 1}[round%4] * (float64(g(1000)) + []float64{0, 0, 0, 1e6}[round%4])
		}
		y[0] *= []float64{1, 50}[round/5%2] // an outlier
		tab = table.Must(tab.With(tab.Column("class").As(table.Ignore), table.Float("y", "", y).As(table.Label)))
		fit, err := l.FitRegression(context.Background(), tab.View())
		if err != nil {
			t.Fatal(err)
		}
		m := fit.(*Regressed)
		if l, err = l.filled(); err != nil {
			t.Fatal(err)
		}
		w := &boostTwin{l: l, k: 1, target: y, class: make([]int, n), weight: slices.Repeat([]float64{1}, n)}
		for _, f := range m.model.schema {
			w.features = append(w.features, tab.Column(f.Name))
		}
		for i := range w.weight {
			if weighted {
				w.weight[i] = tab.Column("w").At(i)
			}
		}
		w.fitNumber()
		what := fmt.Sprintf("round %d, %d rows", round, n)
		if size, _ := m.Size(); size != w.nodes {
			t.Fatalf("%s: %d nodes, the twin has %d", what, size, w.nodes)
		}
		other := small(g, 80, 2, 8, true, false)
		for _, on := range []*table.Table{tab, other} {
			var columns []table.Column
			for _, c := range w.features {
				columns = append(columns, on.Column(c.Name))
			}
			got, err := m.Estimate(context.Background(), on.View())
			if err != nil {
				t.Fatal(err)
			}
			for i := range on.Rows() {
				want := w.base[0]
				for _, tree := range w.trees {
					want += w.value(tree, i, columns)
				}
				if !(math.Abs(got[i]-want) <= 1e-12*slices.Max(y)) {
					t.Fatalf("%s, row %d of %d: %v, by the twin %v", what, i, on.Rows(), got[i], want)
				}
			}
		}
	}
}
