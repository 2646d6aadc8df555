package forecast

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

// KPSS is statsmodels.tsa.stattools.kpss(y, "c", nlags).
func TestKPSS(t *testing.T) {
	for _, c := range loadARIMA(t).Kpss {
		near(t, KPSS(c.Y, c.Lags), c.Stat, 1e-12, "%s", c.Name)
	}
	if got := KPSS([]float64{2, 2, 2}, 1); !math.IsNaN(got) {
		t.Errorf("a constant series: %v", got)
	}
}

func fitAuto(t *testing.T, a AutoARIMA, y []float64) *ARIMAModel {
	t.Helper()
	m, err := a.Fit(context.Background(), y)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*ARIMAModel)
}

// The order chosen has the least AICc of all that a full fit of each gives.
func TestAutoARIMAIsTheLeastAICc(t *testing.T) {
	g := rng.New(11).Rand()
	for trial := range 6 {
		y := simulate(g, ARIMA{P: 1, Q: 1}.system([]float64{0.6, 0.3 - 0.2*float64(trial)}, false), 80)
		if trial%2 == 1 {
			for i := 1; i < len(y); i++ {
				y[i] += y[i-1]
			}
		}
		got := fitAuto(t, AutoARIMA{}, y)
		best := math.Inf(1)
		base := ARIMA{D: got.order.D}
		for _, a := range base.orders(3, 3) {
			m, err := a.fit(context.Background(), y)
			if err != nil {
				t.Fatal(err)
			}
			if m.inside() {
				best = min(best, m.AICc())
			}
		}
		near(t, got.AICc(), best, 1e-5, "trial %d: %s", trial, got.Name())
	}
}

// Over twenty series AICc finds the process that made them more often than any other.
func TestAutoARIMAFindsThePlanted(t *testing.T) {
	for _, c := range []struct {
		s     system
		shift float64
		walk  bool
		want  string
	}{
		{ARIMA{P: 2}.system([]float64{1.2, -0.7}, false), 50, false, "ARIMA(2,0,0)"},
		{ARIMA{Q: 1}.system([]float64{0.7}, false), 0, false, "ARIMA(0,0,1) without mean"},
		{ARIMA{}.system(nil, false), 0.5, true, "ARIMA(0,1,0) with drift"},
	} {
		found := map[string]int{}
		for i := range 20 {
			y := simulate(rng.New(uint64(i)).At(c.want).Rand(), c.s, 150)
			for t := range y {
				y[t] += c.shift
				if c.walk && t > 0 {
					y[t] += y[t-1]
				}
			}
			found[fitAuto(t, AutoARIMA{MaxP: 2, MaxQ: 2}, y).Name()]++
		}
		for name, n := range found {
			if name != c.want && n >= found[c.want]/2 {
				t.Errorf("%s found in %d of 20, %s in %d", c.want, found[c.want], name, n)
			}
		}
	}
}

func TestAutoARIMADegenerate(t *testing.T) {
	nan := math.NaN()
	five := func(v float64) []float64 { return []float64{v, v, v, v, v} }
	for _, c := range []struct {
		y    []float64
		want string
	}{
		{five(0), "ARIMA(0,0,0)"}, {five(1e9), "ARIMA(0,0,0)"}, {[]float64{3, nan, 3, nan, nan, 3}, "ARIMA(0,0,0)"}, {[]float64{1, 2, 4}, "ARIMA(0,0,0)"},
	} {
		m := fitAuto(t, AutoARIMA{}, c.y)
		if !strings.HasPrefix(m.Name(), c.want) {
			t.Errorf("%v: %s, want %s", c.y, m.Name(), c.want)
		}
		p, err := m.Forecast(context.Background(), c.y, 2, 0.9)
		if err != nil || !(p.High[1]-p.Low[1] >= 0) {
			t.Errorf("%v: %+v %v", c.y, p, err)
		}
		if c.y[0] == c.y[len(c.y)-1] && !(p.Mean[1] == c.y[0] && p.Low[1] == p.High[1]) {
			t.Errorf("a constant series continues as %+v", p)
		}
	}
	for _, y := range [][]float64{nil, {1, 2}, {nan, nan, nan, 1}} {
		if _, err := (AutoARIMA{}).Fit(context.Background(), y); err == nil || !strings.Contains(err.Error(), "want at least 3") {
			t.Errorf("%v: %v", y, err)
		}
	}
	if _, err := (AutoARIMA{MaxP: -2}).Fit(context.Background(), five(1)); err == nil || !strings.Contains(err.Error(), "MaxP is -2") {
		t.Errorf("MaxP -2: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (AutoARIMA{}).Fit(ctx, benchSeries(92)); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

// Same bytes at 1, 2 and 7 cores.
func TestAutoARIMACores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	y := benchSeries(92)
	y[40] = math.NaN()
	var want *ARIMAModel
	for _, cores := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(cores)
		got := fitAuto(t, AutoARIMA{}, y)
		got.y[40] = 0
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("at %d cores %+v, want %+v", cores, got, want)
		}
	}
}

func ExampleAutoARIMA() {
	g := rng.New(3).Rand()
	y := make([]float64, 120)
	for t := 1; t < len(y); t++ {
		y[t] = y[t-1] + 0.1 + 0.3*g.NormFloat64()
	}
	m, _ := AutoARIMA{}.Fit(context.Background(), y)
	fmt.Println(m.(*ARIMAModel).Name())
	// Output: ARIMA(1,1,0) with drift
}
