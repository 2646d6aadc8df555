package modeltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/wire"
)

func namedRegression(t *testing.T, s *regression) {
	if s.learner.Name() == "" {
		t.Error("the learner has no name")
	}
}

func learnsNumber(t *testing.T, s *regression) {
	v := s.sizes(400).View()
	n := v.Rows()
	train, test := v.Take(ints(n)[:n*3/4]), v.Take(ints(n)[n*3/4:])
	if got := explained(t, estimate(t, s.fit(t, train), test), test); !s.baseline && !(got >= 0.8) {
		t.Errorf("R² is %.3f on an easy table; want at least 0.8", got)
	}
}

func reproducibleNumber(t *testing.T, s *regression) {
	v := s.sizes(400).View()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := estimate(t, s.fit(t, v), v)
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		if err := s.near(estimate(t, s.fit(t, v), v), want, 0); err != nil {
			t.Errorf("GOMAXPROCS %d: %v", procs, err)
		}
	}
}

func untouchedByNumber(t *testing.T, s *regression) {
	tab := s.sizes(200)
	before := text(tab)
	estimate(t, s.fit(t, tab.View()), tab.View())
	if text(tab) != before {
		t.Error("fitting or estimating changed the table")
	}
}

func constantColumnNumber(t *testing.T, s *regression) {
	tab := s.sizes(200)
	v := with(tab, table.Float("still", "", make([]float64, tab.Rows()))).View()
	if got := explained(t, estimate(t, s.fit(t, v), v), v); !s.baseline && !(got >= 0.8) {
		t.Errorf("R² is %.3f with a constant column; want at least 0.8", got)
	}
	only := v.Select("still")
	if r, err := s.learner.FitRegression(context.Background(), only); err == nil {
		estimate(t, r, only) // a clear error will do too: there is nothing to learn from
	}
}

func constantTarget(t *testing.T, s *regression) {
	tab := s.sizes(100)
	for _, c := range []float64{0, -7.25, 1e15} {
		v := with(tab, table.Float("size", "", slices.Repeat([]float64{c}, tab.Rows())).As(table.Label)).View()
		for i, y := range estimate(t, s.fit(t, v), v) {
			if !(math.Abs(y-c) <= 1e-9*math.Abs(c)) {
				t.Fatalf("row %d: estimate %v of a target that is %v in all rows", i, y, c)
			}
		}
	}
}

func oneRowNumber(t *testing.T, s *regression) {
	v := s.sizes(20).View().Take([]int{5})
	c, _ := v.Target()
	if y := estimate(t, s.fit(t, v), v); !s.baseline && !(math.Abs(y[0]-c.At(0)) <= 1e-6*math.Abs(c.At(0))) {
		t.Errorf("estimate %v of the only row, which has %v", y[0], c.At(0))
	}
}

func wideNumber(t *testing.T, s *regression) {
	tab := s.sizes(14)
	g := rng.New(3).Rand()
	for j := range 40 {
		values := make([]float64, tab.Rows())
		for i := range values {
			values[i] = g.NormFloat64()
		}
		tab = with(tab, table.Float(fmt.Sprintf("wide%02d", j), "", values))
	}
	estimate(t, s.fit(t, tab.View()), tab.View())
}

func missingNumber(t *testing.T, s *regression) {
	tab := s.sizes(200)
	v := with(tab, table.Float("rate", "1/s", holes(column(tab, "rate")))).View()
	r, err := s.learner.FitRegression(context.Background(), v)
	if s.noMissing {
		refused(t, "missing values in training", err)
		_, err = s.fit(t, tab.View()).Estimate(context.Background(), v)
		refused(t, "missing values in estimation", err)
		return
	}
	if err != nil {
		t.Fatalf("FitRegression: %v", err)
	}
	if got := explained(t, estimate(t, r, v), v); !s.baseline && !(got >= 0.7) {
		t.Errorf("R² is %.3f on its own rows, a third of a column missing; want at least 0.7", got)
	}
	estimate(t, s.fit(t, tab.View()), v)
	nothing := with(tab, table.Float("nothing", "", slices.Repeat([]float64{math.NaN()}, tab.Rows()))).View()
	estimate(t, s.fit(t, nothing), nothing)
}

func emptyNumber(t *testing.T, s *regression) {
	v := s.sizes(50).View()
	for what, v := range map[string]table.View{"no rows": v.Take([]int{}), "the zero view": {}, "no features": v.Select()} {
		_, err := s.learner.FitRegression(context.Background(), v)
		refused(t, "fitting "+what, err)
	}
	if y := estimate(t, s.fit(t, v), v.Take([]int{})); len(y) != 0 {
		t.Errorf("%d estimates for no rows", len(y))
	}
}

