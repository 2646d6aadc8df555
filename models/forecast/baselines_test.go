package forecast

import (
	"context"
	"math"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

func ahead(t *testing.T, f Forecaster, train, history []float64, h int, level float64) Path {
	t.Helper()
	m, err := f.Fit(context.Background(), train)
	if err != nil {
		t.Fatalf("%s: %v", f.Name(), err)
	}
	p, err := m.Forecast(context.Background(), history, h, level)
	if err != nil {
		t.Fatalf("%s: %v", f.Name(), err)
	}
	return p
}

func samePath(t *testing.T, got, want Path, tol float64, what string) {
	t.Helper()
	for h := range want.Mean {
		near(t, got.Mean[h], want.Mean[h], tol, "%s: mean %d", what, h+1)
		near(t, got.Low[h], want.Low[h], tol, "%s: low %d", what, h+1)
		near(t, got.High[h], want.High[h], tol, "%s: high %d", what, h+1)
	}
}

// Naive forecasts are those of ARIMA processes with nothing to fit, gaps and all.
func TestNaiveIsARandomWalk(t *testing.T) {
	g := rng.New(1).Rand()
	y := make([]float64, 70)
	for i := range y {
		y[i] = g.NormFloat64()*3 + float64(i%7)
		if i > 7 && g.IntN(6) == 0 {
			y[i] = math.NaN()
		}
	}
	y[69] = math.NaN()
	samePath(t, ahead(t, Naive{}, y, y, 20, .9), ahead(t, ARIMA{D: 1}, y, y, 20, .9), 1e-9, "naive")
	samePath(t, ahead(t, Naive{Season: 7}, y, y, 20, .9), ahead(t, ARIMA{Season: 7, SD: 1}, y, y, 20, .9), 1e-9, "seasonal naive")
}

// By hand: 1 2 | 3 6 | 5 _ with a season of 2 has means 3 and 4, deviations -2 0 2 and -2 2,
// so s² = 16/3 with 3 degrees of freedom; t_3(0.95) = 2.353363. Medians 3 and 4; left out
// one at a time, errors are |1-4|, |3-3|, |5-2| and |2-6|, |6-2|: 0 3 3 4 4.
func TestMeansByHand(t *testing.T) {
	y := []float64{1, 2, 3, 6, 5, math.NaN()}
	p := ahead(t, Mean{Season: 2}, y, y, 3, .9)
	for h, want := range []float64{3, 4, 3} {
		near(t, p.Mean[h], want, 0, "mean %d", h+1)
	}
	near(t, p.High[0]-p.Mean[0], 2.3533634*math.Sqrt(16./3*(1+1./3)), 1e-7, "half-width")
	near(t, p.High[1]-p.Mean[1], 2.3533634*math.Sqrt(16./3*(1+1./2)), 1e-7, "half-width")
	p = ahead(t, Median{Season: 2}, y, y[:1], 2, .5)
	near(t, p.Mean[0], 4, 0, "median")
	near(t, p.High[0]-p.Mean[0], 3, 0, "median's half-width") // ⌈6 × 0.5⌉ = 3rd of 0 3 3 4 4
	p = ahead(t, Mean{}, []float64{1, math.NaN(), 3}, nil, 1, .9)
	near(t, p.Mean[0], 2, 0, "mean of 1 and 3")
	if p = ahead(t, Mean{Season: 9}, y, y, 9, .9); !(p.Mean[3] == 1 && p.Mean[0] == 3.4 && math.IsNaN(p.High[3])) {
		t.Errorf("places seen once or never: %+v", p)
	}
}

func TestBaselinesRefuse(t *testing.T) {
	nan := math.NaN()
	for _, f := range []Forecaster{Naive{}, Naive{Season: 7}, Mean{}, Mean{Season: 7}, Median{}, Median{Season: 7}} {
		for _, y := range [][]float64{nil, {1}, {nan, nan, 4}, {1, 2, math.Inf(1)}} {
			if _, err := f.Fit(context.Background(), y); err == nil || !strings.HasPrefix(err.Error(), "forecast: "+f.Name()) {
				t.Errorf("%s of %v: %v", f.Name(), y, err)
			}
		}
	}
	if _, err := (Mean{Season: -1}).Fit(context.Background(), []float64{1, 2}); err == nil {
		t.Error("a season of -1")
	}
	if _, err := (Naive{Season: 7}).Fit(context.Background(), []float64{1, 2, 3}); err == nil || !strings.Contains(err.Error(), "same place") {
		t.Errorf("three days have no weekday twice: %v", err)
	}
}
