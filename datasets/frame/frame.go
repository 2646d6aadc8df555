// Package frame answers: how does a small table go through gota's hands and come
// back unharmed?
//
// gota [1] is the notebook's hand tool: filter, mutate and arrange some ten thousand
// rows and look at them. This package is its door. It converts, and it stands in
// for the operations that gota 0.12 gets wrong: reading CSV (leading zeros and large
// integers), grouping (merged keys, random order), mean, deviation, median
// and quantile (missing values), printing (six decimals), several filters (any
// instead of all). No other package but the experiments imports gota.
//
//	df, err := frame.To(small)
//	df = df.Filter(dataframe.F{Colname: "service", Comparator: series.Eq, Comparando: "http"})
//	groups, err := frame.GroupBy(df, []string{"flag"}, frame.Agg{Column: "src_bytes", Of: frame.Median})
//	back, err := frame.From("http by flag", groups)
//
// [1] https://github.com/go-gota/gota
package frame

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// MaxRows is the largest table that To hands to gota, which needs some 80 bytes a
// value and sorts and groups by reflection. Larger ones are grouped in SQL first.
const MaxRows = 50_000

// exact is the largest whole number up to which float64 holds every one. gota
// calculates with ints as float64, so larger ones would change silently.
const exact = 1 << 53

// To converts all rows and columns of a table; see ToView for some of them.
//
// Floats, ints and categories become gota's Float, Int and String; a missing value
// becomes NaN. gota has no time type: times become text (RFC 3339, UTC, µs), which
// sorts as they do. Refused are tables above MaxRows, whole numbers above
// 2^53, a category "NaN" (gota takes it for missing), columns without a name, and a
// test set that is still sealed, for rows that come back have lost the seal.
func To(t *table.Table) (dataframe.DataFrame, error) {
	if err := t.View().Unsealed(); err != nil {
		return dataframe.DataFrame{}, sealed(t.Name(), err)
	}
	return to(t.Name(), t.Columns(), t.Rows())
}

// ToView converts the view's rows: its features, then its target if it has one.
func ToView(v table.View) (dataframe.DataFrame, error) {
	if err := v.Unsealed(); err != nil {
		return dataframe.DataFrame{}, sealed(v.Table().Name(), err)
	}
	if v.Rows() > MaxRows { // before anything is copied
		return dataframe.DataFrame{}, tooLarge(v.Table().Name(), v.Rows())
	}
	var cols []table.Column
	for k := range v.Features() {
		cols = append(cols, v.Feature(k))
	}
	if c, ok := v.Target(); ok {
		cols = append(cols, c)
	}
	name := ""
	if v.Table() != nil {
		name = v.Table().Name()
	}
	return to(name, cols, v.Rows())
}

func sealed(name string, err error) error {
	return fmt.Errorf("frame: %s: %w; rows that gota returns have lost the seal", name, err)
}

func tooLarge(name string, rows int) error {
	return fmt.Errorf("frame: %s: %d rows; gota is for at most %d: group in SQL, or take fewer rows", name, rows, MaxRows)
}

func to(name string, cols []table.Column, rows int) (dataframe.DataFrame, error) {
	if rows > MaxRows {
		return dataframe.DataFrame{}, tooLarge(name, rows)
	}
	if len(cols) == 0 || rows == 0 {
		return dataframe.DataFrame{}, fmt.Errorf("frame: %s: %d rows and %d columns; gota cannot hold an empty table", name, rows, len(cols))
	}
	out := make([]series.Series, len(cols))
	for i, c := range cols {
		if c.Name == "" {
			return dataframe.DataFrame{}, fmt.Errorf("frame: %s: column %d has no name; gota would make one up", name, i+1)
		}
		s, err := toSeries(c)
		if err != nil {
			return dataframe.DataFrame{}, fmt.Errorf("frame: %s: column %q: %w", name, c.Name, err)
		}
		out[i] = s
	}
	df := dataframe.New(out...)
	return df, df.Err
}

