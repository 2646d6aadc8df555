package histtree

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// ownLevels are blocks of a table in which each category has the levels of the block
// only, in codes of its own.
type ownLevels struct {
	t    *table.Table
	size int
}

func (o ownLevels) Columns() []table.Column { return table.InBlocks(o.t, 1).Columns() }

func (o ownLevels) Blocks(ctx context.Context) iter.Seq2[*table.Table, error] {
	return func(yield func(*table.Table, error) bool) {
		for b, err := range table.InBlocks(o.t, o.size).Blocks(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			var columns []table.Column
			for _, c := range b.Columns() {
				if c.Kind == table.CodeKind {
					text := make([]string, b.Rows())
					for i := range text {
						text[i] = c.String(i)
					}
					c = table.Text(c.Name, text).As(c.Role)
				}
				columns = append(columns, c)
			}
			if !yield(table.Must(table.New("block", columns...)), nil) {
				return
			}
		}
	}
}

// odd is a table with all that a source may hold: missing values and levels, weights
// (some 0, some no whole numbers), -0, a column without any value, levels that no row
// of weight has, whole numbers, and classes that first appear late.
func odd(n, k int, weighted bool, seed uint64) *table.Table {
	random := newStream(rng.New(seed))
	tab := flows(n, 12, k, rng.New(seed+1))
	x, empty, flag, w := make([]float64, n), make([]float64, n), make([]int64, n), make([]float64, n)
	name := make([]string, n)
	for i := range x {
		if x[i] = float64(random.below(2000))/8 - 100; random.below(5) == 0 {
			x[i] = math.NaN()
		} else if random.below(50) == 0 {
			x[i] = math.Copysign(0, -1)
		}
		empty[i], flag[i], w[i] = math.NaN(), int64(random.below(3)), float64(random.below(4))*0.7
		if l := random.below(9); l > 0 {
			name[i] = fmt.Sprintf("n%d", l*uint64(i/100+1)%400)
		}
	}
	columns := []table.Column{table.Float("a", "", x), table.Float("empty", "", empty), table.Int("flag", "", flag), table.Text("name", name)}
	if weighted {
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	return table.Must(tab.With(columns...))
}

// From a source come, bit by bit, the bins of a table, whatever the blocks.
func TestSourceIsTable(t *testing.T) {
	for seed := range uint64(6) {
		n, k, limit := 1200, 2+int(seed%3), []int{255, 16, 1000}[seed%3]
		tab := odd(n, k, seed%2 == 1, 3*seed)
		labels, classes, err := tab.View().Labels()
		if err != nil {
			t.Fatal(err)
		}
		weights, err := tab.View().Weights()
		if err != nil {
			t.Fatal(err)
		}
		want, err := bin(context.Background(), tab.View(), labels, classes, weights, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 7, 100, n, 5000} {
			for _, source := range []table.Source{table.InBlocks(tab, size), ownLevels{tab, size}} {
				got, _, err := binSource(context.Background(), source, "class", false, limit)
				if err != nil {
					t.Fatal(err)
				}
				if err := sameBins(got, want); err != nil {
					t.Fatalf("seed %d, blocks of %d rows: %v", seed, size, err)
				}
			}
		}
	}
}

func sameBins(a, b *binned) error {
	switch {
	case fmt.Sprint(a.schema) != fmt.Sprint(b.schema):
		return fmt.Errorf("schema %v, want %v", a.schema, b.schema)
	case !slices.Equal(a.classes, b.classes) || !slices.Equal(a.answer, b.answer) || !slices.Equal(a.ends, b.ends) || !slices.Equal(a.runs, b.runs):
		return fmt.Errorf("classes %v, %v, %v; want %v, %v, %v", a.classes, a.answer, a.ends, b.classes, b.answer, b.ends)
	case !slices.Equal(a.small, b.small) || !slices.Equal(a.large, b.large) || a.total != b.total || a.bins != b.bins:
		return fmt.Errorf("weights %v, %d bins; want %v, %d", a.total, a.bins, b.total, b.bins)
	}
	for f := range b.columns {
		x, y := &a.columns[f], &b.columns[f]
		switch {
		case x.bins != y.bins || x.first != y.first || x.levels != y.levels || !slices.Equal(x.known, y.known):
			return fmt.Errorf("%s: %d bins from %d, levels %v; want %d from %d, %v", b.schema[f].Name, x.bins, x.first, x.known, y.bins, y.first, y.known)
		case !slices.Equal(x.edges.lower, y.edges.lower) || !slices.Equal(x.edges.upper, y.edges.upper):
			return fmt.Errorf("%s: other edges", b.schema[f].Name)
		case !slices.Equal(x.narrow, y.narrow) || !slices.Equal(x.wide, y.wide):
			return fmt.Errorf("%s: other codes", b.schema[f].Name)
		}
	}
	return nil
}

// More values than are counted, and more rows than a sample has.
func TestSourceOfContinuousColumn(t *testing.T) {
	n := sampleRows + 300_000
	random := newStream(rng.New(9))
	x, class := make([]float64, n), make([]int32, n)
	for i := range x {
		x[i], class[i] = float64(random.next()>>11), int32(1+random.below(2))
		if random.below(10) == 0 {
			x[i] = math.NaN()
		}
	}
	tab := table.Must(table.New("continuous", table.Float("x", "", x), table.Code("class", class, []string{"a", "b"}).As(table.Label)))
	labels, classes, _ := tab.View().Labels()
	want, err := bin(context.Background(), tab.View(), labels, classes, nil, 255)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{9973, n} {
		got, _, err := binSource(context.Background(), table.InBlocks(tab, size), "class", false, 255)
		if err != nil {
			t.Fatal(err)
		}
		if err := sameBins(got, want); err != nil {
			t.Errorf("blocks of %d rows: %v", size, err)
		}
	}
	// The edges are where the bound of a sample says.
	var sorted []float64
	for _, v := range x {
		if v == v {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	e := want.columns[0].edges
	for b := range e.lower[1:] {
		at, _ := slices.BinarySearch(sorted, e.lower[b+1])
		if got, want := float64(at)/float64(len(sorted)), float64(b+1)/float64(len(e.lower)); !(math.Abs(got-want) <= 0.0091) {
			t.Errorf("bin %d begins at the share %.4f of the rows, want %.4f", b+1, got, want)
		}
	}
}

// The fits of a source are those of a table: each learner, and a number.
func TestFitSource(t *testing.T) {
	tab := odd(3000, 3, true, 5)
	ctx := context.Background()
	source := ownLevels{tab, 333}
	want := predicted(t, boosted(t, Boost{Trees: 10, RowSample: 0.7}, tab.View()), tab.View())
	m, err := Boost{Trees: 10, RowSample: 0.7}.FitSource(ctx, source, "class")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(predicted(t, m, tab.View()).P, want.P) {
		t.Error("boosting: other scores")
	}
	want = predicted(t, fitted(t, Tree{MaxDepth: 9}, tab.View()), tab.View())
	if m, err = (Tree{MaxDepth: 9}).FitSource(ctx, source, "class"); err != nil || !slices.Equal(predicted(t, m, tab.View()).P, want.P) {
		t.Errorf("tree: other scores, or error %v", err)
	}
	want = predicted(t, fitted(t, Forest{Trees: 5}, tab.View()), tab.View())
	if m, err = (Forest{Trees: 5}).FitSource(ctx, source, "class"); err != nil || !slices.Equal(predicted(t, m, tab.View()).P, want.P) {
		t.Errorf("forest: other scores, or error %v", err)
	}
	r, err := Boost{Trees: 10}.FitRegressionSource(ctx, source, "flag")
	if err != nil || !slices.Equal(estimated(t, r, tab.View()), estimated(t, regressed(t, Boost{Trees: 10}, tab.View().WithTarget("flag")), tab.View())) {
		t.Errorf("regression: other estimates, or error %v", err)
	}
}

// A sample keeps the weights of its rows, also those drawn before one was not 1, and
// grows no larger than it may.
func TestSample(t *testing.T) {
	for _, from := range []int{0, 1, 700} {
		var s sample
		for i := range 2 * sampleRows {
			w := 1.0
			if i >= from {
				w = float64(i)
			}
			s.add(drawWith(uint64(i)), float64(i), w)
		}
		if n := len(s.values); n > sampleRows || n < sampleRows/3 || len(s.luck) != n || len(s.weights) != n {
			t.Fatalf("%d values, %d weights, %d lucks", len(s.values), len(s.weights), len(s.luck))
		}
		for i, x := range s.values {
			want := x
			if int(x) < from {
				want = 1
			}
			if s.weights[i] != want || s.luck[i] != drawWith(uint64(x)) {
				t.Fatalf("value %v has weight %v, want %v", x, s.weights[i], want)
			}
		}
	}
}

// fickle is a source that changes between readings.
type fickle struct {
	tables []*table.Table
	read   *int
}

func (f fickle) Columns() []table.Column { return table.InBlocks(f.tables[0], 1).Columns() }

func (f fickle) Blocks(ctx context.Context) iter.Seq2[*table.Table, error] {
	t := f.tables[*f.read%len(f.tables)]
	*f.read++
	return table.InBlocks(t, 40).Blocks(ctx)
}

func TestSourceRefuses(t *testing.T) {
	tab := odd(200, 2, false, 7)
	ctx := context.Background()
	rows := func(tab *table.Table) table.Source { return table.InBlocks(tab, 50) }
	with := func(c ...table.Column) *table.Table { return table.Must(tab.With(c...)) }
	weights := func(v float64) table.Column {
		w := make([]float64, 200)
		w[120] = v
		return table.Float("w", "", w).As(table.Weight)
	}
	gap := slices.Clone(tab.Column("class").Codes())
	gap[77] = 0
	far := slices.Clone(tab.Column("a").Floats())
	far[150] = 1e9
	still := func(c table.Column) table.Column { return c.As(table.Ignore) }
	var ignored []table.Column
	for _, c := range tab.View().Features() {
		ignored = append(ignored, still(c))
	}
	for what, c := range map[string]struct {
		source table.Source
		want   string
	}{
		"no target":         {rows(with(tab.Column("class").As(table.Ignore))), "class"},
		"no rows":           {rows(tab.Head("none", 0)), "no rows"},
		"no features":       {rows(with(ignored...)), "no features"},
		"no label":          {rows(with(table.Code("class", gap, tab.Column("class").Levels()).As(table.Label))), "row 78"},
		"weight -1":         {rows(with(weights(-1))), "row 121"},
		"weight NaN":        {rows(with(weights(math.NaN()))), "row 121"},
		"weight 0":          {rows(with(weights(0))), "weight 0"},
		"weights of 1e308":  {rows(with(table.Float("w", "", slices.Repeat([]float64{1e308}, 200)).As(table.Weight))), "add up to more"},
		"categorical":       {rows(with(table.Text("w", slices.Repeat([]string{"1"}, 200)).As(table.Weight))), "categorical"},
		"sealed":            {rows(table.Seal(tab).Describe("test").Table()), "sealed"},
		"fewer rows later":  {fickle{[]*table.Table{tab, tab.Head("less", 190)}, new(int)}, "other rows"},
		"more rows later":   {fickle{[]*table.Table{tab.Head("less", 190), tab}, new(int)}, "other rows"},
		"other value later": {fickle{[]*table.Table{tab, with(table.Float("a", "", far))}, new(int)}, "other rows"},
		"other level later": {fickle{[]*table.Table{tab, with(table.Text("name", slices.Repeat([]string{"new"}, 200)))}, new(int)}, "other rows"},
		"other class later": {fickle{[]*table.Table{tab, with(table.Text("class", slices.Repeat([]string{"c9"}, 200)).As(table.Label))}, new(int)}, "other rows"},
		"other column":      {fickle{[]*table.Table{tab, with(tab.Column("a").As(table.Ignore))}, new(int)}, ""},
		"other kind":        {fickle{[]*table.Table{tab, with(table.Text("a", slices.Repeat([]string{"x"}, 200)))}, new(int)}, "kind"},
	} {
		target := "class"
		if what == "no target" {
			target = "kind of attack"
			c.want = target
		}
		_, err := Boost{Trees: 2}.FitSource(ctx, c.source, target)
		if c.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "histtree: ") {
			t.Errorf("%s: error %v, want one with %q", what, err, c.want)
		}
	}
	heavy := with(table.Float("w", "", slices.Repeat([]float64{1e308}, 200)).As(table.Weight)).View().WithTarget("class")
	for _, l := range []models.Learner{Boost{}, Tree{}, Forest{Trees: 3}} {
		if _, err := l.Fit(ctx, heavy); err == nil || !strings.Contains(err.Error(), "add up to more") {
			t.Errorf("%s: weights of 1e308: error %v", l.Name(), err)
		}
	}
	if _, err := (Boost{}).FitSource(ctx, rows(tab), "a"); err == nil || !strings.Contains(err.Error(), "categorical") {
		t.Errorf("a numeric target: error %v", err)
	}
	if _, err := (Boost{}).FitRegressionSource(ctx, rows(tab), "a"); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("a target with gaps: error %v", err)
	}
	if _, err := (Boost{}).FitRegressionSource(ctx, rows(tab), "class"); err == nil {
		t.Error("regression of classes: no error")
	}
	if _, err := (Boost{Rate: 7}).FitSource(ctx, rows(tab), "class"); err == nil {
		t.Error("a rate of 7: no error")
	}
	off, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := (Boost{}).FitSource(off, rows(tab), "class"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
