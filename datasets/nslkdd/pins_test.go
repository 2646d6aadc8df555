package nslkdd

import (
	"context"
	"os"
	"slices"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// published opens the published files, or skips the test.
func published(t testing.TB) *Set {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set: the published files are needed")
	}
	s, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The pins of this file were counted by pandas 1.5.3: testdata/gen_pins.py.
func TestPins(t *testing.T) {
	s := published(t)
	if s.Origin.Kind != exhibit.Real || len(s.Origin.Files) != 4 {
		t.Errorf("origin %+v", s.Origin)
	}
	test := s.Test.Describe("test").Table()
	test21 := s.Test21.Describe("test").Table()
	counts := func(tab *table.Table, label string) map[string]int {
		n := map[string]int{}
		for _, v := range tab.View().Strings(label) {
			n[v]++
		}
		return n
	}
	for _, c := range []struct {
		tab   *table.Table
		rows  int
		class map[string]int
		types int
	}{
		{s.Train, 125973, map[string]int{"normal": 67343, "dos": 45927, "probe": 11656, "r2l": 995, "u2r": 52}, 23},
		{test, 22544, map[string]int{"normal": 9711, "dos": 7458, "probe": 2421, "r2l": 2754, "u2r": 200}, 38},
	} {
		if c.tab.Rows() != c.rows {
			t.Errorf("%s: %d rows, want %d", c.tab.Name(), c.tab.Rows(), c.rows)
		}
		got := counts(c.tab, "class")
		for k, n := range c.class {
			if got[k] != n {
				t.Errorf("%s: %s has %d rows, want %d", c.tab.Name(), k, got[k], n)
			}
		}
		if n := len(c.tab.Column("attack").Levels()); n != c.types {
			t.Errorf("%s: %d attack types, want %d", c.tab.Name(), n, c.types)
		}
		if b := counts(c.tab, "is_attack"); b["normal"] != c.class["normal"] || b["attack"] != c.rows-c.class["normal"] {
			t.Errorf("%s: is_attack %v", c.tab.Name(), b)
		}
	}
	_ = test21
	l := s.Ledger
	if l.TestInTrain != 664 || l.TestInTrain20 != 118 || l.Test21InTrain != 529 {
		t.Errorf("shared rows %d %d %d", l.TestInTrain, l.TestInTrain20, l.Test21InTrain)
	}
	if len(l.Unseen) != 17 || l.UnseenRows() != 3750 {
		t.Errorf("unseen: %d types, %d rows", len(l.Unseen), l.UnseenRows())
	}
	if got := s.UnseenTypes(); !slices.Contains(got, "mscan") || slices.Contains(got, "neptune") || !slices.IsSorted(got) {
		t.Errorf("unseen types %v", got)
	}
	t.Logf("%+v", l)
}

func BenchmarkOpen(b *testing.B) {
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		b.Skip("FLOWBOOK_DATA is not set")
	}
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		s, err := Open(context.Background(), dir)
		if err != nil {
			b.Fatal(err)
		}
		rows += s.Train.Rows() + s.Train20.Rows() + s.Test.Rows() + s.Test21.Rows()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
