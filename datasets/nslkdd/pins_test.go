package nslkdd

import (
	"context"
	"encoding/json"
	"math"
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

// filePins are the counts of one file; pandas made them, see testdata/gen_pins.py.
type filePins struct {
	Rows            int
	Vectors         int
	Conflicts       int
	ConflictRows    int `json:"conflict_rows"`
	BinaryConflicts int `json:"binary_conflicts"`
	SuTwo           int `json:"su_two"`
	Constant        []string
	Sums            map[string]int64 // of ints, and of rates in hundredths
	Levels          map[string]map[string]int
	Ordered         int64 `json:"ordered_src_bytes"`
}

func TestPins(t *testing.T) {
	s := published(t)
	var want struct {
		Files         map[string]filePins
		TestInTrain   int `json:"test_in_train"`
		TestInTrain20 int `json:"test_in_train20"`
		Test21InTrain int `json:"test21_in_train"`
		Unseen, Gone  []string
		UnseenRows    int `json:"unseen_rows"`
	}
	text, err := os.ReadFile("testdata/pins.json")
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	if s.Origin.Kind != exhibit.Real || len(s.Origin.Files) != 4 {
		t.Errorf("origin %+v", s.Origin)
	}
	l := s.Ledger
	for _, c := range []struct {
		t *table.Table
		l Account
	}{
		{s.Train, l.Train}, {s.Train20, l.Train20},
		{s.Test.Describe("pins").Table(), l.Test}, {s.Test21.Describe("pins").Table(), l.Test21},
	} {
		w, ok := want.Files[c.t.Name()]
		if !ok {
			t.Fatalf("no pins of %q", c.t.Name())
		}
		checkColumns(t, c.t, w)
		got := filePins{c.l.Rows, c.l.Vectors, c.l.Conflicts, c.l.ConflictRows, c.l.BinaryConflicts, c.l.SuTwo, nil, nil, nil, 0}
		if got.Rows != w.Rows || got.Vectors != w.Vectors || got.Conflicts != w.Conflicts || got.ConflictRows != w.ConflictRows ||
			got.BinaryConflicts != w.BinaryConflicts || got.SuTwo != w.SuTwo || !slices.Equal(c.l.Constant, w.Constant) || c.l.Missing != 0 {
			t.Errorf("%s: ledger %+v, want %+v", c.t.Name(), c.l, w)
		}
	}
	if l.TestInTrain != want.TestInTrain || l.TestInTrain20 != want.TestInTrain20 || l.Test21InTrain != want.Test21InTrain {
		t.Errorf("shared rows %d %d %d", l.TestInTrain, l.TestInTrain20, l.Test21InTrain)
	}
	if got := s.UnseenTypes(); !slices.Equal(got, want.Unseen) || l.UnseenRows() != want.UnseenRows {
		t.Errorf("unseen %v, %d rows", got, l.UnseenRows())
	}
	if len(l.Gone) != len(want.Gone) || l.Gone[0].Name != "warezclient" || l.Gone[1].Name != "spy" {
		t.Errorf("gone %v", l.Gone)
	}
}

// checkColumns holds every column of a table against pandas' sums and counts.
func checkColumns(t *testing.T, tab *table.Table, want filePins) {
	t.Helper()
	if tab.Rows() != want.Rows || len(tab.Columns()) != FeatureCount+4 {
		t.Errorf("%s: %d rows, %d columns", tab.Name(), tab.Rows(), len(tab.Columns()))
	}
	for _, c := range tab.Columns() {
		if c.Name == "class" || c.Name == "is_attack" {
			continue // see TestClasses
		}
		if c.Kind == table.CodeKind {
			count := make([]int, len(c.Levels())+1)
			for _, v := range c.Codes() {
				count[v]++
			}
			levels := want.Levels[c.Name]
			if len(c.Levels()) != len(levels) || count[0] != 0 {
				t.Errorf("%s: %s has %d levels, want %d", tab.Name(), c.Name, len(c.Levels()), len(levels))
			}
			for i, name := range c.Levels() {
				if count[i+1] != levels[name] {
					t.Errorf("%s: %s %q has %d rows, want %d", tab.Name(), c.Name, name, count[i+1], levels[name])
				}
			}
			continue
		}
		sum := int64(0)
		for r := range c.Len() {
			v := c.At(r)
			if c.Kind == table.FloatKind {
				v = math.Round(v * 100)
			}
			sum += int64(v)
		}
		if sum != want.Sums[c.Name] {
			t.Errorf("%s: %s sums to %d, want %d", tab.Name(), c.Name, sum, want.Sums[c.Name])
		}
	}
	ordered := int64(0)
	for r, v := range tab.Column("src_bytes").Ints() {
		ordered = (ordered + int64(r+1)*v) % (1<<31 - 1)
	}
	if ordered != want.Ordered {
		t.Errorf("%s: rows stand in another order than in the file (%d, want %d)", tab.Name(), ordered, want.Ordered)
	}
}

// TestClasses holds the attack mapping against the sizes that papers print.
func TestClasses(t *testing.T) {
	s := published(t)
	for _, c := range []struct {
		t    *table.Table
		want map[string]int
	}{
		{s.Train, map[string]int{"normal": 67343, "dos": 45927, "probe": 11656, "r2l": 995, "u2r": 52}},
		{s.Test.Describe("pins").Table(), map[string]int{"normal": 9711, "dos": 7458, "probe": 2421, "r2l": 2754, "u2r": 200}},
	} {
		five, two := map[string]int{}, map[string]int{}
		for _, v := range c.t.View().Strings("class") {
			five[v]++
		}
		for _, v := range c.t.View().Strings("is_attack") {
			two[v]++
		}
		for _, class := range Classes() {
			if five[class] != c.want[class] {
				t.Errorf("%s: %s has %d rows, want %d", c.t.Name(), class, five[class], c.want[class])
			}
		}
		if two["normal"] != c.want["normal"] || two["attack"] != c.t.Rows()-c.want["normal"] || len(two) != 2 {
			t.Errorf("%s: is_attack %v", c.t.Name(), two)
		}
	}
	if n := s.Test21.Describe("pins").Table(); n.View().Where(func(r int) bool { return n.Column("class").String(r) == Normal }).Rows() != 2152 {
		t.Error("KDDTest-21 should have 2152 normal rows")
	}
}

// TestHead20 holds that the 20 % file is the head of the whole one, value by value,
// so that Open may cut it when the file is absent.
func TestHead20(t *testing.T) {
	s := published(t)
	head := s.Train.Head("head", head20)
	for _, c := range s.Train20.Columns() {
		h := head.Column(c.Name)
		for r := range c.Len() {
			if c.String(r) != h.String(r) {
				t.Fatalf("%s differs in row %d: %s and %s", c.Name, r+1, c.String(r), h.String(r))
			}
		}
	}
}

// TestTest21 holds that KDDTest-21 has the rows of KDDTest+ that fewer than 21
// learners got right, which OpenGiven relies on.
func TestTest21(t *testing.T) {
	s := published(t)
	hard := map[key]int{}
	test := s.Test.Describe("pins").Table()
	for r, k := range keys(test) {
		if test.Column("difficulty").Ints()[r] != 21 {
			hard[k]++
		}
	}
	for r, k := range keys(s.Test21.Describe("pins").Table()) {
		if hard[k]--; hard[k] < 0 {
			t.Fatalf("row %d of KDDTest-21 is not a hard row of KDDTest+", r+1)
		}
	}
	for _, n := range hard {
		if n != 0 {
			t.Fatal("a hard row of KDDTest+ is not in KDDTest-21")
		}
	}
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
