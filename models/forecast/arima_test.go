package forecast

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"flowbook/internal/num"
)

type arimaCase struct {
	Name            string
	Y               []*float64
	Order, Seasonal []int
	Trend           string
	Params, Bse     []float64
	Llf, Exact      float64
	Aicc            float64
	Mean, Low, High []float64
}

func (c arimaCase) series() []float64 { return fromNull(c.Y) }

func fromNull(y []*float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = math.NaN()
		if v != nil {
			out[i] = *v
		}
	}
	return out
}

func (c arimaCase) arima() ARIMA {
	o, s := c.Order, c.Seasonal
	return ARIMA{o[0], o[1], o[2], s[3], s[0], s[1], s[2], map[string]Trend{"n": NoTrend, "c": Constant, "t": Linear, "ct": Linear}[c.Trend]}
}

type arimaGolden struct {
	Cases []arimaCase
	Kpss  []struct {
		Name string
		Y    []float64
		Lags int
		Stat float64
	}
}

func loadARIMA(t testing.TB) (g arimaGolden) {
	t.Helper()
	raw, err := os.ReadFile("testdata/arima.json")
	if err == nil {
		err = json.Unmarshal(raw, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func near(t *testing.T, got, want, tol float64, what string, args ...any) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf(what+": %.10g, want %.10g (off by %.2g)", append(args, got, want, got-want)...)
	}
}

// Log-likelihoods, coefficients, σ², standard errors, forecasts and intervals are those
// of statsmodels' ARIMA at the true maximum, on sixteen series.
func TestARIMAEqualsStatsmodels(t *testing.T) {
	for _, c := range loadARIMA(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			fitted, err := c.arima().Fit(context.Background(), c.series())
			if err != nil {
				t.Fatal(err)
			}
			m := fitted.(*ARIMAModel)
			near(t, m.LogLik(), c.Llf, 1e-6, "log-likelihood")
			near(t, m.LogLik(), c.Exact, 1e-8, "exact log-likelihood")
			if _, gaps := num.DropNaN(c.series()); gaps == 0 { // statsmodels counts gaps as observations
				near(t, m.AICc(), c.Aicc, 1e-6, "AICc")
			}
			got, k := m.Coefficients(), len(c.Params)-1
			se, seSigma := m.StdErr()
			if len(got) != k {
				t.Fatalf("coefficients %v, want %v", got, c.Params)
			}
			for i, g := range got {
				near(t, g.Value, c.Params[i], 1e-4, "%s", g.Name)
				near(t, se[i]/c.Bse[i], 1, 1e-3, "standard error of %s", g.Name)
			}
			near(t, m.Sigma2()/c.Params[k], 1, 1e-4, "sigma2")
			near(t, seSigma/c.Bse[k], 1, 1e-3, "standard error of sigma2")
			p, err := m.Forecast(context.Background(), c.series(), 10, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			for h := range 10 {
				near(t, p.Mean[h], c.Mean[h], 1e-4, "forecast %d", h+1)
				near(t, p.Low[h], c.Low[h], 1e-4, "low %d", h+1)
				near(t, p.High[h], c.High[h], 1e-4, "high %d", h+1)
			}
		})
	}
}

func TestARIMARefuses(t *testing.T) {
	y := make([]float64, 60)
	for i := range y {
		y[i] = float64(i * i % 7)
	}
	for _, c := range []struct {
		a    ARIMA
		y    []float64
		want string
	}{
		{ARIMA{P: -1}, y, "P is -1"},
		{ARIMA{D: 3}, y, "D is 3"},
		{ARIMA{SP: 1}, y, "Season is 0"},
		{ARIMA{Season: 1}, y, "Season is 1"},
		{ARIMA{D: 1, Trend: Constant}, y, "lost in differences"},
		{ARIMA{D: 2, Trend: Linear}, y, "second differences"},
		{ARIMA{P: 1, D: 1, Q: 1}, y[:4], "4 values that are not gaps; want at least 5"},
		{ARIMA{P: 1}, []float64{1, math.Inf(-1), 2, 3, 4}, "value 1 of 5 is infinite"},
		{ARIMA{}, []float64{math.NaN(), math.NaN()}, "0 values"},
		{ARIMA{}, nil, "0 values"},
	} {
		if _, err := c.a.Fit(context.Background(), c.y); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.a, err, c.want)
		}
	}
	m, err := ARIMA{D: 1}.Fit(context.Background(), y)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Forecast(context.Background(), []float64{math.NaN(), math.NaN()}, 1, .9); err == nil || !strings.Contains(err.Error(), "starting levels") {
		t.Errorf("a history of gaps: %v", err)
	}
	if _, err := m.Forecast(context.Background(), nil, 1, .9); err == nil {
		t.Error("an empty history is forecast")
	}
	if _, err := m.(*ARIMAModel).ForecastEach(context.Background(), y, []int{3, 3}, 1, .9); err == nil {
		t.Error("origins that do not rise are taken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (ARIMA{P: 2, Q: 1}).Fit(ctx, y); err != context.Canceled {
		t.Errorf("cancelled fit: %v", err)
	}
	if _, err := m.Forecast(ctx, y, 1, .9); err != context.Canceled {
		t.Errorf("cancelled forecast: %v", err)
	}
}
