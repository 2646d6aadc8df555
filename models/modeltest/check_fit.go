package modeltest

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

func named(t *testing.T, s *suite) {
	if s.learner.Name() == "" {
		t.Error("the learner has no name")
	}
	if l, ok := s.learner.(models.Seeded); ok && l.WithSeed(rng.New(99)).Name() != l.Name() {
		t.Error("the name changes with the seed")
	}
}

func scores(t *testing.T, s *suite) {
	v := s.flows(200).View()
	c := s.fit(t, v)
	if want := []string{"flood", "normal", "probe"}; !slices.Equal(c.Classes(), want) {
		t.Errorf("classes %q, want %q", c.Classes(), want)
	}
	predict(t, c, v)
	if sized, ok := c.(models.Sized); ok {
		if n, unit := sized.Size(); n < 0 || unit == "" {
			t.Errorf("size %d %q", n, unit)
		}
	}
}

func learns(t *testing.T, s *suite) {
	if s.baseline {
		t.Skip("a baseline need not learn")
	}
	v := s.flows(400).View()
	n := v.Rows()
	train, test := v.Take(ints(n)[:n*3/4]), v.Take(ints(n)[n*3/4:])
	if got := accuracy(predict(t, s.fit(t, train), test), test); !(got >= 0.85) {
		t.Errorf("accuracy %.3f on an easy table; want at least 0.85", got)
	}
}

func reproducible(t *testing.T, s *suite) {
	v := s.flows(400).View()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c := s.fit(t, v)
	want := predict(t, c, v)
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		again := s.fit(t, v)
		if err := same(predict(t, again, v), want, 0); err != nil {
			t.Errorf("GOMAXPROCS %d: %v", procs, err)
		}
		if a, ok := again.(models.Sized); ok {
			n, _ := a.Size()
			if m, _ := c.(models.Sized).Size(); m != n {
				t.Errorf("GOMAXPROCS %d: size %d, want %d", procs, n, m)
			}
		}
	}
}

func untouched(t *testing.T, s *suite) {
	tab := s.flows(200)
	before := text(tab)
	v := tab.View()
	predict(t, s.fit(t, v), v)
	if text(tab) != before {
		t.Error("fitting or predicting changed the table")
	}
}

func constantColumn(t *testing.T, s *suite) {
	tab := s.flows(200)
	tab = with(tab, table.Float("still", "", make([]float64, tab.Rows())))
	if !s.numericOnly {
		tab = with(tab, table.Text("one", slices.Repeat([]string{"x"}, tab.Rows())))
	}
	v := tab.View()
	got := accuracy(predict(t, s.fit(t, v), v), v)
	if !s.baseline && !(got >= 0.85) {
		t.Errorf("accuracy %.3f with a constant column; want at least 0.85", got)
	}
}

func constantTable(t *testing.T, s *suite) {
	v := s.flows(100).View()
	tab := v.Table()
	tab = with(tab, table.Float("still", "", slices.Repeat([]float64{3}, tab.Rows())))
	v = tab.View().Select("still")
	c, err := s.learner.Fit(context.Background(), v)
	if err != nil {
		return // a clear error will do: there is nothing to learn from
	}
	predict(t, c, v)
}

func oneClass(t *testing.T, s *suite) {
	tab := s.flows(200)
	v := tab.View().Where(func(row int) bool { return tab.Column("class").String(row) == "probe" })
	s.single(t, v, "rows of one class")
}

func oneRow(t *testing.T, s *suite) { s.single(t, s.flows(20).View().Take([]int{5}), "one row") }

// single fits rows of the class probe only.
func (s *suite) single(t *testing.T, v table.View, what string) {
	c, err := s.learner.Fit(context.Background(), v)
	if s.twoClasses {
		refused(t, what, err)
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if !slices.Equal(c.Classes(), []string{"probe"}) && !s.baseline {
		t.Fatalf("%s: classes %q", what, c.Classes())
	}
	p := predict(t, c, v)
	for i := range p.Rows() {
		if v := p.Row(i)[0]; len(p.Classes) == 1 && !(math.Abs(v-1) <= 1e-12) {
			t.Errorf("%s: score %v, want 1", what, v)
		}
	}
}

func wide(t *testing.T, s *suite) {
	tab := s.flows(14)
	g := rng.New(3).Rand()
	for j := range 40 {
		values := make([]float64, tab.Rows())
		for i := range values {
			values[i] = g.NormFloat64()
		}
		tab = with(tab, table.Float(fmt.Sprintf("wide%02d", j), "", values))
	}
	predict(t, s.fit(t, tab.View()), tab.View())
}

func empty(t *testing.T, s *suite) {
	v := s.flows(50).View()
	_, err := s.learner.Fit(context.Background(), v.Take([]int{}))
	refused(t, "fitting no rows", err)
	_, err = s.learner.Fit(context.Background(), table.View{})
	refused(t, "fitting the zero view", err)
	_, err = s.learner.Fit(context.Background(), v.Select())
	refused(t, "fitting without features", err)
	if p := predict(t, s.fit(t, v), v.Take([]int{})); len(p.P) != 0 {
		t.Errorf("%d scores for no rows", len(p.P))
	}
}

func badTarget(t *testing.T, s *suite) {
	tab := s.flows(50)
	_, err := s.learner.Fit(context.Background(), tab.View().WithTarget("rate"))
	refused(t, "a numeric target", err)
	codes := slices.Clone(tab.Column("class").Codes())
	codes[7] = 0
	gap := with(tab, table.Code("class", codes, tab.Column("class").Levels()).As(table.Label))
	_, err = s.learner.Fit(context.Background(), gap.View())
	refused(t, "a missing label", err)
	none := with(tab, tab.Column("class").As(table.Ignore))
	_, err = s.learner.Fit(context.Background(), none.View())
	refused(t, "no target", err)
}
