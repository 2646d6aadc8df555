package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
)

// Series is one series of several, with its name: a host, a sensor.
type Series struct {
	Name string
	Y    []float64 // evenly spaced, oldest first, NaN for gaps
}

// Rolling evaluates forecasters as they would have been used: from each of many origins
// it forecasts with what came before and compares with what came then (Tashman 2000). The
// zero value starts at half of the shortest series, goes on value by value, refits each
// time, and looks one step ahead at 95 %.
//
// Several series are taken to run side by side: a Pooled forecaster learns from all of
// them up to an origin, any other from each alone.
type Rolling struct {
	Name    string  // stands first in the names of measures; "" means "forecast"
	First   int     // values the first forecast sees, at least 1; 0 means half of the shortest series
	Every   int     // steps between origins; 0 means 1
	Refit   int     // parameters are learnt anew at every Refit-th origin; 0 means 1, -1 at the first only
	Horizon int     // steps ahead; 0 means 1
	Level   float64 // of intervals, in (0, 1); 0 means 0.95
	Season  int     // of the naive forecasts that scale MASE; 0 means 1, the last value
}

func (r Rolling) resolve(series []Series) (Rolling, error) {
	if len(series) == 0 {
		return r, fmt.Errorf("forecast: rolling: no series; want at least one")
	}
	shortest := math.MaxInt
	for _, s := range series {
		shortest = min(shortest, len(s.Y))
	}
	orElse := func(v *int, standard int) {
		if *v == 0 {
			*v = standard
		}
	}
	if r.Name == "" {
		r.Name = "forecast"
	}
	if r.Level == 0 {
		r.Level = 0.95
	}
	orElse(&r.First, max(1, shortest/2))
	orElse(&r.Every, 1)
	orElse(&r.Refit, 1)
	orElse(&r.Horizon, 1)
	orElse(&r.Season, 1)
	for _, f := range []struct {
		field string
		value int
	}{{"First", r.First}, {"Every", r.Every}, {"Refit", r.Refit}, {"Horizon", r.Horizon}, {"Season", r.Season}} {
		if f.value < 1 && !(f.field == "Refit" && f.value == -1) {
			return r, fmt.Errorf("forecast: rolling: %s is %d; want at least 1, or 0 for the default", f.field, f.value)
		}
	}
	if !(r.Level > 0 && r.Level < 1) {
		return r, fmt.Errorf("forecast: rolling: Level is %v; want a probability between 0 and 1, such as 0.95", r.Level)
	}
	for _, s := range series {
		if len(s.Y) <= r.First {
			return r, fmt.Errorf("forecast: rolling: series %q has %d values and the first forecast sees %d; want a smaller First or a longer series", s.Name, len(s.Y), r.First)
		}
	}
	return r, nil
}

// origins are the numbers of values seen: the last leaves one to compare with.
func (r Rolling) origins(n int) []int {
	var out []int
	for o := r.First; o < n; o += r.Every {
		out = append(out, o)
	}
	return out
}

// block is the origins from one fit to the next.
func (r Rolling) block(origins int) int {
	if r.Refit < 0 {
		return max(1, origins)
	}
	return r.Refit
}

// Run is what one forecaster said about one series.
type Run struct {
	Origins []int  // numbers of values seen
	Paths   []Path // one an origin, Horizon steps each
}

