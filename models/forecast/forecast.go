// Package forecast answers: what comes next in a series, and how sure is that?
//
// A series is a slice of evenly spaced numbers, oldest first; NaN is a gap. A Forecaster
// learns parameters from one; its Model brings any history of the same kind up to date
// and says what follows it, with an interval.
//
//	m, err := forecast.ARIMA{P: 1, D: 1, Q: 1}.Fit(ctx, y[:60])
//	path, err := m.Forecast(ctx, y[:75], 7, 0.95) // parameters of sixty days, state after 75
//
// Which of several is best, and do their intervals hold? Rolling tries them from one day
// after another, each seeing only what came before:
//
//	b, err := forecast.Rolling{Horizon: 7, Refit: 7}.Evaluate(ctx, hosts, forecast.Naive{Season: 7}, forecast.AutoARIMA{})
//	surprise := b.Track(1, 0).Surprise // of the first host's values under the second: beyond ±1 outside its interval
package forecast

import "context"

// Forecaster is an unfitted model of a series: a value with exported settings whose
// zero value works.
type Forecaster interface {
	// Name says what it is, with the settings that tell two of a kind apart: "ARIMA(1,1,1)".
	Name() string
	// Fit learns from a series. Too few values, or infinite ones, are an error that says
	// how many are wanted or which it is; each Forecaster says what it does with gaps.
	Fit(ctx context.Context, y []float64) (Model, error)
}

// Pooled is a Forecaster that can learn one model from several series of a kind.
type Pooled interface {
	Forecaster
	FitAll(ctx context.Context, series [][]float64) (Model, error)
}

// Model is a fitted forecaster: immutable and safe for concurrent use.
type Model interface {
	// Forecast says what follows history in the next h steps, h at least 1, with
	// intervals that hold the value with the probability level, in (0, 1). Parameters
	// stay those of the fit; history may be longer, or another series of the same kind,
	// and begins at the same place of the season (the same weekday, say) as training.
	Forecast(ctx context.Context, history []float64, h int, level float64) (Path, error)
}

// Each is a Model that forecasts from many origins in one pass. Whoever rolls over a
// series asks for it, and calls Forecast where there is none.
type Each interface {
	// ForecastEach returns Forecast(ctx, history[:o], h, level) for each origin o, to
	// the bit. Origins rise strictly and lie in [1, len(history)].
	ForecastEach(ctx context.Context, history []float64, origins []int, h int, level float64) ([]Path, error)
}

// last is Forecast by way of ForecastEach: what follows the whole history.
func last(ctx context.Context, name string, m Each, history []float64, h int, level float64) (Path, error) {
	if len(history) == 0 {
		return Path{}, checkAsk(name, history, h, level, 1)
	}
	paths, err := m.ForecastEach(ctx, history, []int{len(history)}, h, level)
	if err != nil {
		return Path{}, err
	}
	return paths[0], nil
}

// Path is a forecast: one entry a step ahead.
type Path struct {
	Mean      []float64
	Low, High []float64 // ends of the interval; NaN where there is none
	Level     float64   // the probability with which the interval is to hold the value
}
