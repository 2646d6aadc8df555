package table

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

func flows(t *testing.T) *Table {
	t.Helper()
	return Must(New("flows",
		Float("duration", "s", []float64{1, math.NaN(), 3, 4}),
		Int("bytes", "bytes", []int64{10, 20, 30, 40}),
		Text("service", []string{"http", "", "ssh", "http"}),
		Time("start", []int64{0, 1e6, 2e6, 3e6}),
		Text("class", []string{"b", "a", "b", "c"}).As(Label),
		Text("attack", []string{"x", "y", "x", "z"}).As(Label),
		Int("difficulty", "", []int64{1, 2, 3, 4}).As(Ignore)))
}

func TestOnlyFeaturesAreLearntFrom(t *testing.T) {
	v := flows(t).View().WithTarget("class")
	if got := SchemaOf(v).Names(); !slices.Equal(got, []string{"duration", "bytes", "service"}) {
		t.Errorf("features are %v: labels, stamps and ignored columns leak", got)
	}
	if _, ok := flows(t).View().Target(); ok {
		t.Error("two label columns, and one was chosen")
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := New("t", Float("a", "", []float64{1}), Float("b", "", nil)); err == nil || !strings.Contains(err.Error(), `"b" has 0 rows`) {
		t.Errorf("unequal length: %v", err)
	}
	if _, err := New("t", Float("a", "", nil), Int("a", "", nil)); err == nil {
		t.Error("a name twice was taken")
	}
}

func TestMissingIsNotALevel(t *testing.T) {
	c := flows(t).Column("service")
	if !slices.Equal(c.Levels(), []string{"http", "ssh"}) || !slices.Equal(c.Codes(), []int32{1, 0, 2, 1}) {
		t.Errorf("levels %v, codes %v", c.Levels(), c.Codes())
	}
	if c.Missing() != 1 || flows(t).Column("duration").Missing() != 1 || c.String(1) != "" {
		t.Error("missing values are miscounted")
	}
}

func TestViewRows(t *testing.T) {
	v := flows(t).View().WithTarget("class").Take([]int{3, 0, 0})
	if got := v.Floats("bytes"); !slices.Equal(got, []float64{40, 10, 10}) {
		t.Errorf("bytes %v", got)
	}
	if got := v.Take([]int{1, 0}).Strings("attack"); !slices.Equal(got, []string{"x", "z"}) {
		t.Errorf("taking twice gives %v", got)
	}
	labels, classes, err := v.Labels()
	if err != nil || !slices.Equal(classes, []string{"b", "c"}) || !slices.Equal(labels, []int{1, 0, 0}) {
		t.Errorf("classes %v, labels %v, %v: only classes that occur are classes", classes, labels, err)
	}
	if w := v.Where(func(r int) bool { return r == 3 }); w.Rows() != 1 || w.Row(0) != 3 {
		t.Errorf("where: %v", w.Index())
	}
	m := v.Materialize()
	if m.Rows() != 3 || m.Column("service").String(0) != "http" || m.Column("class").Role != Label {
		t.Error("materialized view differs")
	}
}

func TestEmptyTakeIsEmpty(t *testing.T) {
	if n := flows(t).View().Take(nil).Rows(); n != 0 {
		t.Errorf("taking no rows gives %d", n)
	}
}

// Code 2 of one table is not code 2 of another: levels are matched by string.
func TestSchemaMapsLevelsByString(t *testing.T) {
	schema := SchemaOf(flows(t).View().Select("service", "bytes"))
	other := Must(New("new",
		Float("bytes", "", []float64{1, 2, 3, 4}),
		Text("service", []string{"ftp", "ssh", "", "http"})))
	v := other.View()
	if err := schema.Check(v); err != nil {
		t.Fatal(err)
	}
	if got := schema.Codes(v.Take([]int{3, 2, 1, 0}), 0); !slices.Equal(got, []int32{1, 0, 2, Unseen}) {
		t.Errorf("codes %v", got)
	}
	if err := schema.Check(Must(New("new", Float("bytes", "", nil))).View()); err == nil || !strings.Contains(err.Error(), `no column "service"`) {
		t.Errorf("missing column: %v", err)
	}
	if err := schema.Check(Must(New("new", Float("bytes", "", nil), Float("service", "", nil))).View()); err == nil {
		t.Error("a number passed for a category")
	}
}

func TestConcatJoinsLevels(t *testing.T) {
	a := Must(New("a", Text("s", []string{"b", "c"})))
	b := Must(New("b", Text("s", []string{"a", "", "c"})))
	c, err := Concat("both", a, b)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.View().Strings("s"); !slices.Equal(got, []string{"b", "c", "a", "", "c"}) {
		t.Errorf("got %v", got)
	}
	if _, err := Concat("both", a, Must(New("b", Float("s", "", nil)))); err == nil {
		t.Error("stacked a number on a category")
	}
}

func TestSealedRowsStaySealed(t *testing.T) {
	s := Seal(flows(t))
	v := s.Describe("count the classes")
	joined, err := Concat("both", flows(t), v.Table())
	if err != nil {
		t.Fatal(err)
	}
	more, err := v.Table().With(Int("one", "", make([]int64, 4)))
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]View{"view": v, "rows": v.Take([]int{0}), "copy": v.Materialize().View(),
		"stacked": joined.View(), "with": more.View(), "head": v.Table().Head("h", 2).View()} {
		if w.Unsealed() == nil {
			t.Errorf("%s: the seal got lost", name)
		}
	}
	o := s.Open("judge the models")
	if o.Unsealed() != nil || v.Unsealed() != nil || !o.FromTest() {
		t.Error("opening did not open")
	}
	if looks := s.Looks(); len(looks) != 2 || looks[0].Kind != Described || looks[1] != (Look{"flows", Opened, "judge the models"}) {
		t.Errorf("looks: %v", looks)
	}
	if flows(t).View().Unsealed() != nil {
		t.Error("an ordinary table is sealed")
	}
}