func badNumber(t *testing.T, s *regression) {
	tab := s.sizes(50)
	_, err := s.learner.FitRegression(context.Background(), tab.View().WithTarget("class"))
	refused(t, "a categorical target", err)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		size := column(tab, "size")
		size[7] = bad
		_, err := s.learner.FitRegression(context.Background(), with(tab, table.Float("size", "", size).As(table.Label)).View())
		refused(t, fmt.Sprintf("a target of %v", bad), err)
		if err != nil && !strings.Contains(err.Error(), "row 8") {
			t.Errorf("a target of %v: the error does not name row 8: %v", bad, err)
		}
	}
	_, err = s.learner.FitRegression(context.Background(), with(tab, tab.Column("size").As(table.Ignore)).View())
	refused(t, "no target", err)
}

func weightsNumber(t *testing.T, s *regression) {
	tab := s.sizes(150)
	w := make([]int64, tab.Rows())
	var rows []int
	for i := range w {
		w[i] = int64(1 + i*i/7%4)
		for range w[i] {
			rows = append(rows, i)
		}
	}
	weighted := with(tab, table.Int("w", "", w).As(table.Weight)).View()
	if s.ignoresWeights {
		t.Skip("the learner does not use weights")
	}
	if s.drawsRows {
		estimate(t, s.fit(t, weighted), tab.View())
		return
	}
	want := estimate(t, s.fit(t, tab.View().Take(rows)), tab.View())
	if err := s.near(estimate(t, s.fit(t, weighted), tab.View()), want, s.tol); err != nil {
		t.Errorf("a weight of k is not k rows: %v", err)
	}
}

func weightZeroNumber(t *testing.T, s *regression) {
	if s.ignoresWeights {
		t.Skip("the learner does not use weights")
	}
	tab := s.sizes(150)
	w, size := make([]float64, tab.Rows()), column(tab, "size")
	var rows []int
	for i := range w {
		if i%5 == 3 {
			size[i] = 1e9 // must not matter
			continue
		}
		w[i] = 1
		rows = append(rows, i)
	}
	marked := with(tab, table.Float("w", "", w).As(table.Weight), table.Float("size", "", size).As(table.Label)).View()
	want := estimate(t, s.fit(t, tab.View().Take(rows)), tab.View())
	if err := s.near(estimate(t, s.fit(t, marked), tab.View()), want, s.tol); err != nil {
		t.Errorf("rows of weight 0 matter: %v", err)
	}
}

func badWeightsNumber(t *testing.T, s *regression) {
	tab := s.sizes(50)
	for _, bad := range []float64{-1, math.NaN()} {
		w := slices.Repeat([]float64{1}, tab.Rows())
		w[3] = bad
		_, err := s.learner.FitRegression(context.Background(), with(tab, table.Float("w", "", w).As(table.Weight)).View())
		if !s.ignoresWeights {
			refused(t, "a weight that is not a number of at least 0", err)
		}
	}
}

func unseenLevelNumber(t *testing.T, s *regression) {
	if s.numericOnly {
		t.Skip("the learner takes no categories")
	}
	tab := s.sizes(200)
	odd := with(tab, table.Text("service", slices.Repeat([]string{"gopher"}, tab.Rows())))
	estimate(t, s.fit(t, tab.View()), odd.View())
}

func columnMissingNumber(t *testing.T, s *regression) {
	tab := s.sizes(100)
	r := s.fit(t, tab.View())
	var columns []table.Column
	for _, c := range tab.Columns() {
		if c.Name != "count" {
			columns = append(columns, c)
		}
	}
	_, err := r.Estimate(context.Background(), table.Must(table.New("less", columns...)).View())
	refused(t, "a column missing", err)
	if err != nil && !strings.Contains(err.Error(), "count") {
		t.Errorf("the error does not name the column: %v", err)
	}
}

func cancelledNumber(t *testing.T, s *regression) {
	v := s.sizes(400).View()
	r := s.fit(t, v)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.learner.FitRegression(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("FitRegression with a cancelled context: error %v; want context.Canceled", err)
	}
	if _, err := r.Estimate(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("Estimate with a cancelled context: error %v; want context.Canceled", err)
	}
}

func aloneNumber(t *testing.T, s *regression) {
	v := s.sizes(300).View()
	r := s.fit(t, v.Take(ints(v.Rows())[:v.Rows()/2]))
	batch := estimate(t, r, v)
	for i := 0; i < v.Rows(); i += 7 {
		if err := s.near(estimate(t, r, v.Take([]int{i})), batch[i:i+1], 0); err != nil {
			t.Fatalf("row %d alone: %v", i, err)
		}
	}
	back := ints(v.Rows())
	slices.Reverse(back)
	turned := estimate(t, r, v.Take(back))
	slices.Reverse(turned)
	if err := s.near(turned, batch, 0); err != nil {
		t.Errorf("a reversed batch: %v", err)
	}
}

