package frame

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"flowbook/internal/num"
)

// Statistic is what an Agg computes of a group's values.
type Statistic string

const (
	Count  Statistic = "count" // values that are not missing
	Sum    Statistic = "sum"
	Mean   Statistic = "mean"
	Std    Statistic = "std" // with n-1; NaN of fewer than two values
	Min    Statistic = "min"
	Median Statistic = "median"
	Max    Statistic = "max"
)

// Agg is one column of a grouped result: the statistic of a numeric column. Count
// takes any column. Result columns are called <column>_<statistic>.
type Agg struct {
	Column string
	Of     Statistic
}

// GroupBy groups rows by key columns and aggregates each group. It stands in for
// gota's, which joins keys with "_" (so that groups (a_b, c) and (a, b_c) merge),
// returns groups in random order, and fails at a missing key.
//
// The result has the keys, then "rows" (the group's rows), then the aggregates,
// sorted by the keys (text by bytes, numbers by value, missing last). Missing values
// are left out of every statistic; where a column has any, <column>_missing says how
// many each group left out. Sums run in row order.
func GroupBy(df dataframe.DataFrame, keys []string, aggs ...Agg) (dataframe.DataFrame, error) {
	var none dataframe.DataFrame
	if df.Err != nil {
		return none, fmt.Errorf("frame: group: the data frame carries an error: %w", df.Err)
	}
	if len(keys) == 0 {
		return none, fmt.Errorf("frame: group: no keys; want at least one column")
	}
	by := make([]series.Series, len(keys))
	for i, k := range keys {
		if !slices.Contains(df.Names(), k) {
			return none, fmt.Errorf("frame: group: no column %q; want one of %v", k, df.Names())
		}
		by[i] = df.Col(k)
	}
	groups := gather(by, df.Nrow())
	out := make([]series.Series, 0, len(keys)+1+len(aggs))
	first := make([]int, len(groups))
	sizes := make([]int, len(groups))
	for g, rows := range groups {
		first[g], sizes[g] = rows[0], len(rows)
	}
	for i, k := range keys {
		s := by[i].Subset(first)
		s.Name = k
		out = append(out, s)
	}
	out = append(out, series.New(sizes, series.Int, "rows"))
	noted := map[string]bool{}
	for _, a := range aggs {
		cols, err := aggregate(df, groups, a, !noted[a.Column])
		if err != nil {
			return none, err
		}
		noted[a.Column] = true
		out = append(out, cols...)
	}
	result := dataframe.New(out...)
	return result, result.Err
}

// gather returns the row numbers of each group, groups in the order of their keys.
func gather(by []series.Series, rows int) [][]int {
	index := map[string]int{}
	var groups [][]int
	for r := range rows {
		k := keyOf(by, r)
		g, ok := index[k]
		if !ok {
			g = len(groups)
			index[k] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], r)
	}
	slices.SortStableFunc(groups, func(a, b []int) int {
		for _, s := range by {
			if c := compare(s.Elem(a[0]), s.Elem(b[0])); c != 0 {
				return c
			}
		}
		return 0
	})
	return groups
}

// keyOf writes each key with its length before it, so that no two lists of keys
// give one text, and a missing one as a mark that no text has.
func keyOf(by []series.Series, row int) string {
	var b []byte
	for _, s := range by {
		e := s.Elem(row)
		if e.IsNA() {
			b = append(b, 0)
			continue
		}
		text := e.String()
		if s.Type() == series.Float { // gota prints six decimals: 1e-9 and 2e-9 would merge
			text = string(binary.BigEndian.AppendUint64(nil, math.Float64bits(e.Float()+0)))
		}
		b = binary.AppendUvarint(append(b, 1), uint64(len(text)))
		b = append(b, text...)
	}
	return string(b)
}

func compare(a, b series.Element) int {
	if a.IsNA() || b.IsNA() {
		switch {
		case a.IsNA() && b.IsNA():
			return 0
		case a.IsNA():
			return 1
		}
		return -1
	}
	if a.Type() == series.String {
		return strings.Compare(a.String(), b.String())
	}
	return cmp.Compare(a.Float(), b.Float())
}

