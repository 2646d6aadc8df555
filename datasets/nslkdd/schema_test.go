package nslkdd

import (
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

func TestSchema(t *testing.T) {
	kinds := map[table.Kind]int{}
	seen := map[string]bool{}
	for _, f := range Features() {
		kinds[f.Kind]++
		if seen[f.Name] || f.Meaning == "" {
			t.Errorf("%q comes twice or has no meaning", f.Name)
		}
		seen[f.Name] = true
		if category := f.Kind == table.CodeKind; category != math.IsNaN(f.High) {
			t.Errorf("%s: range to %v", f.Name, f.High)
		}
		if strings.HasSuffix(f.Name, "_rate") != (f.Kind == table.FloatKind) || f.Kind == table.FloatKind && f.Range() != "0 to 1" {
			t.Errorf("%s is %v, %s", f.Name, f.Kind, f.Range())
		}
	}
	if kinds[table.IntKind] != 23 || kinds[table.FloatKind] != 15 || kinds[table.CodeKind] != 3 {
		t.Errorf("kinds %v", kinds)
	}
	for _, levels := range [][]string{protocols, flags, services, attacks} {
		if !slices.IsSorted(levels) || len(slices.Compact(slices.Clone(levels))) != len(levels) {
			t.Errorf("not sorted and distinct: %v", levels)
		}
	}
	if len(services) != 70 || len(flags) != 11 || len(protocols) != 3 || len(attacks) != 40 {
		t.Errorf("%d services, %d flags, %d protocols, %d attacks", len(services), len(flags), len(protocols), len(attacks))
	}
	g := Dictionary()
	if len(g.Rows) != 41 || g.Rows[20][1].Text != "is_host_login" || g.Rows[22][5].Text != "0 to 511" || g.Rows[31][5].Text != "0 to 255" {
		t.Error("the dictionary lost a row")
	}
	for i, row := range g.Rows {
		if len(row) != len(g.Columns) {
			t.Errorf("row %d has %d cells", i, len(row))
		}
	}
	f := Features()
	f[0].Name = "changed"
	if Features()[0].Name != "duration" {
		t.Error("a caller can change the schema")
	}
}

func TestClassOf(t *testing.T) {
	for _, a := range Attacks() {
		if c, err := ClassOf(a); err != nil || !slices.Contains(Classes(), c) {
			t.Errorf("%s: %q, %v", a, c, err)
		}
	}
	if c, _ := ClassOf("httptunnel"); c != "u2r" {
		t.Errorf("httptunnel is %s", c)
	}
	if c, _ := ClassOf("worm"); c != "r2l" {
		t.Errorf("worm is %s", c)
	}
	if _, err := ClassOf("unknown"); err == nil || !strings.Contains(err.Error(), `attack type "unknown" is unknown`) {
		t.Error(err)
	}
}

func TestColumnsTable(t *testing.T) {
	c := naive(t, made(t))
	c.Number[0][3] = 0.5
	if _, err := c.Table("made"); err == nil || err.Error() != "nslkdd: made: row 4: duration is 0.5; want a whole number" {
		t.Error(err)
	}
	c.Number[0][3] = 0
	c.Attack[0] = "zeroday"
	if _, err := c.Table("made"); err == nil || !strings.Contains(err.Error(), `"zeroday"`) {
		t.Error(err)
	}
	c.Attack[0] = "normal"
	c.Difficulty = c.Difficulty[1:]
	if _, err := c.Table("made"); err == nil || !strings.Contains(err.Error(), "11") {
		t.Error(err)
	}
}

func TestRoles(t *testing.T) {
	tab, err := naive(t, made(t)).Table("made")
	if err != nil {
		t.Fatal(err)
	}
	v := tab.View()
	if len(v.Features()) != FeatureCount {
		t.Errorf("%d features", len(v.Features()))
	}
	for name, role := range map[string]table.Role{"attack": table.Label, "class": table.Label, "is_attack": table.Label, "difficulty": table.Ignore} {
		if c := tab.Column(name); c.Role != role {
			t.Errorf("%s is %v", name, c.Role)
		}
	}
	if got := tab.View().WithTarget("class"); len(got.Features()) != FeatureCount {
		t.Errorf("with a target: %d features", len(got.Features()))
	}
}

func TestLedgerExhibit(t *testing.T) {
	l := Ledger{
		Train: Account{Name: "KDDTrain+", Rows: 10, Vectors: 9}, Train20: Account{Name: "KDDTrain+_20Percent"},
		Test: Account{Name: "KDDTest+", Rows: 5}, Test21: Account{Name: "KDDTest-21"},
		TestInTrain: 2, Unseen: []Type{{"mscan", "probe", 3}}, Gone: []Type{{"spy", "r2l", 1}},
	}
	e := l.Exhibit()
	ids := map[string]exhibit.Measure{}
	for _, m := range e.Measures {
		if _, twice := ids[m.ID]; twice {
			t.Errorf("measure %s comes twice", m.ID)
		}
		ids[m.ID] = m
	}
	if m := ids["ledger/loader/repeated-rows/kddtrain+"]; m.Value != 1 || m.Rows != 10 || m.Unit != "rows" {
		t.Errorf("%+v", m)
	}
	if m := ids["ledger/loader/rows-in-kddtrain+/kddtest+"]; m.Value != 2 {
		t.Errorf("%+v in %v", m, ids)
	}
	for _, g := range e.Grids {
		for _, row := range g.Rows {
			if len(row) != len(g.Columns) {
				t.Errorf("%s: %d cells, %d columns", g.Title, len(row), len(g.Columns))
			}
		}
	}
	if len(e.Grids) != 2 || len(e.Grids[1].Rows) != 2 || !strings.HasPrefix(e.Notes[0], "2 of the 5 rows of KDDTest+") {
		t.Errorf("%+v", e.Notes)
	}
}
