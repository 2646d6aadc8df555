package frame

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// TestGroupByKeys: gota joins keys with "_", so (a_b, c) and (a, b_c) merge.
func TestGroupByKeys(t *testing.T) {
	df := dataframe.New(
		series.New([]string{"a_b", "a", "a_b"}, series.String, "x"),
		series.New([]string{"c", "b_c", "c"}, series.String, "y"),
		series.New([]int{1, 10, 2}, series.Int, "n"))
	if n := len(df.GroupBy("x", "y").GetGroups()); n != 1 {
		t.Errorf("gota makes %d groups now: the fault is gone", n)
	}
	got, err := GroupBy(df, []string{"x", "y"}, Agg{"n", Sum})
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(got.Records()); s != "[[x y rows n_sum] [a b_c 1 10.000000] [a_b c 2 3.000000]]" {
		t.Error(s)
	}
}

// TestGroupByOrder: gota's groups come in the order of a map.
func TestGroupByOrder(t *testing.T) {
	keys := make([]int, 300)
	for i := range keys {
		keys[i] = (i * 7) % 30
	}
	df := dataframe.New(series.New(keys, series.Int, "k"), series.New(make([]float64, 300), series.Float, "v"))
	for range 3 {
		got, err := GroupBy(df, []string{"k"}, Agg{"v", Count})
		if err != nil || got.Nrow() != 30 {
			t.Fatal(got.Nrow(), err)
		}
		for i := range 30 {
			if k, _ := got.Elem(i, 0).Int(); k != i { // by number: 2 before 10
				t.Fatalf("group %d has key %d", i, k)
			}
		}
	}
}

// TestGroupByMissing: gota fails at a missing key and lets one missing value poison
// a group.
func TestGroupByMissing(t *testing.T) {
	df := dataframe.New(
		texts([]any{"b", nil, "a", "b", nil}, "k"),
		series.New([]float64{1, 2, nan, nan, 5}, series.Float, "v"),
		texts([]any{"x", "y", nil, "z", "x"}, "s"))
	if df.GroupBy("k").Err == nil {
		t.Error("gota groups by missing keys now: the fault is gone")
	}
	got, err := GroupBy(df, []string{"k"}, Agg{"v", Mean}, Agg{"v", Max}, Agg{"s", Count})
	if err != nil {
		t.Fatal(err)
	}
	want := "[[k rows v_mean v_missing v_max s_count s_missing] [a 1 NaN 1 NaN 0 1] [b 2 1.000000 1 1.000000 2 0] [NaN 2 3.500000 0 5.000000 2 0]]"
	if s := fmt.Sprint(got.Records()); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
}

// TestGroupByFloatKeys: gota writes float keys with six decimals.
func TestGroupByFloatKeys(t *testing.T) {
	df := dataframe.New(series.New([]float64{1e-9, 2e-9, 1e-9, 0, math.Copysign(0, -1)}, series.Float, "k"))
	got, err := GroupBy(df, []string{"k"})
	if err != nil || got.Nrow() != 3 || got.Elem(2, 0).Float() != 2e-9 {
		t.Errorf("%v %v", got, err)
	}
}

func TestGroupByErrors(t *testing.T) {
	df := dataframe.New(series.New([]string{"a"}, series.String, "k"))
	for _, c := range []struct {
		keys []string
		aggs []Agg
		want string
	}{
		{nil, nil, "frame: group: no keys"},
		{[]string{"x"}, nil, `frame: group: no column "x"; want one of [k]`},
		{[]string{"k"}, []Agg{{"x", Sum}}, `frame: group: no column "x"`},
		{[]string{"k"}, []Agg{{"k", Mean}}, `frame: group: the mean of column "k": it holds text`},
	} {
		if _, err := GroupBy(df, c.keys, c.aggs...); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	df = dataframe.New(series.New([]int{1}, series.Int, "k"))
	if _, err := GroupBy(df, []string{"k"}, Agg{"k", "mode"}); err == nil || !strings.Contains(err.Error(), `"mode" is not a statistic`) {
		t.Error(err)
	}
}

// TestStatistics holds gota's faults with missing values against ours. Expected
// values by hand: of 1, 3, 4, 8 the mean is 4, the median 3.5, the squares about the
// mean 9+1+0+16 = 26 and the deviation sqrt(26/3); the quartile at h = 0.75 is 1+0.75*2 = 2.5.
func TestStatistics(t *testing.T) {
	s := series.New([]float64{4, nan, 1, 8, 3}, series.Float, "v")
	if !math.IsNaN(s.Mean()) || !math.IsNaN(s.StdDev()) || !math.IsNaN(s.Quantile(0.25)) {
		t.Error("gota leaves missing values out now: the fault is gone")
	}
	if m := series.New([]float64{1, nan, 3}, series.Float, "v").Median(); m != 3 {
		t.Errorf("gota's median of 1, NaN, 3 is %v now: the fault is gone", m)
	}
	for what, want := range map[Statistic]float64{Count: 4, Sum: 16, Mean: 4, Std: math.Sqrt(26.0 / 3), Min: 1, Median: 3.5, Max: 8} {
		got, err := Of(s, what)
		if err != nil || !(math.Abs(got.Value-want) <= 1e-15*want) || got.Used != 4 || got.Missing != 1 {
			t.Errorf("%s: %+v %v, want %v", what, got, err, want)
		}
	}
	if got, err := Quantile(s, 0.25); err != nil || got.Value != 2.5 || got.Missing != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := Of(series.New([]float64{nan}, series.Float, "v"), Mean); err != nil || !math.IsNaN(got.Value) || got.Used != 0 {
		t.Errorf("of nothing: %+v %v", got, err)
	}
	if _, err := Quantile(s, nan); err == nil || !strings.Contains(err.Error(), "want a p in [0, 1]") {
		t.Error(err)
	}
	if _, err := Of(series.New([]string{"a"}, series.String, "s"), Mean); err == nil || !strings.Contains(err.Error(), "holds text") {
		t.Error(err)
	}
}
