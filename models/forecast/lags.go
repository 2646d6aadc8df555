package forecast

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/histtree"
)

// Lags forecasts by a learner of tables: a row is a time, its features the values so many
// steps before (columns "lag 1", "lag 2", …) and, with Season, the place in the season as
// a category ("season"); the target is the value of that time. Steps beyond the first
// take forecasts for values. With trees it answers with means of values that it has met:
// a series that grows wants Differences. The zero value boosts on fourteen lags; with
//
//	forecast.Lags{Learner: forecast.Tree{}}
//
// it is a regression tree. Any other models.RegressionLearner serves that takes these
// columns; one that wants numbers alone is for series without Season.
//
// Gaps, scaling, intervals and Pooled are as those of LSTM.
type Lags struct {
	Learner     models.RegressionLearner // nil means histtree.Boost{}
	Lags        []int                    // steps back, rising, each 1 to 10000; nil means 1 … Window
	Window      int                      // the longest lag where Lags is nil; 0 means 14
	Season      int                      // steps of a season, at least 2; 0 means none
	Differences int                      // how often the series is differenced first, at most 2; 0 means never
	Log         bool                     // learn log(1 + y), for counts; forecasts are then medians rather than means
	HoldOut     float64                  // share of each series that measures errors, in (0, 1); 0 means 0.2
	Ahead       int                      // steps ahead whose errors are measured apart, at least 1; 0 means 7
}

// Name is the learner's with its lags: "gradient boosting on lags 1-14, season 7".
func (l Lags) Name() string {
	l = l.defaults()
	text := make([]string, len(l.Lags))
	run := true
	for i, lag := range l.Lags {
		text[i] = strconv.Itoa(lag)
		run = run && lag == i+1
	}
	lags := strings.Join(text, ", ")
	if run && len(text) > 2 {
		lags = "1-" + text[len(text)-1]
	}
	return l.Learner.Name() + " on lags " + lags + changes(l.Season, l.Differences, l.Log)
}

// Fit learns from one series: at least the longest lag + Differences + 2 values.
func (l Lags) Fit(ctx context.Context, y []float64) (Model, error) {
	return l.FitAll(ctx, [][]float64{y})
}

// FitAll learns one table of several series, each of which is long enough for Fit.
func (l Lags) FitAll(ctx context.Context, series [][]float64) (Model, error) {
	l = l.defaults()
	for i, lag := range l.Lags {
		if lag < 1 || lag > mostWindow || i > 0 && lag <= l.Lags[i-1] {
			return nil, fmt.Errorf("forecast: Lags is %d; want rising numbers of 1 to %d", l.Lags, mostWindow)
		}
	}
	r := recursion{name: l.Name(), window: l.Window, differences: l.Differences, log: l.Log, holdOut: l.HoldOut, ahead: l.Ahead}
	if n := len(l.Lags); n > 0 {
		r.window = l.Lags[n-1]
	} else if l.Lags != nil {
		return nil, fmt.Errorf("forecast: Lags is []; want at least one, or nil for 1 to Window")
	}
	if err := r.check(l.Season); err != nil {
		return nil, err
	}
	m, err := r.fitAll(ctx, series, l.learn)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (l Lags) defaults() Lags {
	if l.Learner == nil {
		l.Learner = histtree.Boost{}
	}
	if l.Window == 0 {
		l.Window = 14
	}
	if l.Lags == nil && l.Window <= mostWindow {
		for lag := 1; lag <= l.Window; lag++ {
			l.Lags = append(l.Lags, lag)
		}
	}
	if l.HoldOut == 0 {
		l.HoldOut = 0.2
	}
	if l.Ahead == 0 {
		l.Ahead = 7
	}
	return l
}

// rows are the windows as a table, with the target "next" where it is known.
func (l Lags) rows(w windows) table.View {
	columns := make([]table.Column, 0, len(l.Lags)+2)
	for _, lag := range l.Lags {
		x := make([]float64, w.len())
		for i := range x {
			x[i] = w.values[(i+1)*w.width-lag]
		}
		columns = append(columns, table.Float(fmt.Sprint("lag ", lag), "", x))
	}
	if l.Season > 0 {
		digits := len(strconv.Itoa(l.Season - 1))
		levels, codes := make([]string, l.Season), make([]int32, w.len())
		for k := range levels {
			levels[k] = fmt.Sprintf("%0*d", digits, k)
		}
		for i, place := range w.place {
			codes[i] = int32(place%l.Season) + 1
		}
		columns = append(columns, table.Code("season", codes, levels))
	}
	if w.next == nil {
		return table.Must(table.New("lags", columns...)).View()
	}
	return table.Must(table.New("lags", append(columns, table.Float("next", "", w.next).As(table.Label))...)).View().WithTarget("next")
}

// learn fits the learner to windows.
func (l Lags) learn(ctx context.Context, w, _ windows) (oneStep, error) {
	m, err := l.Learner.FitRegression(ctx, l.rows(w))
	if err != nil {
		return nil, fmt.Errorf("forecast: %w", err)
	}
	return lagged{l, m}, nil
}

// lagged is a fitted learner of lags.
type lagged struct {
	Lags
	model models.Regressor
}

func (l lagged) next(ctx context.Context, w windows) ([]float64, error) {
	next, err := l.model.Estimate(ctx, l.rows(windows{width: w.width, values: w.values, place: w.place}))
	if err != nil {
		return nil, fmt.Errorf("forecast: %w", err)
	}
	return next, nil
}