func aggregate(df dataframe.DataFrame, groups [][]int, a Agg, note bool) ([]series.Series, error) {
	if !slices.Contains(df.Names(), a.Column) {
		return nil, fmt.Errorf("frame: group: no column %q; want one of %v", a.Column, df.Names())
	}
	s := df.Col(a.Column)
	if s.Type() == series.String && a.Of != Count {
		return nil, fmt.Errorf("frame: group: the %s of column %q: it holds text; want numbers, or its count", a.Of, a.Column)
	}
	values := make([]float64, len(groups))
	absent := make([]int, len(groups))
	counts := make([]int, len(groups))
	any := 0
	for g, rows := range groups {
		var present []float64
		for _, r := range rows {
			e := s.Elem(r)
			if e.IsNA() {
				absent[g]++
				continue
			}
			counts[g]++
			if a.Of != Count {
				present = append(present, e.Float())
			}
		}
		any += absent[g]
		if a.Of != Count {
			v, err := statistic(present, a.Of)
			if err != nil {
				return nil, err
			}
			values[g] = v
		}
	}
	name := a.Column + "_" + string(a.Of)
	out := []series.Series{series.New(values, series.Float, name)}
	if a.Of == Count {
		out[0] = series.New(counts, series.Int, name)
	}
	if any > 0 && note {
		out = append(out, series.New(absent, series.Int, a.Column+"_missing"))
	}
	return out, nil
}

// Stat is a statistic with the number of values behind it.
type Stat struct {
	Value   float64 // NaN where there is no value to compute it of
	Used    int     // values that are not missing
	Missing int
}

// Of computes a statistic of a numeric series, leaving out and counting missing
// values. gota's Mean, StdDev and Quantile return NaN where one is missing, and
// its Median sorts it among the numbers: that of [1, NaN, 3] is 3.
func Of(s series.Series, what Statistic) (Stat, error) {
	return of(s, func(v []float64) (float64, error) { return statistic(v, what) })
}

// Quantile is Of for the p-quantile, p in [0, 1], interpolated linearly as numpy
// does (Hyndman and Fan 1996, type 7). gota's is a step function: its 0.5 of
// [1, 2, 3, 4] is 2.
func Quantile(s series.Series, p float64) (Stat, error) {
	if !(p >= 0 && p <= 1) {
		return Stat{}, fmt.Errorf("frame: quantile of %q at %v; want a p in [0, 1]", s.Name, p)
	}
	return of(s, func(v []float64) (float64, error) {
		slices.Sort(v)
		return num.Quantile(v, p), nil
	})
}

func of(s series.Series, f func([]float64) (float64, error)) (Stat, error) {
	if s.Err != nil {
		return Stat{}, fmt.Errorf("frame: series %q carries an error: %w", s.Name, s.Err)
	}
	if s.Type() == series.String {
		return Stat{}, fmt.Errorf("frame: series %q holds text; want numbers", s.Name)
	}
	var v []float64
	for i := range s.Len() {
		if e := s.Elem(i); !e.IsNA() {
			v = append(v, e.Float())
		}
	}
	st := Stat{Value: math.NaN(), Used: len(v), Missing: s.Len() - len(v)}
	var err error
	if len(v) > 0 {
		st.Value, err = f(v)
	}
	return st, err
}

// statistic computes what of v, which it may sort; NaN of no values, but for the sum, which is 0.
func statistic(v []float64, what Statistic) (float64, error) {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	n := float64(len(v))
	switch what {
	case Count:
		return n, nil
	case Sum:
		return sum, nil
	case Mean, Std, Min, Median, Max:
	default:
		return 0, fmt.Errorf("frame: %q is not a statistic; want one of count, sum, mean, std, min, median, max", what)
	}
	if len(v) == 0 {
		return math.NaN(), nil
	}
	switch what {
	case Mean:
		return sum / n, nil
	case Std:
		if len(v) < 2 {
			return math.NaN(), nil
		}
		ss := 0.0
		for _, x := range v {
			d := x - sum/n
			ss += float64(d * d)
		}
		return math.Sqrt(ss / (n - 1)), nil
	}
	slices.Sort(v)
	return num.Quantile(v, map[Statistic]float64{Min: 0, Median: 0.5, Max: 1}[what]), nil
}
