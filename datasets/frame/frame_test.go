package frame

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

var nan = math.NaN()

func sample() *table.Table {
	return table.Must(table.New("sample",
		table.Float("seconds", "s", []float64{0.5, nan, 1e-9}),
		table.Int("bytes", "bytes", []int64{1 << 53, 0, -7}),
		table.Text("service", []string{"http", "", "a_b"}),
		table.Time("at", []int64{0, 1_000_001, 86_400_000_000}),
		table.Text("class", []string{"normal", "attack", "normal"}).As(table.Label)))
}

func TestRoundTrip(t *testing.T) {
	from := sample()
	df, err := To(from)
	if err != nil {
		t.Fatal(err)
	}
	back, err := From("sample", df)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range from.Columns() {
		b := back.Column(c.Name)
		want := c.Kind
		if c.Kind == table.TimeKind {
			want = table.CodeKind // gota has no times: text that sorts alike
		}
		if b.Kind != want || b.Missing() != c.Missing() {
			t.Errorf("%s is %v with %d missing, want %v with %d", c.Name, b.Kind, b.Missing(), want, c.Missing())
		}
		for r := range c.Len() {
			if b.String(r) != c.String(r) {
				t.Errorf("%s, row %d: %q, want %q", c.Name, r, b.String(r), c.String(r))
			}
		}
	}
	if got := back.Column("at").Levels(); got[0] != "1970-01-01T00:00:00Z" {
		t.Errorf("times became %v", got)
	}
}

func TestToView(t *testing.T) {
	v := sample().View().WithTarget("class").Select("bytes").Take([]int{2, 0, 2})
	df, err := ToView(v)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(df.Records()); got != "[[bytes class] [-7 normal] [9007199254740992 normal] [-7 normal]]" {
		t.Error(got)
	}
}

func TestToRefuses(t *testing.T) {
	for _, c := range []struct {
		t    *table.Table
		want string
	}{
		{table.Must(table.New("t", table.Int("id", "", []int64{1, 1<<53 + 1}))), `frame: t: column "id": row 2 holds 9007199254740993, beyond 2^53`},
		{table.Must(table.New("t", table.Text("s", []string{"a", "NaN"}))), `frame: t: column "s": row 2 holds the text "NaN"`},
		{table.Must(table.New("t", table.Int("", "", []int64{1}))), `frame: t: column 1 has no name`},
		{table.Must(table.New("t", table.Int("a", "", nil))), `frame: t: 0 rows and 1 columns`},
		{table.Must(table.New("t", table.Int("a", "", make([]int64, MaxRows+1)))), `frame: t: 50001 rows; gota is for at most 50000`},
	} {
		if _, err := To(c.t); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func TestFrom(t *testing.T) {
	if _, err := From("f", dataframe.DataFrame{Err: errors.New("lost")}); err == nil || !strings.Contains(err.Error(), "carries an error: lost") {
		t.Error(err)
	}
	df := dataframe.New(
		series.New([]any{1, nil, 3}, series.Int, "holes"),
		series.New([]bool{true, false, true}, series.Bool, "yes"),
		series.New([]string{"x", "NaN", ""}, series.String, "text"))
	got, err := From("f", df)
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Column("holes"); c.Kind != table.FloatKind || c.Missing() != 1 || c.At(2) != 3 {
		t.Errorf("holes: %v", c)
	}
	if c := got.Column("yes"); c.Kind != table.IntKind || c.At(0) != 1 || c.At(1) != 0 {
		t.Errorf("yes: %v", c)
	}
	if c := got.Column("text"); c.Missing() != 2 {
		t.Errorf("text: %v", c)
	}
	df = dataframe.New(series.New([]any{1<<53 + 1, nil}, series.Int, "id"))
	if _, err := From("f", df); err == nil || !strings.Contains(err.Error(), "row 1 holds 9007199254740993, beyond 2^53, and row 2 is missing") {
		t.Error(err)
	}
}

// TestNoFloatText: gota prints 1e-9 as 0.000000; Grid keeps it.
func TestNoFloatText(t *testing.T) {
	df := dataframe.New(series.New([]float64{1e-9, nan}, series.Float, "x"), series.New([]int{5, 6}, series.Int, "n"), series.New([]string{"a", "NaN"}, series.String, "s"))
	if !strings.Contains(df.String(), "0.000000") {
		t.Error("gota prints small floats now: the fault is gone")
	}
	g, err := Grid("t", df)
	if err != nil || g.Rows[0][0].Value != 1e-9 || g.Rows[0][1].Kind != exhibit.CountCell || g.Rows[1][2].Text != "" || !math.IsNaN(g.Rows[1][0].Value) {
		t.Errorf("%+v %v", g, err)
	}
	if _, err := Grid("t", dataframe.DataFrame{Err: errors.New("lost")}); err == nil {
		t.Error("an error was shown as a grid")
	}
}

// TestWhere: gota's Filter(f1, f2) keeps rows for which either holds.
func TestWhere(t *testing.T) {
	df := dataframe.New(series.New([]int{1, 2, 3}, series.Int, "x"), series.New([]string{"a", "a", "b"}, series.String, "s"))
	f1 := dataframe.F{Colname: "x", Comparator: series.Greater, Comparando: 1}
	f2 := dataframe.F{Colname: "s", Comparator: series.Eq, Comparando: "a"}
	if df.Filter(f1, f2).Nrow() != 3 {
		t.Error("gota's Filter means AND now: the fault is gone")
	}
	got, err := Where(df, f1, f2)
	if err != nil || got.Nrow() != 1 || got.Elem(0, 0).Float() != 2 {
		t.Errorf("%v %v", got, err)
	}
	if _, err := Where(df, dataframe.F{Colname: "y", Comparator: series.Eq, Comparando: 1}); err == nil || !strings.Contains(err.Error(), `"y"`) {
		t.Error(err)
	}
}

// TestDescribe: gota's 50 % of [1, 2, 3, 4] is 2; a table's summary says 2.5.
func TestDescribe(t *testing.T) {
	df := dataframe.New(series.New([]int{1, 2, 3, 4}, series.Int, "x"))
	if q := df.Col("x").Quantile(0.5); q != 2 {
		t.Errorf("gota's quantile is %v now: the fault is gone", q)
	}
	tab, err := From("f", df)
	if err != nil || tab.Summary().Rows[0][7].Value != 2.5 {
		t.Errorf("%v %v", tab.Summary().Rows, err)
	}
}

func TestSealedRowsStayOutside(t *testing.T) {
	s := table.Seal(table.Must(table.New("test", table.Float("x", "", []float64{1, 2}))))
	v := s.Describe("test")
	if _, err := To(v.Table()); err == nil {
		t.Error("To takes a sealed table")
	}
	if _, err := ToView(v); err == nil {
		t.Error("ToView takes sealed rows")
	}
	if _, err := ToView(s.Open("test")); err != nil {
		t.Errorf("opened rows: %v", err)
	}
}
