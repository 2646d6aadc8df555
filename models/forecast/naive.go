package forecast

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/num"
)

// Naive forecasts the last value, or the last of the same place in the season (the same
// weekday): the floor that each forecaster must clear. A gap leaves the value before it
// standing, one season back where there is a season. In other words ARIMA(0,1,0), or
// ARIMA(0,0,0)(0,1,0)[s].
//
// Intervals are normal with variance σ²·k, k the steps or seasons between a value and its
// forecast (Hyndman, Athanasopoulos 2021, sec. 5.5); σ² is the mean square of differences
// in training, those over k steps divided by k.
type Naive struct {
	Season int // 0 or 1: the last value; 7: the same weekday of days
}

// Name is "naive" or "seasonal naive [7]".
func (n Naive) Name() string {
	if n.Season > 1 {
		return fmt.Sprintf("seasonal naive [%d]", n.Season)
	}
	return "naive"
}

// Fit needs two values at the same place of the season.
func (n Naive) Fit(_ context.Context, y []float64) (Model, error) {
	s, err := season(n.Name(), n.Season)
	if err != nil {
		return nil, err
	}
	if _, err := checkSeries(n.Name(), y, 2); err != nil {
		return nil, err
	}
	sum, pairs := 0.0, 0
	for t, v := range y {
		if b := before(y, t-s, s); !math.IsNaN(v) && b >= 0 {
			sum += (v - y[b]) * (v - y[b]) / float64((t-b)/s)
			pairs++
		}
	}
	if pairs == 0 {
		return nil, fmt.Errorf("forecast: %s: no two of %d values stand at the same place of the season; want a longer series", n.Name(), len(y))
	}
	return naiveModel{n, s, sum / float64(pairs)}, nil
}

// before is the last t at or before from, in steps of s, that is no gap; negative for none.
func before(y []float64, from, s int) int {
	for from >= 0 && math.IsNaN(y[from]) {
		from -= s
	}
	return from
}

// season is the length of a Season field, 1 for none.
func season(name string, s int) (int, error) {
	if s < 0 {
		return 0, fmt.Errorf("forecast: %s: Season is %d; want at least 2, or 0 for none", name, s)
	}
	return max(1, s), nil
}

type naiveModel struct {
	Naive
	season int
	sigma2 float64
}

func (m naiveModel) Forecast(_ context.Context, history []float64, h int, level float64) (Path, error) {
	if err := checkAsk(m.Name(), history, h, level, 1); err != nil {
		return Path{}, err
	}
	z := -num.NormalQuantile((1 - level) / 2)
	mean, half := make([]float64, h), make([]float64, h)
	for i := range h {
		t := len(history) + i
		back := (i/m.season + 1) * m.season
		b := before(history, t-back, m.season)
		if b < 0 {
			return Path{}, fmt.Errorf("forecast: %s: the history of %d values has none at the place of step %d; want a longer one", m.Name(), len(history), i+1)
		}
		mean[i] = history[b]
		half[i] = z * math.Sqrt(m.sigma2*float64((t-b)/m.season))
	}
	return around(mean, level, func(h int) float64 { return half[h-1] }), nil
}
