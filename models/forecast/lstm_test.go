package forecast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// oneStepR2 is 1 less the squared error of forecasts of y[train:], each by one step, over
// that of their mean.
func oneStepR2(t *testing.T, m Model, y []float64, train int) float64 {
	t.Helper()
	var origins []int
	for o := train; o < len(y); o++ {
		origins = append(origins, o)
	}
	paths, err := m.(Each).ForecastEach(context.Background(), y, origins, 1, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	mean, off, spread := num.Mean(y[train:]), 0.0, 0.0
	for i, o := range origins {
		off += (y[o] - paths[i].Mean[0]) * (y[o] - paths[i].Mean[0])
		spread += (y[o] - mean) * (y[o] - mean)
	}
	return 1 - off/spread
}

func fitted(t testing.TB, f Forecaster, y ...[]float64) Model {
	t.Helper()
	m, err := f.(Pooled).FitAll(context.Background(), y)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestLSTMLearnsALongLag that no ARIMA of up to five steps can: each value is a bent
// function of the one twenty steps ago. The series is statsmodels' too, whose best ARIMA
// says no more than the mean.
func TestLSTMLearnsALongLag(t *testing.T) {
	var peer struct {
		Y          []float64
		Train, Lag int
		R2         float64
	}
	text, err := os.ReadFile("testdata/longlag.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &peer); err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(peer.R2) < 0.02) {
		t.Errorf("R² of statsmodels' best ARIMA is %v", peer.R2)
	}
	linear, err := AutoARIMA{MaxP: 5, MaxQ: 1}.Fit(context.Background(), peer.Y[:peer.Train])
	if err != nil {
		t.Fatal(err)
	}
	if r2 := oneStepR2(t, linear, peer.Y, peer.Train); !(r2 < 0.02) {
		t.Errorf("R² of %s is %.3f", linear.(*ARIMAModel).Name(), r2)
	}
	for seed := range uint64(3) {
		m := fitted(t, LSTM{Window: peer.Lag + 2, Hidden: 16, Epochs: 20, Rate: 0.01, Seed: rng.New(seed)}, peer.Y[:peer.Train])
		if r2 := oneStepR2(t, m, peer.Y, peer.Train); !(r2 > 0.7) {
			t.Errorf("seed %d: R² %.3f, want above 0.7", seed, r2)
		} else {
			t.Logf("seed %d: R² %.3f", seed, r2)
		}
	}
}

// weekly is a series with a pattern of seven steps and noise.
func weekly(n int, noise float64, seed uint64) []float64 {
	g := rng.New(seed).At("weekly").Rand()
	y := make([]float64, n)
	for i := range y {
		y[i] = []float64{10, 12, 11, 15, 9, 2, 1}[i%7] + noise*g.NormFloat64()
	}
	return y
}

// TestLSTMIsToldTheSeason: a window of two values, equal in noise, does not say what day
// it is; the season does.
func TestLSTMIsToldTheSeason(t *testing.T) {
	y := weekly(300, 1.5, 1)
	l := LSTM{Window: 2, Hidden: 8, Epochs: 60, Rate: 0.01}
	without := oneStepR2(t, fitted(t, l, y[:200]), y, 200)
	l.Season = 7
	with := oneStepR2(t, fitted(t, l, y[:200]), y, 200)
	best := 1 - 1.5*1.5/num.Variance(y) // the noise is all that is left
	if !(with > without+0.05) || !(with > best-0.06) {
		t.Errorf("R² %.3f with the season, %.3f without; %.3f is to be had", with, without, best)
	}
}

// TestLSTMPoolsSeries: ten short series teach one net what each alone does not.
func TestLSTMPoolsSeries(t *testing.T) {
	var series [][]float64
	for k := range 10 {
		y := weekly(60, 1, uint64(k))
		for i := range y {
			y[i] = (y[i] + 5) * math.Pow(3, float64(k)) // each of its own size
		}
		series = append(series, y)
	}
	l := LSTM{Window: 7, Hidden: 8, Epochs: 40}
	fresh := weekly(200, 1, 99)
	alone := oneStepR2(t, fitted(t, l, series[0]), fresh, 60)
	pooled := oneStepR2(t, fitted(t, l, series...), fresh, 60)
	if !(pooled > alone+0.02) || !(pooled > 0.85) {
		t.Errorf("R² %.3f from ten series, %.3f from one", pooled, alone)
	}
}

// TestLSTMKnowsWhenToStop: there is nothing to learn from noise, and a net that goes
// through a hundred values of it a hundred times learns them by heart.
func TestLSTMKnowsWhenToStop(t *testing.T) {
	g := rng.New(4).Rand()
	y := make([]float64, 500)
	for i := range y {
		y[i] = g.NormFloat64()
	}
	m := fitted(t, LSTM{Window: 7, Hidden: 16}, y[:100])
	if r2 := oneStepR2(t, m, y, 100); !(r2 > -0.15) {
		t.Errorf("R² %.3f", r2)
	}
	l := LSTM{Window: 7, Hidden: 16}.defaults()
	r := recursion{name: "test", window: 7}
	train, err := r.learnable([][]float64{y[:100]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	net, err := l.learn(context.Background(), train, windows{})
	if err != nil {
		t.Fatal(err)
	}
	m.(*recursed).step = net // all hundred epochs
	if r2 := oneStepR2(t, m, y, 100); !(r2 < -0.3) {
		t.Errorf("R² %.3f of a net that knows too much: this test says nothing", r2)
	}
}

func TestLSTMSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	y := weekly(120, 1, 3)
	y[50], y[51] = math.NaN(), math.NaN()
	before := slices.Clone(y)
	l := LSTM{Window: 10, Hidden: 9, Layers: 2, Epochs: 3, Batch: 50, Season: 7, Differences: 1, L2: 0.01, Seed: rng.New(1)}
	var want Path
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		got, err := fitted(t, l, y, y[:60]).Forecast(context.Background(), y, 9, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if procs == 1 {
			want = got
		}
		samePath(t, got, want, 0, fmt.Sprintf("on %d cores", procs))
	}
	other, err := fitted(t, l.WithSeed(rng.New(2)), y, y[:60]).Forecast(context.Background(), y, 9, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(other.Mean, want.Mean) {
		t.Error("another seed, the same forecast")
	}
	if !slices.EqualFunc(y, before, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }) {
		t.Error("the series was changed")
	}
}

// TestLSTMStops hears a context that ends while the net is trained.
func TestLSTMStops(t *testing.T) {
	seen := &tasks{}
	ctx, cancel := context.WithCancel(par.WithProgress(context.Background(), seen))
	seen.after = func(n int) {
		if n == 2 {
			cancel()
		}
	}
	if _, err := (LSTM{Epochs: 1 << 20}).Fit(ctx, weekly(60, 1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if seen.name != (LSTM{}).Name() || seen.steps != 2 {
		t.Errorf("%d steps of %q", seen.steps, seen.name)
	}
	m := fitted(t, LSTM{Epochs: 1}, weekly(60, 1, 1))
	if _, err := m.Forecast(ctx, weekly(60, 1, 1), 1, 0.9); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// tasks is a progress that counts steps.
type tasks struct {
	name  string
	steps int
	after func(n int)
}

func (p *tasks) Start(name string, _ int) par.Task { p.name = name; return p }
func (p *tasks) Done()                             {}
func (p *tasks) Add(n int) {
	p.steps += n
	p.after(p.steps)
}

func TestLSTMRefuses(t *testing.T) {
	y := weekly(60, 1, 1)
	for want, l := range map[string]LSTM{
		"Window is -1":      {Window: -1},
		"Window is 10001":   {Window: 10001},
		"Hidden is 5000":    {Hidden: 5000},
		"Layers is -1":      {Layers: -1},
		"Epochs is -1":      {Epochs: -1},
		"Rate is NaN":       {Rate: math.NaN()},
		"Batch is -2":       {Batch: -2},
		"L2 is -1":          {L2: -1},
		"Season is 1":       {Season: 1},
		"Differences is 3":  {Differences: 3},
		"HoldOut is 1":      {HoldOut: 1},
		"Ahead is -1":       {Ahead: -1},
		"want at least 72":  {Window: 70},
		"lower Rate":        {Rate: 1e38, Epochs: 3},
		"has no log(1 + y)": {Log: true},
	} {
		series := y
		if l.Log {
			series = append(slices.Clone(y), -1)
		}
		if _, err := l.Fit(context.Background(), series); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "forecast: ") {
			t.Errorf("%+v: error %v; want one with %q", l, err, want)
		}
	}
}

// BenchmarkLSTM fits one net to ten series of 92 days, as the downtime data are.
func BenchmarkLSTM(b *testing.B) {
	var series [][]float64
	for k := range 10 {
		series = append(series, weekly(92, 1, uint64(k)))
	}
	for _, hidden := range []int{16, 32} {
		b.Run(fmt.Sprintf("series=10/days=92/window=14/hidden=%d/epochs=100", hidden), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fitted(b, LSTM{Hidden: hidden, Epochs: 100}, series...)
			}
		})
	}
}