func toSeries(c table.Column) (series.Series, error) {
	switch c.Kind {
	case table.FloatKind:
		return series.New(c.Floats(), series.Float, c.Name), nil
	case table.IntKind:
		ints := make([]int, c.Len())
		for i, v := range c.Ints() {
			if v > exact || v < -exact {
				return series.Series{}, fmt.Errorf("row %d holds %d, beyond 2^53, which gota's arithmetic would change; make it a category", i+1, v)
			}
			ints[i] = int(v)
		}
		return series.New(ints, series.Int, c.Name), nil
	}
	values := make([]any, c.Len()) // nil is missing; the string "NaN" would be too
	for i := range values {
		if s := c.String(i); s == "NaN" {
			return series.Series{}, fmt.Errorf("row %d holds the text \"NaN\", which gota takes for missing; rename it", i+1)
		} else if s != "" {
			values[i] = s
		}
	}
	return texts(values, c.Name), nil
}

// texts makes a string series; nil is missing. (series.New with a slice that holds
// nil calls reflection on it and panics for an empty one.)
func texts(values []any, name string) series.Series {
	s := series.New(make([]string, len(values)), series.String, name)
	for i, v := range values {
		s.Elem(i).Set(v)
	}
	return s
}

// From converts a data frame. Float becomes float, Int and Bool become int (float
// where a value is missing), String becomes a category with NaN and "" missing.
// A frame that carries an error, and whole numbers above 2^53 beside missing
// values, are refused. All columns are features: set roles and units after.
func From(name string, df dataframe.DataFrame) (*table.Table, error) {
	if df.Err != nil {
		return nil, fmt.Errorf("frame: %s: the data frame carries an error: %w", name, df.Err)
	}
	var cols []table.Column
	for _, n := range df.Names() {
		c, err := fromSeries(df.Col(n), n)
		if err != nil {
			return nil, fmt.Errorf("frame: %s: column %q: %w", name, n, err)
		}
		cols = append(cols, c)
	}
	return table.New(name, cols...)
}

func fromSeries(s series.Series, name string) (table.Column, error) {
	switch s.Type() {
	case series.Float:
		return table.Float(name, "", s.Float()), nil
	case series.String:
		values := make([]string, s.Len())
		for i := range values {
			if e := s.Elem(i); !e.IsNA() {
				values[i] = e.String()
			}
		}
		return table.Text(name, values), nil
	}
	ints := make([]int64, s.Len())
	missing := -1
	for i := range ints {
		v, err := s.Elem(i).Int()
		if err != nil {
			missing = i
		}
		ints[i] = int64(v)
	}
	if missing < 0 {
		return table.Int(name, "", ints), nil
	}
	floats := make([]float64, len(ints))
	for i, v := range ints {
		floats[i] = float64(v)
		if v > exact || v < -exact {
			return table.Column{}, fmt.Errorf("row %d holds %d, beyond 2^53, and row %d is missing; no kind of column holds both", i+1, v, missing+1)
		}
		if s.Elem(i).IsNA() {
			floats[i] = math.NaN()
		}
	}
	return table.Float(name, "", floats), nil
}

// Grid shows a data frame. gota's own text prints every float with six decimals, so
// that 1e-9 reads 0.000000; a grid keeps the number and reports print four digits.
func Grid(title string, df dataframe.DataFrame) (exhibit.Grid, error) {
	if df.Err != nil {
		return exhibit.Grid{}, fmt.Errorf("frame: %s: the data frame carries an error: %w", title, df.Err)
	}
	g := exhibit.Grid{Title: title, Caption: fmt.Sprintf("%d rows.", df.Nrow()), Columns: df.Names()}
	g.Rows = make([][]exhibit.Cell, df.Nrow())
	for _, n := range df.Names() {
		s := df.Col(n)
		for i := range g.Rows {
			e := s.Elem(i)
			cell := exhibit.Num(e.Float())
			switch {
			case s.Type() == series.String && e.IsNA():
				cell = exhibit.Text("")
			case s.Type() == series.String:
				cell = exhibit.Text(e.String())
			case s.Type() == series.Int && !e.IsNA():
				v, _ := e.Int()
				cell = exhibit.Count(v)
			case s.Type() == series.Bool:
				cell = exhibit.Text(strings.ToLower(e.String()))
			}
			g.Rows[i] = append(g.Rows[i], cell)
		}
	}
	return g, nil
}

// Where keeps the rows for which every filter holds. gota's Filter with several
// filters keeps those for which any does. The frame is empty where no row is left.
func Where(df dataframe.DataFrame, filters ...dataframe.F) (dataframe.DataFrame, error) {
	for _, f := range filters {
		df = df.Filter(f)
		if df.Err != nil {
			return df, fmt.Errorf("frame: filter on %q: %w", f.Colname, df.Err)
		}
	}
	return df, nil
}
