package golearn

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
	"flowbook/models/modeltest"
)

var _ dense.Learner = KNN{}

func TestID3Conformance(t *testing.T) {
	modeltest.Run(t, ID3{}, modeltest.Saved(Kinds()), modeltest.IgnoresWeights)
}

func TestBernoulliNBConformance(t *testing.T) {
	modeltest.Run(t, BernoulliNB{}, modeltest.Saved(Kinds()), modeltest.IgnoresWeights)
}

func TestKNNConformance(t *testing.T) {
	modeltest.Run(t, KNN{}, modeltest.Saved(Kinds()), modeltest.IgnoresWeights, modeltest.NumericOnly, modeltest.NoMissing, modeltest.MaxRows(200))
	modeltest.Run(t, encode.Then(KNN{}, encode.OneHot{}, encode.Impute{}, encode.Standardize{}), modeltest.Saved(Kinds()), modeltest.IgnoresWeights, modeltest.MaxRows(200))
}

func generated(n int) table.View {
	g := rng.New(8).Rand()
	x, y, s, class := make([]float64, n), make([]float64, n), make([]string, n), make([]string, n)
	for i := range x {
		x[i], y[i] = g.NormFloat64(), math.Exp(g.NormFloat64())
		s[i] = []string{"dns", "http", "ssh"}[g.IntN(3)]
		class[i] = []string{"a", "b", "c"}[g.IntN(3)]
		if x[i] > 0.5 || s[i] == "ssh" {
			class[i] = "c"
		}
	}
	return table.Must(table.New("generated", table.Float("x", "", x), table.Float("y", "", y), table.Text("s", s), table.Text("class", class).As(table.Label))).View()
}

// TestKNNIsBruteForce holds golearn's tree to the plain search, at sizes that leave
// some of its nodes without one side.
func TestKNNIsBruteForce(t *testing.T) {
	v := generated(300).Numeric()
	x, y := v.Floats("x"), v.Floats("y")
	test := v.Where(func(i int) bool { return i >= 200 })
	for n := 8; n <= 200; n += 12 {
		train := v.Where(func(i int) bool { return i < n })
		m, err := KNN{K: 7}.Fit(context.Background(), train)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(context.Background(), test)
		if err != nil {
			t.Fatal(err)
		}
		labels, classes, _ := train.Labels()
		for i := range test.Rows() {
			order := make([]int, n)
			for r := range order {
				order[r] = r
			}
			d := func(r int) float64 { return math.Hypot(x[r]-x[200+i], y[r]-y[200+i]) }
			slices.SortFunc(order, func(a, b int) int { return cmp.Compare(d(a), d(b)) })
			want := make([]float64, len(classes))
			for _, r := range order[:7] {
				want[labels[r]] += 1. / 7
			}
			for c := range want {
				if !(math.Abs(p.Row(i)[c]-want[c]) <= 1e-12) {
					t.Fatalf("%d rows, row %d: %v, want %v", n, i, p.Row(i), want)
				}
			}
		}
	}
}

// TestBernoulliNBByHand holds golearn's answer to its own formula.
func TestBernoulliNBByHand(t *testing.T) {
	v := generated(400)
	m, err := BernoulliNB{}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	b := m.(*bernoulli)
	columns := b.levels.codes(v)
	bits := make([]byte, b.width)
	for i := range v.Rows() {
		b.bits(columns, i, bits)
		if want, _ := b.tied(bits); p.Best(i) != want {
			t.Fatalf("row %d: golearn says %d, its formula %d", i, p.Best(i), want)
		}
	}
	if n, _ := m.(models.Sized).Size(); n != 5 { // two numbers, three services
		t.Errorf("%d yes/no features", n)
	}
}

