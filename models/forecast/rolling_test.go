package forecast

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

func roll(t *testing.T, r Rolling, series []Series, f ...Forecaster) Backtest {
	t.Helper()
	b, err := r.Evaluate(context.Background(), series, f...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// everyForecaster is what the laws of this package are tested on.
func everyForecaster() []Forecaster {
	return []Forecaster{ARIMA{P: 1, Q: 1}, ARIMA{P: 1, D: 1, Q: 1}, ARIMA{P: 1, Trend: Linear}, ARIMA{Q: 1, D: 1, Season: 7, SQ: 1},
		AutoARIMA{MaxP: 1, MaxQ: 1}, Naive{}, Naive{Season: 7}, Mean{}, Mean{Season: 7}, Median{}, Median{Season: 7},
		ExponentialSmoothing{}, ExponentialSmoothing{Trend: true}, ExponentialSmoothing{Damped: true, Season: 7}, AutoSmoothing{}}
}

func weekSeries(seed uint64, n int) []float64 {
	g := rng.New(seed).Rand()
	y := simulate(g, ARIMA{P: 1}.system([]float64{0.5}, false), n)
	for t := range y {
		y[t] += 20 + []float64{0, 1, 1, 1, 0, -2, -2}[t%7]
		if t > 20 && g.IntN(12) == 0 {
			y[t] = math.NaN()
		}
	}
	return y
}

// By hand: 1 2 4 7 | 5 _ 6 with naive forecasts, two steps ahead from 4, 5 and 6 values.
// One step: |5-7| = 2, a gap, |6-5| = 1 (the gap leaves 5 standing). Two steps: a gap from
// 4, and from 5 |6-5| = 1. Naive errors on 1 2 4 7 average (1+2+3)/3 = 2.
func TestRollingByHand(t *testing.T) {
	b := roll(t, Rolling{First: 4, Horizon: 2, Refit: -1, Level: 0.8}, []Series{{"a", []float64{1, 2, 4, 7, 5, math.NaN(), 6}}}, Naive{})
	one, two, all := b.Score(0, 1), b.Score(0, 2), b.Score(0, 0)
	if one.N != 2 || two.N != 1 || all.N != 3 {
		t.Errorf("judged %d, %d and %d; want 2, 1, 3", one.N, two.N, all.N)
	}
	near(t, one.MAE, 1.5, 1e-15, "MAE")
	near(t, one.RMSE, math.Sqrt(2.5), 1e-15, "RMSE")
	near(t, one.MASE, 0.75, 1e-15, "MASE")
	near(t, one.SMAPE, (4./12+2./11)/2, 1e-15, "sMAPE")
	near(t, all.MAE, 4./3, 1e-15, "MAE")
	sigma := math.Sqrt((1. + 4 + 9) / 3) // of training
	z := -num.NormalQuantile(0.1)
	near(t, one.Width, sigma*z*(1+math.Sqrt2), 1e-12, "width") // from 4: one step; from 6: two steps behind 5
	near(t, one.Coverage, 1, 0, "coverage")
	near(t, one.Interval, one.Width, 1e-12, "all inside: interval score is the width")
	track := b.Track(0, 0)
	near(t, track.Surprise[0], -2/(sigma*z), 1e-12, "surprise")
	if !math.IsNaN(track.Surprise[1]) || len(track.At) != 3 || track.At[0] != 4 {
		t.Errorf("track %+v", track)
	}
	b = roll(t, Rolling{First: 4, Level: 0.01}, []Series{{"a", []float64{1, 2, 4, 7, 5}}}, Naive{})
	half := sigma * -num.NormalQuantile(0.495)
	s := b.Score(0, 1)
	near(t, s.Interval, 2*half+2/0.99*(2-half), 1e-12, "interval score of a miss")
	near(t, s.Coverage, 0, 0, "coverage")
	b = roll(t, Rolling{First: 4, Level: 0.01}, []Series{{"a", []float64{1, 2, 4, 7, 9}}}, Naive{})
	near(t, b.Score(0, 1).Interval, 2*half+2/0.99*(2-half), 1e-12, "interval score of a miss above")
}

// Changing what comes after an origin changes no forecast made there, to the bit.
func TestForecastsSeeOnlyThePast(t *testing.T) {
	a, b := weekSeries(1, 70), weekSeries(1, 70)
	for t := 60; t < 70; t++ {
		b[t] = 1e6 * float64(t)
	}
	r := Rolling{First: 40, Horizon: 3, Refit: 7}
	f := append(everyForecaster(), Lags{Learner: Tree{}, Window: 5}, LSTM{Window: 5, Hidden: 2, Epochs: 3})
	other := Series{"other", weekSeries(7, 70)} // pooled with the first
	x, y := roll(t, r, []Series{{"a", a}, other}, f...), roll(t, r, []Series{{"a", b}, other}, f...)
	for i := range f {
		for k, o := range x.Runs[i][0].Origins {
			same := reflect.DeepEqual(x.Runs[i][0].Paths[k], y.Runs[i][0].Paths[k])
			if o <= 60 && !same {
				t.Errorf("%s from %d: %+v, and %+v with another future", f[i].Name(), o, x.Runs[i][0].Paths[k], y.Runs[i][0].Paths[k])
			}
			if o == 69 && same && !strings.Contains(f[i].Name(), "me") {
				t.Errorf("%s from %d: the past does not matter either", f[i].Name(), o)
			}
		}
	}
}

// Many origins in one pass are as many calls of Forecast, to the bit.
func TestEachIsForecast(t *testing.T) {
	y := weekSeries(2, 80)
	for _, f := range everyForecaster() {
		m, err := f.Fit(context.Background(), y[:60])
		if err != nil {
			t.Fatal(err)
		}
		each, ok := m.(Each)
		if !ok {
			continue
		}
		origins := []int{30, 31, 47, 80}
		got, err := each.ForecastEach(context.Background(), y, origins, 9, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range origins {
			if want, err := m.Forecast(context.Background(), y[:o], 9, 0.9); err != nil || !reflect.DeepEqual(got[i], want) {
				t.Errorf("%s from %d: %+v, want %+v %v", f.Name(), o, got[i], want, err)
			}
		}
	}
}

// Scaling a series scales its forecasts; adding a constant shifts them, where the
// forecaster has a mean or differences. A gap at the end is one more step ahead.
func TestForecastLaws(t *testing.T) {
	y := weekSeries(3, 77)
	for _, f := range everyForecaster() {
		base := ahead(t, f, y, y, 10, 0.9)
		scaled, shifted := make([]float64, len(y)), make([]float64, len(y))
		for i, v := range y {
			scaled[i], shifted[i] = 1000*v, v+500
		}
		for h, p := range map[string]Path{"scaled": ahead(t, f, scaled, scaled, 10, 0.9), "shifted": ahead(t, f, shifted, shifted, 10, 0.9)} {
			back := func(x []float64) (out []float64) {
				for _, v := range x {
					if h == "scaled" {
						out = append(out, v/1000)
					} else {
						out = append(out, v-500)
					}
				}
				return out
			}
			samePath(t, Path{Mean: back(p.Mean), Low: back(p.Low), High: back(p.High)}, base, 1e-5, f.Name()+" "+h)
		}
		tail := append(append([]float64(nil), y...), math.NaN(), math.NaN())
		if p := ahead(t, f, y, tail, 8, 0.9); true {
			samePath(t, p, Path{Mean: base.Mean[2:], Low: base.Low[2:], High: base.High[2:]}, 1e-9, f.Name()+" after two gaps")
		}
	}
}

// Constant series, then a jump: forecasts are the constant, without width; the jump surprises.
func TestConstantSeries(t *testing.T) {
	y := make([]float64, 40)
	for i := range y {
		y[i] = 7
	}
	y[39] = 8
	b := roll(t, Rolling{First: 30, Horizon: 2}, []Series{{"a", y}}, everyForecaster()...)
	for f, name := range b.Forecasters {
		s, track := b.Score(f, 1), b.Track(f, 0)
		if !(math.Abs(s.MAE-0.1) < 1e-9 && math.IsNaN(s.MASE) && track.Surprise[0] == 0 && math.IsInf(track.Surprise[9], 1)) {
			t.Errorf("%s: %+v, surprises %v", name, s, track.Surprise)
		}
	}
}

// known is a forecaster that need not learn.
type known struct{ *ARIMAModel }

func (known) Name() string                                    { return "known" }
func (k known) Fit(context.Context, []float64) (Model, error) { return k.ARIMAModel, nil }

// Short, sparse, spiked and gappy series get a forecast or an error that says what is wanted.
func TestOddSeries(t *testing.T) {
	g := rng.New(21).Rand()
	for trial := range 60 {
		y := make([]float64, 3+g.IntN(30))
		for i := range y {
			switch g.IntN(5) {
			case 0:
				y[i] = math.NaN()
			case 1:
				y[i] = float64(g.IntN(4)) * math.Pow(10, float64(trial%9))
			case 2:
				y[i] = float64(trial % 3)
			}
		}
		for _, f := range everyForecaster() {
			m, err := f.Fit(context.Background(), y)
			if err != nil {
				if !strings.Contains(err.Error(), "want a") {
					t.Errorf("%s of %v: %v", f.Name(), y, err)
				}
				continue
			}
			p, err := m.Forecast(context.Background(), y, 9, 0.9)
			if err != nil && strings.Contains(err.Error(), "want a longer") {
				continue
			}
			if err != nil {
				t.Errorf("%s of %v: %v", f.Name(), y, err)
				continue
			}
			for h := range p.Mean {
				if !(math.Abs(p.Mean[h]) < 1e15) || p.High[h] < p.Low[h] || math.IsInf(p.High[h], 0) {
					t.Errorf("%s of %v: step %d is %v (%v to %v)", f.Name(), y, h+1, p.Mean[h], p.Low[h], p.High[h])
				}
			}
		}
	}
}

// Intervals hold the value as often as they say where the process is known: one origin in
// each of 500 series, so that the forecasts are independent and 0.04 is three standard
// errors. Parameters learnt from a hundred values, taken as known, cost up to 0.04.
func TestCoverage(t *testing.T) {
	var series []Series
	for i := range 500 {
		y := simulate(rng.New(uint64(i)).At("coverage").Rand(), ARIMA{P: 1, Q: 1}.system([]float64{0.6, 0.3}, false), 103)
		series = append(series, Series{fmt.Sprint(i), y})
	}
	b := roll(t, Rolling{First: 100, Every: 3, Horizon: 3, Level: 0.9}, series,
		known{&ARIMAModel{order: ARIMA{P: 1, Q: 1, Trend: NoTrend}, arma: []float64{0.6, 0.3}, sigma2: 1}}, ARIMA{P: 1, Q: 1}, AutoARIMA{MaxP: 1, MaxQ: 1}, Mean{}, Median{})
	for f, name := range b.Forecasters {
		for h := 1; h <= 3; h++ {
			s := b.Score(f, h)
			t.Logf("%s, %d ahead: %.3f of %d at 0.9", name, h, s.Coverage, s.Bounded)
			least := 0.82
			if f == 0 {
				least = 0.86
			}
			if !(s.Coverage > least && s.Coverage < 0.94) {
				t.Errorf("%s, %d ahead: coverage %.3f (%.3f to %.3f) at 0.9", name, h, s.Coverage, s.Low, s.High)
			}
		}
	}
	if best := b.Forecasters[b.Best()]; best != "known" {
		t.Errorf("best is %s", best)
	}
}

// The same for random walks, which are what naive forecasts and simple smoothing assume.
func TestCoverageOfWalks(t *testing.T) {
	var series []Series
	for i := range 400 {
		g := rng.New(uint64(i)).At("walks").Rand()
		y := make([]float64, 103)
		for t := 1; t < len(y); t++ {
			y[t] = y[t-1] + g.NormFloat64()
		}
		series = append(series, Series{fmt.Sprint(i), y})
	}
	b := roll(t, Rolling{First: 100, Every: 3, Horizon: 3, Level: 0.9}, series, Naive{}, ExponentialSmoothing{}, ExponentialSmoothing{Damped: true}, ARIMA{D: 1, Q: 1})
	for f, name := range b.Forecasters {
		for h := 1; h <= 3; h++ {
			s := b.Score(f, h)
			t.Logf("%s, %d ahead: %.3f of %d at 0.9", name, h, s.Coverage, s.Bounded)
			if !(s.Coverage > 0.845 && s.Coverage < 0.945) { // three standard errors
				t.Errorf("%s, %d ahead: coverage %.3f (%.3f to %.3f) at 0.9", name, h, s.Coverage, s.Low, s.High)
			}
		}
	}
}

// pool remembers how many values of each series it was fitted to.
type pool struct {
	Mean
	fits *atomic.Int64
}

func (p pool) Name() string { return "pool" }
func (p pool) FitAll(ctx context.Context, series [][]float64) (Model, error) {
	p.fits.Add(1)
	var all []float64
	for _, y := range series {
		if cap(y) != len(y) {
			return nil, fmt.Errorf("a way to the future is open")
		}
		all = append(all, y...)
	}
	return p.Fit(ctx, all)
}

func TestRollingPools(t *testing.T) {
	p := pool{fits: new(atomic.Int64)}
	series := []Series{{"a", []float64{1, 1, 1, 1, 1, 1}}, {"b", []float64{3, 3, 3, 3, 3}}}
	b := roll(t, Rolling{First: 2, Refit: 2}, series, p)
	if got := b.Runs[0][1].Paths[0].Mean[0]; got != 2 || p.fits.Load() != 2 {
		t.Errorf("pooled mean %v after %d fits; want 2 after 2", got, p.fits.Load())
	}
	if len(b.Runs[0][0].Origins) != 4 || len(b.Runs[0][1].Origins) != 3 {
		t.Errorf("origins %v and %v", b.Runs[0][0].Origins, b.Runs[0][1].Origins)
	}
}

type counter struct{ total, added, done atomic.Int64 }

func (c *counter) Start(_ string, total int) par.Task { c.total.Add(int64(total)); return c }
func (c *counter) Add(n int)                          { c.added.Add(int64(n)) }
func (c *counter) Done()                              { c.done.Add(1) }

// Same bytes at 1, 2 and 7 cores; progress adds up; a cancelled context ends it.
func TestRollingCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	series := []Series{{"a", weekSeries(1, 60)}, {"b", weekSeries(2, 64)}}
	var want Backtest
	for _, cores := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(cores)
		var c counter
		got, err := Rolling{First: 50, Horizon: 2, Refit: 3}.Evaluate(par.WithProgress(context.Background(), &c), series, everyForecaster()...)
		if err != nil {
			t.Fatal(err)
		}
		if c.added.Load() != c.total.Load() || c.total.Load() == 0 || c.done.Load() == 0 {
			t.Errorf("progress %d of %d", c.added.Load(), c.total.Load())
		}
		if cores == 1 {
			want = got
		}
		if !reflect.DeepEqual(fmt.Sprintf("%v", got.Runs), fmt.Sprintf("%v", want.Runs)) {
			t.Errorf("at %d cores the forecasts differ", cores)
		}
	}
	e := want.Exhibit()
	if len(e.Grids) != 2 || len(e.Grids[0].Rows) != len(want.Forecasters) || len(e.Measures) != 7*3*len(want.Forecasters) {
		t.Errorf("%d grids, %d measures", len(e.Grids), len(e.Measures))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Rolling{}).Evaluate(ctx, series, everyForecaster()...); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRollingRefuses(t *testing.T) {
	y := weekSeries(1, 20)
	one := []Series{{"a", y}}
	for _, c := range []struct {
		r    Rolling
		s    []Series
		f    []Forecaster
		want string
	}{
		{Rolling{}, nil, nil, "no series"},
		{Rolling{First: 20}, one, nil, `series "a" has 20 values`},
		{Rolling{Horizon: -1}, one, nil, "Horizon is -1"},
		{Rolling{Level: 1}, one, nil, "Level is 1"},
		{Rolling{}, []Series{{"a", y}, {"a", y}}, nil, "two series"},
		{Rolling{}, one, []Forecaster{Naive{}, Naive{Season: 1}}, `named "naive"`},
		{Rolling{First: 3}, one, []Forecaster{ARIMA{P: 2, D: 1}}, `ARIMA(2,1,0), series "a", fitted to 3 values: forecast: ARIMA(2,1,0): 3 values`},
	} {
		if _, err := c.r.Evaluate(context.Background(), c.s, c.f...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.r, err, c.want)
		}
	}
}

// A burst planted in a quiet series is what surprises most.
func TestWatchFindsTheBurst(t *testing.T) {
	y := weekSeries(5, 92)
	y[80] = 40
	m, err := AutoARIMA{Season: 7, SP: 1}.Fit(context.Background(), y[:60])
	if err != nil {
		t.Fatal(err)
	}
	track, err := Watch(context.Background(), m, y, 60, 0.99)
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range track.At {
		if s := track.Surprise[i]; at == 80 && !(s > 2) || at < 80 && s > 1.5 {
			t.Errorf("value %d (%v) surprises %v", at, track.Y[i], s)
		}
	}
	if _, err := Watch(context.Background(), m, y, 92, 0.99); err == nil {
		t.Error("nothing to watch, yet no error")
	}
}

func ExampleRolling() {
	y := make([]float64, 60)
	for t := range y {
		y[t] = 10 + float64(t%7) + float64(t%3)
	}
	b, _ := Rolling{First: 40, Horizon: 7, Season: 7}.Evaluate(context.Background(), []Series{{"host", y}}, Naive{}, Mean{Season: 7})
	for f, name := range b.Forecasters {
		s := b.Score(f, 0)
		fmt.Printf("%s: MASE %.2f, coverage %.2f\n", name, s.MASE, s.Coverage)
	}
	// Output:
	// naive: MASE 1.93, coverage 0.99
	// seasonal mean [7]: MASE 0.55, coverage 1.00
}