func TestBlocksGiveTheTableBack(t *testing.T) {
	whole := flows(t)
	for _, size := range []int{1, 3, 4, 100} {
		var parts []*Table
		for b, err := range InBlocks(whole, size).Blocks(context.Background()) {
			if err != nil || b.Rows() > size {
				t.Fatalf("block of %d rows, %v", b.Rows(), err)
			}
			parts = append(parts, b)
		}
		got, err := Concat("flows", parts...)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range whole.Columns() {
			for i := range whole.Rows() {
				if c.String(i) != got.Column(c.Name).String(i) {
					t.Errorf("size %d: %s row %d differs", size, c.Name, i)
				}
			}
		}
	}
	if n := len(InBlocks(whole, 2).Columns()); n != 7 {
		t.Errorf("schema has %d columns", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range InBlocks(whole, 2).Blocks(ctx) {
		if err == nil {
			t.Error("cancelled, and a block came")
		}
	}
}

func TestWeights(t *testing.T) {
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		v := Must(New("w", Float("x", "", []float64{1, 2}), Float("w", "", []float64{1, bad}).As(Weight))).View()
		if _, err := v.Weights(); err == nil || !strings.Contains(err.Error(), "row 2") {
			t.Errorf("weight %v: %v", bad, err)
		}
	}
	if w, err := flows(t).View().Weights(); w != nil || err != nil {
		t.Errorf("no weights: %v %v", w, err)
	}
}

func TestSummary(t *testing.T) {
	g := flows(t).Summary()
	if len(g.Rows) != 7 || g.Rows[2][9].Text != "http (2)" || g.Rows[0][4].Value != 1 || g.Rows[1][7].Value != 25 {
		t.Errorf("summary: %+v", g.Rows)
	}
}

func TestWeightsMustBeNumbers(t *testing.T) {
	tab := Must(flows(t).With(Text("heavy", []string{"yes", "no", "no", "yes"}).As(Weight)))
	if _, err := tab.View().Weights(); err == nil || !strings.Contains(err.Error(), "heavy") {
		t.Errorf("weights in a categorical column: error %v", err)
	}
}

func TestConcatOfTwoSeals(t *testing.T) {
	a, b := Seal(flows(t)), Seal(flows(t))
	first, second := a.Describe("test").Table(), b.Open("test").Table()
	if _, err := Concat("both", first, second); err == nil || !strings.Contains(err.Error(), "sealed apart") {
		t.Errorf("a sealed part slips through under an opened one: error %v", err)
	}
	if whole, err := Concat("twice", first, flows(t), first); err != nil || whole.View().Unsealed() == nil {
		t.Errorf("parts under one seal: error %v, or the seal got lost", err)
	}
}
