package forecast

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

// Likelihoods, parameters, forecasts and intervals are those of statsmodels' ETSModel at
// the true maximum.
func TestSmoothingEqualsStatsmodels(t *testing.T) {
	raw, err := os.ReadFile("testdata/ets.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name             string
		Y, Params        []float64
		Trend, Damped    bool
		Season           int
		Llf, Own, Sigma2 float64
		Mean, Low, High  []float64
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			m, err := ExponentialSmoothing{Trend: c.Trend, Damped: c.Damped, Season: c.Season}.fit(context.Background(), c.Y)
			if err != nil {
				t.Fatal(err)
			}
			near(t, m.LogLik(), c.Llf, 1e-6, "log-likelihood")
			if !(m.LogLik() >= c.Own-1e-6) {
				t.Errorf("log-likelihood %v, and statsmodels' own optimiser finds %v", m.LogLik(), c.Own)
			}
			near(t, m.Sigma2()/c.Sigma2, 1, 1e-4, "sigma2")
			for i, g := range m.Coefficients() {
				near(t, g.Value, c.Params[i], 1e-4, "%s", g.Name)
			}
			p, err := m.Forecast(context.Background(), c.Y, len(c.Mean), 0.95)
			if err != nil {
				t.Fatal(err)
			}
			samePath(t, p, Path{Mean: c.Mean, Low: c.Low, High: c.High}, 1e-4, "forecast")
		})
	}
}

// Over ten series AICc chooses the form that made them more often than any other.
func TestAutoSmoothing(t *testing.T) {
	for _, c := range []struct {
		season int
		slope  float64
		want   string
	}{{0, 0, "ETS(A,N,N)"}, {0, 1, "ETS(A,A,N)"}, {7, 0, "ETS(A,N,A)[7]"}} {
		found := map[string]int{}
		for k := range 10 {
			g := rng.New(uint64(k)).At(c.want).Rand()
			y := make([]float64, 100)
			level := 50.0
			for i := range y {
				e := g.NormFloat64()
				y[i] = level + c.slope*float64(i) + e
				if c.season > 0 {
					y[i] += 4 * math.Sin(2*math.Pi*float64(i)/7)
				}
				level += 0.3 * e
			}
			m, err := AutoSmoothing{Season: 7}.Fit(context.Background(), y)
			if err != nil {
				t.Fatal(err)
			}
			found[m.(*SmoothingModel).Name()]++
		}
		for name, n := range found {
			if name != c.want && n >= found[c.want] {
				t.Errorf("%s found %d times where %s made the series: %v", name, n, c.want, found)
			}
		}
	}
}

func TestSmoothingDegenerate(t *testing.T) {
	nan := math.NaN()
	for _, y := range [][]float64{{4, 4, 4, 4, 4, 4}, {4, nan, 4, 4, nan, 4, 4, nan}, {0, 0, 0, 0, 0}} {
		for _, f := range []Forecaster{ExponentialSmoothing{}, AutoSmoothing{}, AutoSmoothing{Season: 7}} {
			if p := ahead(t, f, y, y, 2, .9); !(p.Mean[1] == y[0] && p.High[1] == p.Low[1]) {
				t.Errorf("%s: a constant %v goes on as %+v", f.Name(), y[0], p)
			}
		}
	}
	line := make([]float64, 12)
	for i := range line {
		line[i] = 3 + 2*float64(i)
	}
	p := ahead(t, AutoSmoothing{}, line, line, 3, .9)
	near(t, p.Mean[2], 3+2*14, 1e-9, "a line goes on")
	near(t, p.High[2]-p.Low[2], 0, 1e-9, "without error")
	for _, c := range []struct {
		f    Forecaster
		y    []float64
		want string
	}{
		{ExponentialSmoothing{}, []float64{1, 2, 3}, "3 values that are not gaps; want at least 4"},
		{ExponentialSmoothing{Season: 7}, make([]float64, 10), "want at least 11"},
		{ExponentialSmoothing{Season: 1}, line, "Season is 1"},
		{AutoSmoothing{Season: -3}, line, "Season is -3"},
		{AutoSmoothing{}, []float64{nan, nan}, "0 values"},
	} {
		if _, err := c.f.Fit(context.Background(), c.y); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.f.Name(), err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, f := range []Forecaster{ExponentialSmoothing{Trend: true}, AutoSmoothing{}} {
		if _, err := f.Fit(ctx, benchSeries(50)); err != context.Canceled {
			t.Errorf("%s cancelled: %v", f.Name(), err)
		}
	}
}

// Simple smoothing has the forecasts of ARIMA(0,1,1) with θ = α-1, and their variance.
func TestSimpleSmoothingIsARIMA011(t *testing.T) {
	y := benchSeries(60)
	m, err := ExponentialSmoothing{}.fit(context.Background(), y)
	if err != nil {
		t.Fatal(err)
	}
	m.w.alpha = 0.4
	long := append(append([]float64(nil), y...), y...) // so long that the start does not matter
	twin := &ARIMAModel{order: ARIMA{D: 1, Q: 1}, arma: []float64{0.4 - 1}, sigma2: m.sigma2}
	got, err := m.Forecast(context.Background(), long, 6, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	want, err := twin.Forecast(context.Background(), long, 6, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	samePath(t, got, want, 1e-9, "simple smoothing")
}

func ExampleAutoSmoothing() {
	y := make([]float64, 56)
	for t := range y {
		y[t] = 100 + float64(t) + 10*float64(t%7) + float64(t*t%5)
	}
	m, _ := AutoSmoothing{Season: 7}.Fit(context.Background(), y)
	p, _ := m.Forecast(context.Background(), y, 1, 0.9)
	fmt.Printf("%s: %.0f\n", m.(*SmoothingModel).Name(), p.Mean[0])
	// Output: ETS(A,A,A)[7]: 158
}