func concurrentNumber(t *testing.T, s *regression) {
	v := s.sizes(200).View()
	r := s.fit(t, v)
	want := estimate(t, r, v)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := r.Estimate(context.Background(), v)
			if err == nil {
				err = s.near(got, want, 0)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func byNameNumber(t *testing.T, s *regression) {
	tab := s.sizes(200)
	r := s.fit(t, tab.View())
	want := estimate(t, r, tab.View())
	columns := slices.Clone(tab.Columns())
	slices.Reverse(columns)
	for i, col := range columns {
		if col.Kind == table.CodeKind && col.Role == table.Feature {
			codes := slices.Clone(col.Codes())
			for j := range codes {
				codes[j]++
			}
			columns[i] = table.Code(col.Name, codes, append([]string{"\x01first"}, col.Levels()...))
		}
	}
	if err := s.near(estimate(t, r, table.Must(table.New("other", columns...)).View()), want, 0); err != nil {
		t.Error(err)
	}
}

func viewAsTableNumber(t *testing.T, s *regression) {
	v := s.sizes(200).View()
	var rows []int
	for i := v.Rows() - 1; i >= 0; i -= 2 {
		rows = append(rows, i)
	}
	part := v.Take(rows)
	want := estimate(t, s.fit(t, part.Materialize().View()), v)
	if err := s.near(estimate(t, s.fit(t, part), v), want, 0); err != nil {
		t.Errorf("rows of a view and the same rows as a table: %v", err)
	}
}

func reorderedNumber(t *testing.T, s *regression) {
	v := s.sizes(200).View()
	want := estimate(t, s.fit(t, v), v)
	var names []string
	for _, c := range v.Features() {
		names = append(names, c.Name)
	}
	slices.Reverse(names)
	if err := s.near(estimate(t, s.fit(t, v.Select(names...)), v), want, s.tol); err != nil {
		t.Errorf("columns in another order: %v", err)
	}
}

func sealedNumber(t *testing.T, s *regression) {
	tab := s.sizes(100)
	r := s.fit(t, tab.View())
	seal := table.Seal(tab)
	v := seal.Describe("modeltest")
	_, err := s.learner.FitRegression(context.Background(), v)
	refused(t, "fitting a sealed test set", err)
	_, err = r.Estimate(context.Background(), v)
	refused(t, "estimating a sealed test set", err)
	estimate(t, r, seal.Open("modeltest"))
}

// savedNumber is savedModel for a regressor.
func savedNumber(t *testing.T, s *regression) {
	if s.kinds == nil {
		t.Fatal("no way to load was given; pass modeltest.Saved(Kinds())")
	}
	v := s.sizes(300).View()
	model := s.fit(t, v.Take(ints(v.Rows())[:v.Rows()/2]))
	want := estimate(t, model, v)
	save := func(m models.Regressor) []byte {
		var w wire.Writer
		w.Nested(m)
		body, err := w.Bytes()
		if err != nil {
			t.Fatalf("save: %v", err)
		}
		return body
	}
	load := func(body []byte) (models.Regressor, error) {
		r := wire.NewReader(body, s.kinds)
		m := r.Regressor()
		return m, r.Err()
	}
	body := save(model)
	loaded, err := load(body)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	if err := s.near(estimate(t, loaded, v), want, 0); err != nil {
		t.Errorf("after loading: %v", err)
	}
	if !bytes.Equal(save(loaded), body) {
		t.Error("the loaded model, saved again, gives other bytes")
	}
	a, okA := model.(wire.Described)
	b, okB := loaded.(wire.Described)
	if !okA || !okB {
		t.Fatalf("a %T and a %T; want Schema() from both", model, loaded)
	}
	if !slices.Equal(a.Schema().Names(), b.Schema().Names()) || a.Schema().Check(v) != nil {
		t.Errorf("schema %v after loading, %v before", b.Schema(), a.Schema())
	}
	for cut := 0; cut < len(body); cut += 1 + len(body)/97 {
		if _, err := load(body[:cut]); err == nil {
			t.Errorf("%d of %d bytes were loaded without an error", cut, len(body))
		}
	}
	random := rng.New(7).At("spoil").Rand()
	for range 200 {
		spoilt := slices.Clone(body)
		for range 1 + random.IntN(3) {
			spoilt[random.IntN(len(spoilt))] ^= byte(1 << random.IntN(8))
		}
		if altered, err := load(spoilt); err == nil {
			_, _ = altered.Estimate(context.Background(), v) // must not panic, nor run for ever
		}
	}
}
