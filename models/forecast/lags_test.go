package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/histtree"
	"flowbook/models/neural"
)

// repeats is a learner that has learnt to answer with one lag.
type repeats string

func (r repeats) Name() string { return "repeats" }

func (r repeats) FitRegression(context.Context, table.View) (models.Regressor, error) { return r, nil }

func (r repeats) Estimate(_ context.Context, rows table.View) ([]float64, error) {
	return rows.Floats(string(r)), nil
}

// TestLagsGoesOnByItsAnswers: a learner that repeats the value of seven days ago makes
// the seasonal naive forecast, of whatever number of steps; of differences, it repeats
// the last week's steps; of logarithms, their factors.
func TestLagsGoesOnByItsAnswers(t *testing.T) {
	y := weekly(40, 0.5, 1)
	n := len(y)
	for _, l := range []Lags{{}, {Differences: 1}, {Differences: 2}, {Log: true}, {Differences: 1, Log: true}} {
		l.Learner = repeats("lag 7")
		level, back := func(v float64) float64 { return v }, func(v float64) float64 { return v }
		if l.Log {
			level, back = math.Log1p, math.Expm1
		}
		want := make([]float64, n, n+10) // the same, by hand
		for i, v := range y {
			want[i] = level(v)
		}
		for i := n; i < n+10; i++ {
			at := func(k int) float64 { return want[i-k] }
			switch l.Differences {
			case 0:
				want = append(want, at(7))
			case 1:
				want = append(want, at(1)+at(7)-at(8))
			case 2:
				want = append(want, at(1)+(at(1)-at(2))+(at(7)-2*at(8)+at(9)))
			}
		}
		p, err := fitted(t, l, y).Forecast(context.Background(), y, 10, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		for k, got := range p.Mean {
			near(t, got, back(want[n+k]), 1e-9, "%s, step %d", l.Name(), k+1)
		}
	}
}

// TestLagsErrorsAreHeldOut: the band is made of the errors of forecasts from each origin
// in the last fifth. Of squares, repeating the last value errs by (o-1+h)² - (o-1)², from
// origin o by h steps. Origins are 48 … 60-h; of 12, 11 and 10 errors the ⌈(m+1)/2⌉-th
// smallest is taken, the 7th, 6th and 6th; of each twice, the same. Among several series
// an error counts in units of the deviation of what was known.
func TestLagsErrorsAreHeldOut(t *testing.T) {
	y := make([]float64, 60)
	for i := range y {
		y[i] = float64(i * i)
	}
	for _, series := range [][][]float64{{y}, {y, y}} {
		p, err := fitted(t, Lags{Learner: repeats("lag 1"), Ahead: 3}, series...).Forecast(context.Background(), y, 5, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		for k, rank := range []int{7, 6, 6, 6, 6} {
			h := min(k+1, 3)
			var errors []float64
			for o := 48; o <= 60-h; o++ {
				e := float64(2*(o-1)*h + h*h)
				if len(series) == 2 {
					_, _, known := naivePast(recursion{}, y[:o])
					_, _, end := naivePast(recursion{}, y)
					e *= end / known
				}
				errors = append(errors, e)
			}
			slices.Sort(errors)
			want := errors[rank-1]
			near(t, p.High[k]-p.Mean[k], want, 1e-9, "%d series, step %d", len(series), k+1)
			near(t, p.Mean[k]-p.Low[k], want, 1e-9, "%d series, step %d", len(series), k+1)
		}
	}
}

// TestLagsLearns: trees and boosting tell a week's days apart by the season, or by lags,
// and a product of two lags that is no sum.
func TestLagsLearns(t *testing.T) {
	y := weekly(400, 1, 6)
	most := 1 - 1/num.Variance(y)
	g := rng.New(3).Rand()
	signs := make([]float64, 1500)
	for i := range signs {
		signs[i] = float64(2*g.IntN(2) - 1)
		if i >= 20 {
			signs[i] = signs[i-17] * signs[i-20]
		}
	}
	for i := range signs {
		signs[i] += 0.1 * g.NormFloat64()
	}
	for _, c := range []struct {
		l    Lags
		y    []float64
		want float64
	}{
		{Lags{Season: 7, Lags: []int{1}}, y, most - 0.05},
		{Lags{Season: 7, Lags: []int{1}, Learner: Tree{}}, y, most - 0.1},
		{Lags{}, y, most - 0.06},
		{Lags{Lags: []int{17, 20}, Learner: Tree{}}, signs, 0.9},
		{Lags{Lags: []int{16, 17, 18, 19, 20}}, signs, 0.9},
		{Lags{Lags: []int{17, 20}, Learner: neural.MLP{Hidden: []int{16}, Rate: 0.01, Epochs: 60}}, signs, 0.9},
	} {
		train := len(c.y) * 3 / 4
		if r2 := oneStepR2(t, fitted(t, c.l, c.y[:train]), c.y, train); !(r2 > c.want) {
			t.Errorf("%s: R² %.3f, want above %.3f", c.l.Name(), r2, c.want)
		}
	}
}

// TestSeasonGoesOn: days that only their place tells apart, for two weeks ahead.
func TestSeasonGoesOn(t *testing.T) {
	day := []float64{5, 5, 5, 5, 5, 9, 1}
	y := make([]float64, 7*20+3)
	for i := range y {
		y[i] = day[i%7]
	}
	for _, c := range []struct {
		f   Forecaster
		tol float64
	}{
		{Lags{Learner: Tree{MinLeaf: 1}, Lags: []int{1}, Season: 7}, 1e-9},
		{LSTM{Window: 1, Hidden: 8, Season: 7, Rate: 0.02, Epochs: 200}, 0.1},
	} {
		p, err := fitted(t, c.f, y).Forecast(context.Background(), y, 14, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range p.Mean {
			near(t, v, day[(len(y)+k)%7], c.tol, "%s, step %d", c.f.Name(), k+1)
		}
	}
	rows := Lags{Lags: []int{1}, Season: 12}.rows(windows{width: 1, values: []float64{3, 4}, place: []int{22, 24}})
	if got := rows.Strings("season"); !slices.Equal(got, []string{"10", "00"}) {
		t.Errorf("places in the season %q", got)
	}
}

// counts is a learner that notes how many rows it is fitted to.
type counts struct {
	repeats
	rows *[]int
}

func (c counts) FitRegression(_ context.Context, v table.View) (models.Regressor, error) {
	*c.rows = append(*c.rows, v.Rows())
	return c, nil
}

// TestLagsFitsTwice: without the last HoldOut of each series, then with it; of a short
// series one window stays, however much is to be held out.
func TestLagsFitsTwice(t *testing.T) {
	y := weekly(50, 1, 1)
	for _, c := range []struct {
		holdOut float64
		series  [][]float64
		want    []int
	}{
		{0.2, [][]float64{y, y[:20]}, []int{38 + 14, 48 + 18}},
		{0.9, [][]float64{y[:4], y[:5]}, []int{1 + 1, 2 + 3}},
	} {
		var rows []int
		fitted(t, Lags{Learner: counts{"lag 1", &rows}, Window: 2, HoldOut: c.holdOut}, c.series...)
		if !slices.Equal(rows, c.want) {
			t.Errorf("fitted to %d rows, want %d", rows, c.want)
		}
	}
}

func TestLagsNames(t *testing.T) {
	for _, c := range []struct {
		f    Forecaster
		want string
	}{
		{Lags{}, "gradient boosting on lags 1-14"},
		{Lags{Learner: Tree{}, Lags: []int{1, 7}, Season: 7, Differences: 1, Log: true}, "regression tree on lags 1, 7, season 7, differences 1, log"},
		{Lags{Learner: histtree.Boost{}, Window: 2}, "gradient boosting on lags 1, 2"},
		{LSTM{}, "LSTM(window 14, hidden 32)"},
		{LSTM{Window: 7, Hidden: 8, Layers: 2, Season: 7}, "LSTM(window 7, hidden 8 × 2, season 7)"},
	} {
		if got := c.f.Name(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestLagsRefuses(t *testing.T) {
	y := weekly(60, 1, 1)
	for want, l := range map[string]Lags{
		"Lags is [0 1]":        {Lags: []int{0, 1}},
		"Lags is [2 2]":        {Lags: []int{2, 2}},
		"Lags is [20000]":      {Lags: []int{20000}},
		"Lags is []":           {Lags: []int{}},
		"Window is -1":         {Window: -1},
		"Window is 20000":      {Window: 20000},
		"Season is 1":          {Season: 1},
		"Differences is -1":    {Differences: -1},
		"HoldOut is NaN":       {HoldOut: math.NaN()},
		"Ahead is -1":          {Ahead: -1},
		"want at least 72":     {Window: 70},
		"histtree: Trees is -": {Learner: histtree.Boost{Trees: -1}},
	} {
		if _, err := l.Fit(context.Background(), y); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "forecast: ") {
			t.Errorf("%+v: error %v; want one with %q", l, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Lags{}).Fit(ctx, y); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestLagsSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	y := weekly(300, 1, 3)
	var want Path
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		got, err := fitted(t, Lags{Season: 7}, y, y[:60]).Forecast(context.Background(), y, 9, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if procs == 1 {
			want = got
		}
		samePath(t, got, want, 0, fmt.Sprintf("on %d cores", procs))
	}
}

func BenchmarkLags(b *testing.B) {
	var series [][]float64
	for k := range 10 {
		series = append(series, weekly(92, 1, uint64(k)))
	}
	for _, l := range []Lags{{}, {Learner: Tree{}}} {
		b.Run(fmt.Sprintf("series=10/days=92/learner=%s", strings.ReplaceAll(l.defaults().Learner.Name(), " ", "-")), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fitted(b, l, series...)
			}
		})
	}
}
