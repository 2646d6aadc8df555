package histtree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

func boostBinned(t *testing.T, tab *table.Table, limit int) *binned {
	t.Helper()
	labels, classes, err := tab.View().Labels()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bin(context.Background(), tab.View(), labels, classes, nil, limit)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The code of a bundle tells the code of each of its features, in every row; and a
// histogram counted by quads is the one counted row by row.
func TestBundles(t *testing.T) {
	for _, p := range []int{5, 9, 14, 23} {
		b := boostBinned(t, flows(3000, p, 2, rng.New(uint64(p))), 255)
		own := slices.Clone(b.columns)
		for f := range own {
			own[f].narrow = slices.Clone(own[f].narrow)
		}
		columns, bundles, words := bundled(b)
		code := func(bundle, row int) int {
			return int(words[bundle/quad].words[row] >> (8 * (bundle % quad)) & 255)
		}
		for f, c := range columns {
			if c.bundle < 0 {
				continue
			}
			for i := range b.rows() {
				if got, want := c.of[code(c.bundle, i)], own[f].narrow[i]; got != want {
					t.Fatalf("p %d, column %d, row %d: code %d by its bundle, want %d", p, f, i, got, want)
				}
			}
		}
		if p > 12 && len(bundles) >= p {
			t.Errorf("%d features make %d bundles", p, len(bundles))
		}
		random := newStream(rng.New(3))
		cells := make([]cell, b.rows())
		var idx []uint32
		var some []cell
		for i := range cells {
			cells[i] = cell{int64(random.next() >> 20), random.next()>>20<<12 | 1}
			if random.below(3) == 0 {
				idx, some = append(idx, uint32(i)), append(some, cells[i])
			}
		}
		var spare [quad]page
		for q := range words {
			all, part := make([]page, len(words[q].bundles)), make([]page, len(words[q].bundles))
			words[q].count(all, nil, cells, &spare)
			words[q].count(part, idx, some, &spare)
			for j, at := range words[q].bundles {
				var want, rest page
				for i, c := range cells {
					want[code(at, i)] = want[code(at, i)].plus(c)
					if !slices.Contains(idx, uint32(i)) {
						rest[code(at, i)] = rest[code(at, i)].plus(c)
					}
				}
				if all[j] != want {
					t.Errorf("p %d, bundle %d: another histogram than row by row", p, at)
				}
				if spare != ([quad]page{}) {
					t.Fatal("the spare pages are not zero")
				}
				if all[j].take(&part[j], 256); all[j] != rest {
					t.Errorf("p %d, bundle %d: parent - child is not the other child", p, at)
				}
			}
		}
	}
}

// Few rows and many, odd numbers of them and even ones: the kernels count what adding
// row by row comes to.
func TestCountKernels(t *testing.T) {
	random := newStream(rng.New(8))
	for _, n := range []int{1, 2, 3, unrolled - 1, unrolled, unrolled + 1, 1000} {
		for width := 1; width <= quad; width++ {
			w := wordColumn{words: make([]uint32, 2*n), sizes: []int{256, 200, 256, 9}[:width]}
			for i := range w.words {
				for j, size := range w.sizes {
					w.words[i] |= uint32(random.below(uint64(size))) << (8 * j)
				}
			}
			cells, idx := make([]cell, n), make([]uint32, n)
			for i := range cells {
				cells[i] = cell{int64(random.next()) >> 3, random.next() >> 3}
				idx[i] = uint32(2*i + int(random.below(2)))
			}
			for _, rows := range [][]uint32{nil, idx} {
				got, want := make([]page, width), make([]page, width)
				var spare [quad]page
				w.count(got, rows, cells, &spare)
				for i, c := range cells {
					r := i
					if rows != nil {
						r = int(rows[i])
					}
					for j := range want {
						x := &want[j][w.words[r]>>(8*j)&255]
						*x = x.plus(c)
					}
				}
				if !slices.Equal(got, want) || spare != ([quad]page{}) {
					t.Fatalf("%d rows of %d bundles: another histogram than row by row", n, width)
				}
			}
		}
	}
}

// Sampling, held-out rows, many classes, and nodes large enough for all cores.
func TestBoostCoresDoNotMatter(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, l := range []Boost{{Trees: 4}, {Trees: 4, RowSample: 0.6, ColumnSample: 0.5}, {Trees: 6, EarlyStop: 2, Rate: 1, L1: 1}} {
		for _, k := range []int{2, 4} {
			v := flows(40000, 9, k, rng.New(6)).View()
			runtime.GOMAXPROCS(1)
			one := boosted(t, l, v)
			p := predicted(t, one, v)
			for _, procs := range []int{2, 7} {
				runtime.GOMAXPROCS(procs)
				m := boosted(t, l, v)
				if len(m.model.trees) != len(one.model.trees) {
					t.Fatalf("%+v, GOMAXPROCS %d: %d trees, want %d", l, procs, m.Trees(), one.Trees())
				}
				for i := range m.model.trees {
					sameTree(t, fmt.Sprintf("%+v, %d classes, GOMAXPROCS %d", l, k, procs), m.model.trees[i], one.model.trees[i])
				}
				if !slices.Equal(predicted(t, m, v).P, p.P) || !slices.Equal(m.Importance(), one.Importance()) {
					t.Errorf("%+v, %d classes, GOMAXPROCS %d: other scores or importance", l, k, procs)
				}
			}
		}
	}
}

// The scores kept during training are those that Predict adds up, also of rows that
// no tree was fitted to: rows follow codes to where values lead.
func TestBoostScoresOfRowsLeftOut(t *testing.T) {
	for _, k := range []int{2, 3} {
		tab := flows(3000, 12, k, rng.New(5))
		l, err := Boost{Trees: 15, RowSample: 0.3, Rate: 0.5, MinLeaf: 2}.filled()
		if err != nil {
			t.Fatal(err)
		}
		b := boostBinned(t, tab, l.MaxBins)
		s := newLosses(b)
		trees, err := l.boost(context.Background(), b, s)
		if err != nil {
			t.Fatal(err)
		}
		p := predicted(t, newBoosted(b, trees, s), tab.View())
		index := make([]int, 0, tab.Rows()) // table row by position
		labels, _, _ := tab.View().Labels()
		for _, c := range b.answer {
			for i, label := range labels {
				if label == c {
					index = append(index, i)
				}
			}
		}
		for at, r := range index {
			scores := make([]float64, 0, k)
			for c := range s.scores {
				scores = append(scores, s.scores[c][at])
			}
			if k == 2 {
				scores = []float64{0, scores[0]}
			}
			shares(scores)
			for c, want := range scores {
				if got := p.Row(r)[b.answer[c]]; !(math.Abs(got-want) <= 1e-12) {
					t.Fatalf("%d classes, row %d: %v predicted, %v in training", k, r, got, want)
				}
			}
		}
	}
}

// The held-out loss stops the rounds, and the best of them is kept.
func TestBoostEarlyStop(t *testing.T) {
	v := flows(2000, 10, 2, rng.New(9)).View()
	m := boosted(t, Boost{Trees: 400, Rate: 0.3, EarlyStop: 5}, v)
	if m.Trees() >= 395 || m.Trees() < 5 {
		t.Errorf("stopped after %d trees", m.Trees())
	}
	again := boosted(t, Boost{Trees: m.Trees() + 5, Rate: 0.3, EarlyStop: 5}, v)
	if again.Trees() != m.Trees() {
		t.Errorf("%d trees with a few rounds more, %d with many", again.Trees(), m.Trees())
	}
	if n := boosted(t, Boost{Trees: 7, EarlyStop: 50}, v).Trees(); n > 7 {
		t.Errorf("%d trees of at most 7", n)
	}
	if n := boosted(t, Boost{Trees: 3, EarlyStop: 1}, v.Take([]int{0, 1, 2, 3})).Trees(); n > 3 {
		t.Errorf("%d trees of four rows", n)
	}
}

func TestBoostLimits(t *testing.T) {
	v := flows(3000, 12, 2, rng.New(7)).View()
	last := math.Inf(1)
	for _, trees := range []int{1, 5, 25, 100} {
		loss := boostLoss(predicted(t, boosted(t, Boost{Trees: trees}, v), v), v)
		if !(loss < last) {
			t.Errorf("training loss %v with %d rounds, %v with fewer", loss, trees, last)
		}
		last = loss
	}
	m := boosted(t, Boost{Trees: 10, MaxDepth: 3, Leaves: 100}, v)
	if m.Depth() != 3 {
		t.Errorf("depth %d, want 3", m.Depth())
	}
	for _, t1 := range boosted(t, Boost{Trees: 10, Leaves: 5}, v).model.trees {
		if len(t1.nodes) != 9 {
			t.Errorf("%d nodes, want 9: 5 leaves", len(t1.nodes))
		}
	}
	if n, _ := boosted(t, Boost{Trees: 10, MinLeaf: 1600}, v).Size(); n != 10 {
		t.Errorf("%d nodes where no node may be split", n)
	}
	if n, _ := boosted(t, Boost{Trees: 10, MinHessian: 1e6}, v).Size(); n != 10 {
		t.Errorf("%d nodes where no node may be split", n)
	}
}

func TestBoostBadFields(t *testing.T) {
	v := flows(50, 5, 2, rng.New(1)).View()
	for _, l := range []Boost{
		{Trees: -1}, {Rate: -0.1}, {Rate: 1.5}, {Rate: math.NaN()}, {Leaves: 1}, {Leaves: -3}, {MaxDepth: -1}, {MinLeaf: -1},
		{MinHessian: math.NaN()}, {L1: -1}, {L2: math.Inf(1)}, {MaxStep: -1}, {MaxStep: math.NaN()}, {Smooth: -2}, {RowSample: 2}, {RowSample: -1}, {ColumnSample: 1.01},
		{EarlyStop: -1}, {HeldOut: 1}, {MaxBins: 1}, {MaxBins: 256},
	} {
		if _, err := l.Fit(context.Background(), v); err == nil {
			t.Errorf("%+v: no error", l)
		}
	}
}

func TestBoostCancelledMidway(t *testing.T) {
	v := flows(4000, 10, 2, rng.New(3)).View()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // impatient is not safe for concurrent use
	for _, looks := range []int{5, 15, 200} {
		left := looks
		if _, err := (Boost{}).Fit(impatient{context.Background(), &left}, v); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled after %d looks: error %v", looks, err)
		}
	}
}

