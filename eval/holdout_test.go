package eval

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/baseline"
)

func heldOut(t *testing.T, seeds int) *Holdout {
	t.Helper()
	test := opened(flows("test", 300, "worm"))
	hard := test.Where(func(r int) bool { return r%2 == 0 })
	h, err := binary().HoldoutSeeds(ctx, flows("train", 400).View(), []Split{{"Test+", test}, {"Test-21", hard}}, seeds,
		noisy{centroid{name: "noisy", noise: 3}}, centroid{}, baseline.Always{Class: "attack"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHoldoutByHand(t *testing.T) {
	h := heldOut(t, 4)
	train, test := flows("train", 400).View().WithTarget("class"), opened(flows("test", 300, "worm")).WithTarget("class")
	labels, classes, _ := test.Labels()
	var want []float64
	for seed := range 4 {
		l := noisy{centroid{name: "noisy", noise: 3}}.WithSeed(rng.New(1).At("noisy").Index("seed", seed))
		model, err := l.Fit(ctx, train)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := model.Predict(ctx, test)
		want = append(want, metric.MCC.Of(metric.Outcome{Classes: classes, Truth: labels, P: p.P, Positive: 0}))
		if seed == 0 && !slices.Equal(h.Prediction("noisy", "Test+").P, p.P) {
			t.Error("the prediction kept is not the first seed's")
		}
	}
	if got := h.BySeed("noisy", metric.MCC, "Test+"); !slices.Equal(got, want) {
		t.Errorf("by seed %v, want %v", got, want)
	}
	if h.Score("noisy", metric.MCC, "Test+") != num.Mean(want) {
		t.Errorf("score %g", h.Score("noisy", metric.MCC, "Test+"))
	}
	answers := append(h.Answers("Test+").Answers, h.Answers("Test-21").Answers...)
	if len(answers) != 6 {
		t.Fatalf("%d answers of 3 learners on 2 tests", len(answers))
	}
	for _, a := range answers {
		right, o := 0, h.Outcome(a.Learner, a.Split)
		for i, said := range a.Said {
			if said == (o.Truth[i] == o.Positive) {
				right++
			}
		}
		if got := float64(right) / float64(len(a.Said)); a.Positive != "attack" || !(math.Abs(got-metric.Accuracy.Of(o)) <= 1e-12) {
			t.Errorf("%s on %s: accuracy of the answers %v, of the outcome %v", a.Learner, a.Split, got, metric.Accuracy.Of(o))
		}
	}
	s := h.Spread("noisy", metric.MCC, "Test+")
	low, high := metric.MCC.Interval(h.Outcome("noisy", "Test+"), 0.95)
	if s.SD != num.StdDev(want) || s.Min != slices.Min(want) || s.Max != slices.Max(want) || s.Seeds != 4 ||
		!(math.Abs(s.High-s.Low-(high-low)) <= 1e-12) || !(s.Low < s.Mean && s.Mean < s.High) || s.SD == 0 {
		t.Errorf("spread %+v of %v, first interval [%g, %g]", s, want, low, high)
	}
	if got := h.BySeed("centroid", metric.MCC, "Test-21"); len(got) != 1 || !math.IsNaN(h.Spread("centroid", metric.MCC, "Test-21").SD) {
		t.Errorf("a learner without a seed was fitted %d times", len(got))
	}
	if c := h.Confusion("always attack", "Test-21"); c.Rows() != 150 || c.Answers(0) != 150 {
		t.Errorf("confusion %v", c)
	}
	if h.Best(metric.Recall, "Test+").Name() != "always attack" {
		t.Errorf("best by recall is %q", h.Best(metric.Recall, "Test+").Name())
	}
}

func TestHoldoutIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	show := func() string {
		e := heldOut(t, 3).Exhibit()
		e.Timings = nil
		b := new(strings.Builder)
		printAll(b, reflect.ValueOf(e))
		return b.String()
	}
	runtime.GOMAXPROCS(1)
	want := show()
	for _, procs := range []int{2, 7} {
		if runtime.GOMAXPROCS(procs); show() != want {
			t.Errorf("%d cores, other bytes", procs)
		}
	}
}

// A class that only the test has is always wrong; class codes differ between the
// tables, and are matched by name.
func TestUnseenClass(t *testing.T) {
	train := table.Must(table.New("train", table.Float("x", "", []float64{0, 1, 9, 10, 99}),
		table.Text("class", []string{"normal", "normal", "probe", "probe", "back"}).As(table.Label)))
	test := table.Must(table.New("test", table.Float("x", "", []float64{0, 10, 10, 0}),
		table.Text("class", []string{"normal", "probe", "dos", "dos"}).As(table.Label)))
	h, err := Trial{Name: "multi"}.Holdout(ctx, train.View(), opened(test), "t", centroid{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(h.Classes, []string{"back", "dos", "normal", "probe"}) || !slices.Equal(h.Unseen, []string{"dos"}) {
		t.Errorf("classes %q, unseen %q", h.Classes, h.Unseen)
	}
	if got := h.Score("centroid", metric.Accuracy, "t"); got != 0.5 {
		t.Errorf("accuracy %g", got)
	}
	if got := h.Score("centroid", metric.BalancedAccuracy, "t"); !(math.Abs(got-2./3) <= 1e-15) { // recalls 0, 1, 1
		t.Errorf("balanced accuracy %g", got)
	}
	if c := h.Confusion("centroid", "t"); c.Counts[1][2] != 1 || c.Counts[1][3] != 1 || c.Counts[1][1] != 0 {
		t.Errorf("confusion %v", c.Counts)
	}
	if e := h.Exhibit(); len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "dos") {
		t.Errorf("notes %q", e.Notes)
	}
}

func TestRecallBy(t *testing.T) {
	h := heldOut(t, 4)
	r, err := h.RecallBy("noisy", "Test+", "type")
	if err != nil {
		t.Fatal(err)
	}
	// By hand: the share of attacks found, over the seeds, is recall.
	rows, found := 0, 0.0
	var names []string
	for _, l := range r.Levels {
		names = append(names, l.Level)
		rows += l.Rows
		found += l.Found
		if l.Seen != (l.Level != "worm") {
			t.Errorf("%s: seen %v", l.Level, l.Seen)
		}
		low, high := num.Wilson(int(math.Round(l.Found)), l.Rows, 0.95)
		if !(math.Abs(l.Low-min(low, l.Recall)) <= 1e-15) || !(math.Abs(l.High-max(high, l.Recall)) <= 1e-15) || l.Recall != l.Found/float64(l.Rows) {
			t.Errorf("%+v, Wilson [%g, %g]", l, low, high)
		}
	}
	if !slices.Equal(names, []string{"dos", "probe", "worm"}) {
		t.Errorf("levels %q", names)
	}
	if want := h.Score("noisy", metric.Recall, "Test+"); !(math.Abs(found/float64(rows)-want) <= 1e-12) {
		t.Errorf("recall %g by level, %g in all", found/float64(rows), want)
	}
	if s, u := r.Seen(), r.Unseen(); s.Rows+u.Rows != rows || u.Rows != r.Levels[2].Rows || u.Seen || !s.Seen {
		t.Errorf("seen %+v, unseen %+v", s, u)
	}
	if again := r.Against([]string{"worm"}); again.Seen().Rows != r.Levels[2].Rows || r.Seen().Rows == again.Seen().Rows {
		t.Errorf("against worm: %+v", again.Levels)
	}
	e := r.Exhibit()
	ids := map[string]bool{}
	for _, m := range e.Measures {
		ids[m.ID] = true
	}
	if !ids["binary/noisy/recall/test+/type/worm"] || !ids["binary/noisy/recall/test+/type/all-unseen"] || len(ids) != 5 {
		t.Errorf("measures %v", ids)
	}
	if len(e.Grids) != 2 || len(e.Grids[0].Rows) != 2 || len(e.Grids[1].Rows) != 3 {
		t.Errorf("grids %v", e.Grids)
	}
	if _, err := h.RecallBy("noisy", "Test+", "colour"); err == nil {
		t.Error("a column that is not there is accepted")
	}
	for _, c := range h.splits[0].View.Table().Columns() {
		if _, err := h.RecallBy("noisy", "Test+", c.Name); c.Kind != table.CodeKind && err == nil {
			t.Errorf("column %q of kind %v is accepted", c.Name, c.Kind)
		}
	}
}

func TestHoldoutExhibit(t *testing.T) {
	h := heldOut(t, 3)
	e := h.Exhibit()
	if len(e.Grids) != 6 || !strings.Contains(e.Grids[0].Title, "Test+") || len(e.Grids[3].Rows) != 3 {
		t.Fatalf("%d grids", len(e.Grids))
	}
	titles := map[string]bool{}
	for _, g := range e.Grids {
		if titles[g.Title] {
			t.Errorf("two grids are called %q", g.Title)
		}
		titles[g.Title] = true
		for _, row := range g.Rows {
			if len(row) != len(g.Columns) {
				t.Errorf("%s: a line of %d cells under %d columns", g.Title, len(row), len(g.Columns))
			}
		}
	}
	ids := map[string]exhibit.Measure{}
	for _, m := range e.Measures {
		if _, twice := ids[m.ID]; twice {
			t.Errorf("two measures %s", m.ID)
		}
		ids[m.ID] = m
	}
	if m := ids["binary/noisy/mcc/test+"]; m.Value != h.Score("noisy", metric.MCC, "Test+") || m.Rows != 300 || !m.HasInterval() {
		t.Errorf("measure %+v", m)
	}
	if m := ids["binary/noisy/mcc/test-21/seed-sd"]; m.Value != h.Spread("noisy", metric.MCC, "Test-21").SD {
		t.Errorf("measure %+v", m)
	}
	recall, fpr := h.Score("centroid", metric.Recall, "Test+"), h.Score("centroid", metric.FPR, "Test+")
	if m := ids["binary/centroid/ppv-at-1e-03/test+"]; m.Value != metric.PPVAt(recall, fpr, 1e-3) {
		t.Errorf("measure %+v", m)
	}
	checks := map[string]exhibit.Check{}
	for _, c := range e.Checks {
		if _, twice := checks[c.ID]; twice {
			t.Errorf("two checks %s", c.ID)
		}
		checks[c.ID] = c
	}
	for id, status := range map[string]exhibit.Status{"binary/sealed-test/test+": exhibit.Pass, "binary/baselines/holdout": exhibit.Pass,
		"binary/duplicates-across-split/test+": exhibit.Pass, "binary/sampling-drift/test-21": exhibit.Warn} {
		if c, ok := checks[id]; !ok || c.Status != status {
			t.Errorf("%s is %v (%v): %s", id, c.Status, ok, c.Detail)
		}
	}
	if len(checks) != 16 || len(e.Timings) != 9 {
		t.Errorf("%d checks, %d timings", len(checks), len(e.Timings))
	}
}

func TestHoldoutRefuses(t *testing.T) {
	train, test := flows("train", 60), flows("test", 40)
	open := opened(test)
	sealed := table.Seal(test).Describe("a look")
	run := func(view table.View, seeds int, splits ...string) error {
		var tests []Split
		for _, s := range splits {
			tests = append(tests, Split{s, view})
		}
		_, err := binary().HoldoutSeeds(ctx, train.View(), tests, seeds, centroid{}, centroid{name: "bad", fail: len(splits) == 3})
		return err
	}
	for want, err := range map[string]error{
		"seal":                         run(sealed, 1, "t"),
		"0 seeds":                      run(open, 0, "t"),
		"no test":                      run(open, 1),
		`two test sets are called "t"`: run(open, 1, "t", "t"),
		"t has no rows":                run(open.Take(nil), 1, "t"),
		"bad with seed 0: centroid":    run(open, 1, "t", "u", "v"),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	nobody := binary()
	nobody.Chosen = "nobody"
	if _, err := nobody.Holdout(ctx, train.View(), open, "t", centroid{}); err == nil || !strings.Contains(err.Error(), `Chosen is "nobody"`) {
		t.Errorf("a learner was chosen that takes no part: %v", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := binary().Holdout(done, train.View(), open, "t", centroid{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