// Evaluate rolls every forecaster over every series, fits and forecasts from different
// origins side by side on all cores; the result does not depend on their number.
// Forecasters have distinct names, and so have series. The first error ends it and names
// forecaster, series and origin.
func (r Rolling) Evaluate(ctx context.Context, series []Series, forecasters ...Forecaster) (Backtest, error) {
	r, err := r.resolve(series)
	if err != nil {
		return Backtest{}, err
	}
	names := make([]string, len(forecasters))
	for i, f := range forecasters {
		if names[i] = f.Name(); slices.Contains(names[:i], names[i]) {
			return Backtest{}, fmt.Errorf("forecast: rolling: two forecasters are named %q; want settings that tell them apart", names[i])
		}
	}
	for i, s := range series {
		if slices.ContainsFunc(series[:i], func(o Series) bool { return o.Name == s.Name }) {
			return Backtest{}, fmt.Errorf("forecast: rolling: two series are named %q", s.Name)
		}
	}
	b := Backtest{Rolling: r, Forecasters: names, Series: series, Runs: make([][]Run, len(forecasters))}
	var jobs []rollJob
	for i, f := range forecasters {
		b.Runs[i] = make([]Run, len(series))
		longest := 0
		for s := range series {
			origins := r.origins(len(series[s].Y))
			b.Runs[i][s] = Run{origins, make([]Path, len(origins))}
			longest = max(longest, len(origins))
			if !pools(f, series) {
				for lo := 0; lo < len(origins); lo += r.block(len(origins)) {
					jobs = append(jobs, rollJob{f, b.Runs[i], s, lo, lo + r.block(len(origins))})
				}
			}
		}
		if pools(f, series) {
			for lo := 0; lo < longest; lo += r.block(longest) {
				jobs = append(jobs, rollJob{f, b.Runs[i], -1, lo, lo + r.block(longest)})
			}
		}
	}
	task := par.Track(ctx, "rolling origins", len(jobs))
	defer task.Done()
	_, err = par.Map(ctx, len(jobs), func(ctx context.Context, i int) (struct{}, error) {
		defer task.Add(1)
		return struct{}{}, jobs[i].run(ctx, r, series)
	})
	if err != nil {
		return Backtest{}, err
	}
	return b, nil
}

func pools(f Forecaster, series []Series) bool {
	_, pooled := f.(Pooled)
	return pooled && len(series) > 1
}

// rollJob is one fit and the forecasts from the origins lo ≤ i < hi after it.
type rollJob struct {
	f      Forecaster
	runs   []Run // a run a series, filled in place
	s      int   // the series; -1 for all of a Pooled forecaster
	lo, hi int
}

func (j rollJob) run(ctx context.Context, r Rolling, series []Series) error {
	seen := r.First + j.lo*r.Every
	var m Model
	var err error
	from, to := j.s, j.s+1
	if j.s >= 0 {
		m, err = j.f.Fit(ctx, upTo(series[j.s].Y, seen))
	} else {
		from, to = 0, len(series)
		all := make([][]float64, len(series))
		for s := range series {
			all[s] = upTo(series[s].Y, seen)
		}
		m, err = j.f.(Pooled).FitAll(ctx, all)
	}
	if err != nil {
		return j.wrap(ctx, err, series, seen)
	}
	for s := from; s < to; s++ {
		run := j.runs[s]
		hi := min(j.hi, len(run.Origins))
		if j.lo >= hi {
			continue
		}
		paths, err := forecastEach(ctx, m, series[s].Y, run.Origins[j.lo:hi], r.Horizon, r.Level)
		if err != nil {
			return j.wrap(ctx, err, series, seen)
		}
		copy(run.Paths[j.lo:hi], paths)
	}
	return nil
}

func (j rollJob) wrap(ctx context.Context, err error, series []Series, seen int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	what := "all series"
	if j.s >= 0 {
		what = fmt.Sprintf("series %q", series[j.s].Name)
	}
	return fmt.Errorf("forecast: rolling: %s, %s, fitted to %d values: %w", j.f.Name(), what, seen, err)
}

// upTo is the first n values, or all there are, with no way to what comes behind them.
func upTo(y []float64, n int) []float64 {
	n = min(n, len(y))
	return y[:n:n]
}

// forecastEach forecasts from several origins, in one pass where the model can.
func forecastEach(ctx context.Context, m Model, y []float64, origins []int, h int, level float64) ([]Path, error) {
	if each, ok := m.(Each); ok {
		return each.ForecastEach(ctx, upTo(y, origins[len(origins)-1]), origins, h, level)
	}
	paths := make([]Path, len(origins))
	for i, o := range origins {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if paths[i], err = m.Forecast(ctx, upTo(y, o), h, level); err != nil {
			return nil, err
		}
	}
	return paths, nil
}