// A category with more levels than a byte can number, missing ones among them; and a
// leak, which importance names.
func TestBoostManyLevels(t *testing.T) {
	n := 6000
	random := newStream(rng.New(4))
	user, class, noise := make([]string, n), make([]string, n), make([]float64, n)
	for i := range n {
		id := int(random.below(700))
		if id > 0 {
			user[i] = fmt.Sprintf("u%03d", id)
		}
		class[i] = fmt.Sprintf("c%d", min(1, id*id%11/5)) // nothing that an order of names tells
		noise[i] = float64(random.below(1000))
	}
	tab := table.Must(table.New("users", table.Text("user", user), table.Float("noise", "", noise), table.Text("class", class).As(table.Label)))
	m := boosted(t, Boost{MinLeaf: 1, Smooth: 1}, tab.View())
	if got := accuracy(predicted(t, m, tab.View()), tab.View()); !(got >= 0.7) {
		t.Errorf("accuracy %.3f", got)
	}
	total := 0.0
	for _, g := range m.Importance() {
		total += g.Gain
	}
	if g := m.Importance(); g[0].Name != "user" || !(math.Abs(total-1) <= 1e-9) {
		t.Errorf("importance %v", g)
	}
}

// Fractional weights: doubling all of them changes the units, not the trees.
func TestBoostFractionalWeights(t *testing.T) {
	tab := flows(1500, 10, 3, rng.New(2))
	random := newStream(rng.New(8))
	fit := func(scale float64) *Boosted {
		random := random
		w := make([]float64, tab.Rows())
		for i := range w {
			w[i] = scale * (0.1 + float64(random.below(1000))/1000)
		}
		return boosted(t, Boost{Trees: 10, MinLeaf: 20 * scale, MinHessian: 1e-3 * scale, Smooth: 10 * scale}, table.Must(tab.With(table.Float("w", "", w).As(table.Weight))).View())
	}
	want := predicted(t, fit(1), tab.View())
	for _, scale := range []float64{1.0 / 1024, 256} {
		got := predicted(t, fit(scale), tab.View())
		for i, v := range got.P {
			if !(math.Abs(v-want.P[i]) <= 1e-9) {
				t.Fatalf("weights times %v: score %v, want %v", scale, v, want.P[i])
			}
		}
	}
}

// TestBoostKDD looks at one fold of KDDTrain+, rows 0, 10, 20 and so on.
func TestBoostKDD(t *testing.T) {
	train := nslkddtest.View(t, "KDDTrain+")
	rest, fold := train.Where(func(r int) bool { return r%10 != 0 }), train.Where(func(r int) bool { return r%10 == 0 })
	p := predicted(t, boosted(t, Boost{}, rest), fold)
	if got, loss := accuracy(p, fold), boostLoss(p, fold); !(got >= 0.998 && loss <= 0.006) {
		t.Errorf("accuracy %.5f and log loss %.5f on a tenth of KDDTrain+", got, loss)
	} else {
		t.Logf("accuracy %.5f and log loss %.5f on a tenth of KDDTrain+", got, loss)
	}
}
