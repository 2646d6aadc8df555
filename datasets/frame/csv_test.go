package frame

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// TestReadCSV: leading zeros and large identifiers, which gota's reader loses.
func TestReadCSV(t *testing.T) {
	const text = "zip,id,n,rate,mixed,hash,none\n007,90071992547409931234,1,0.5,1,45e48,\n010,2,-3,1e-09,x,12e34,NA\n1,3,NA,NaN,2,,NaN\n"
	theirs := dataframe.ReadCSV(strings.NewReader(text))
	if theirs.Elem(0, 0).String() == "007" || theirs.Col("id").Elem(0).String() == "90071992547409931234" {
		t.Error("gota's reader keeps identifiers now: the fault is gone")
	}
	df, err := ReadCSV("t.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		kind   series.Type
		values string
	}{
		"zip":   {series.String, "[007 010 1]"},
		"id":    {series.String, "[90071992547409931234 2 3]"},
		"n":     {series.Int, "[1 -3 NaN]"},
		"mixed": {series.String, "[1 x 2]"},
		"hash":  {series.String, "[45e48 12e34 NaN]"},
		"none":  {series.String, "[NaN NaN NaN]"},
	} {
		s := df.Col(name)
		if s.Type() != want.kind || fmt.Sprint(s.Records()) != want.values {
			t.Errorf("%s is %v %v, want %v %v", name, s.Type(), s.Records(), want.kind, want.values)
		}
	}
	if r := df.Col("rate"); r.Type() != series.Float || r.Elem(1).Float() != 1e-9 || !r.Elem(2).IsNA() {
		t.Errorf("rate is %v %v", r.Type(), r)
	}
}

func TestReadCSVErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "frame: t.csv: no header"},
		{"a,b\n", "frame: t.csv: no rows below the header"},
		{"a,a\n1,2\n", `frame: t.csv:1: column 2 is called "a"; want distinct names that are not empty`},
		{"a,\n1,2\n", `frame: t.csv:1: column 2 is called ""`},
		{"a,b\n1,2\n1,2,3\n", "frame: t.csv: record on line 3: wrong number of fields"},
		{"a\n" + strings.Repeat("1\n", MaxRows+1), "frame: t.csv: more than 50000 rows"},
	} {
		if _, err := ReadCSV("t.csv", strings.NewReader(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n007,1.5\nNaN,\n")
	f.Fuzz(func(t *testing.T, text string) {
		df, err := ReadCSV("f", strings.NewReader(text))
		if err != nil {
			return
		}
		if _, err := From("f", df); err != nil {
			t.Fatal(err)
		}
	})
}

func TestReadCSVLeavesOutTheByteOrderMark(t *testing.T) {
	df, err := ReadCSV("t.csv", strings.NewReader("\ufeffid,n\na,1\n"))
	if err != nil || df.Names()[0] != "id" {
		t.Errorf("columns %q, error %v", df.Names(), err)
	}
}