// TestBernoulliNBTie has two classes that nothing tells apart.
func TestBernoulliNBTie(t *testing.T) {
	v := table.Must(table.New("tie", table.Float("x", "", []float64{1, 2, 1, 2}), table.Text("class", []string{"b", "b", "a", "a"}).As(table.Label))).View()
	for range 20 {
		m, err := BernoulliNB{}.Fit(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(context.Background(), v)
		if err != nil || p.Best(0) != 0 {
			t.Fatalf("best %d, %v", p.Best(0), err)
		}
	}
}

// TestID3IsItsTwin grows the tree once more, plainly, over sets of rows.
func TestID3IsItsTwin(t *testing.T) {
	v := generated(600)
	m, err := ID3{Bins: 5}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	labels, _, _ := v.Labels()
	columns := newLevels(v, 5).codes(v)
	all := make([]int, v.Rows())
	for i := range all {
		all[i] = i
	}
	leaves := 0
	var grow func(rows []int)
	grow = func(rows []int) {
		best, at := 1e-9, -1
		for j := range columns {
			if gain := entropy(rows, labels) - entropyAfter(rows, labels, columns[j]); gain > best+1e-12 {
				best, at = gain, j
			}
		}
		if at >= 0 {
			for _, part := range parted(rows, columns[at]) {
				grow(part)
			}
			return
		}
		leaves++
		share := make([]float64, 3)
		for _, r := range rows {
			share[labels[r]] += 1 / float64(len(rows))
		}
		for _, r := range rows {
			for c := range share {
				if !(math.Abs(p.Row(r)[c]-share[c]) <= 1e-9) {
					t.Fatalf("row %d: %v, want %v", r, p.Row(r), share)
				}
			}
		}
	}
	grow(all)
	if leaves < 5 {
		t.Errorf("%d leaves: the twin has nothing to compare", leaves)
	}
}

func parted(rows []int, codes []int32) map[int32][]int {
	out := make(map[int32][]int)
	for _, r := range rows {
		out[codes[r]] = append(out[codes[r]], r)
	}
	return out
}

func entropy(rows, labels []int) float64 {
	count := make([]float64, 3)
	for _, r := range rows {
		count[labels[r]]++
	}
	h := 0.0
	for _, c := range count {
		if c > 0 {
			h -= c / float64(len(rows)) * math.Log2(c/float64(len(rows)))
		}
	}
	return h
}

func entropyAfter(rows, labels []int, codes []int32) float64 {
	h := 0.0
	for _, part := range parted(rows, codes) {
		h += float64(len(part)) / float64(len(rows)) * entropy(part, labels)
	}
	return h
}

func TestThin(t *testing.T) {
	labels := make([]int, 1000)
	for i := range labels {
		if i%10 == 3 {
			labels[i] = 1
		}
	}
	labels[500] = 2
	rows, note := thin(labels, 3, 100)
	count := make([]int, 3)
	for _, r := range rows {
		count[labels[r]]++
	}
	if !slices.Equal(count, []int{89, 10, 1}) || !slices.IsSorted(rows) {
		t.Errorf("took %v", count)
	}
	if !strings.Contains(note, fmt.Sprintf("%d of 1000", len(rows))) {
		t.Errorf("note %q", note)
	}
	if rows, note := thin(labels, 3, 1000); len(rows) != 1000 || note != "" {
		t.Errorf("%d rows, note %q", len(rows), note)
	}
}

func TestNote(t *testing.T) {
	v := generated(300)
	for _, l := range []models.Learner{ID3{MaxRows: 100}, BernoulliNB{MaxRows: 100}, encode.Then(KNN{MaxRows: 100}, encode.OneHot{})} {
		m, err := l.Fit(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := m.(Noted); !ok || !strings.Contains(n.Note(), "of 300 rows") {
			t.Errorf("%s does not say that rows were left out", l.Name())
		}
	}
	for _, l := range []models.Learner{ID3{Bins: 1}, ID3{MaxRows: -1}, KNN{K: -1}, BernoulliNB{MaxRows: -1}} {
		if _, err := l.Fit(context.Background(), v.Numeric()); err == nil {
			t.Errorf("%#v was fitted", l)
		}
	}
}

// TestWalksEnd: a saved tree whose nodes lead back is refused.
func TestWalksEnd(t *testing.T) {
	m, err := ID3{}.Fit(context.Background(), generated(200))
	if err != nil {
		t.Fatal(err)
	}
	whole := *m.(*tree)
	for _, back := range []int{0, 1} {
		looped := whole
		looped.nodes = slices.Clone(whole.nodes)
		n := &looped.nodes[1]
		n.feature, n.next = 0, map[int32]int{1: back}
		var w wire.Writer
		w.Nested(&looped)
		body, err := w.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		r := wire.NewReader(body, Kinds())
		if r.Classifier(); r.Err() == nil {
			t.Errorf("node 1 leads to %d and was loaded", back)
		}
	}
}
