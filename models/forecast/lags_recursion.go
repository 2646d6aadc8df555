package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
)

// recursion makes forecasts of any number of steps out of a learner of one step: what it
// answers is taken for the value, and the next step asked for. LSTM and Lags share it.
//
// A gap carries the last value before it forward: the learner sees that as input, and is
// never asked to learn it. (To interpolate would show a window the value it is to learn.)
// Values are scaled by a mean and standard deviation, taken from values that are no gaps,
// after Log and Differences: those of the series that it was fitted to, or, if these were
// several, each history's own up to the origin.
type recursion struct {
	name        string
	window      int     // values that a step looks at
	differences int     // how often the series is differenced
	log         bool    // log(1 + y) is learnt
	holdOut     float64 // share of each series whose forecasts measure the errors
	ahead       int     // steps ahead whose errors are measured apart
}

// The most that recursions look back, and how often they difference.
const (
	mostWindow      = 10_000
	mostDifferences = 2
)

func (r recursion) check(season int) error {
	bad := func(field string, value any, want string) error {
		return fmt.Errorf("forecast: %s is %v; want %s", field, value, want)
	}
	switch {
	case r.window < 1 || r.window > mostWindow:
		return bad("Window", r.window, fmt.Sprintf("1 to %d values", mostWindow))
	case season < 0 || season == 1:
		return bad("Season", season, "at least 2 steps, or 0 for none")
	case r.differences < 0 || r.differences > mostDifferences:
		return bad("Differences", r.differences, "0, 1 or 2")
	case !(r.holdOut > 0 && r.holdOut < 1):
		return bad("HoldOut", r.holdOut, "a share in (0, 1)")
	case r.ahead < 1:
		return bad("Ahead", r.ahead, "at least 1 step")
	}
	return nil
}

// oneStep is a fitted learner: what follows each window, scaled.
type oneStep interface {
	next(ctx context.Context, w windows) ([]float64, error)
}

// levels goes h steps on from each past, on the scale of level.
func (r recursion) levels(ctx context.Context, s oneStep, pasts []past, h int) ([][]float64, error) {
	w := windows{width: r.window, values: make([]float64, len(pasts)*r.window), place: make([]int, len(pasts))}
	out, last := make([][]float64, len(pasts)), make([][]float64, len(pasts))
	for i, p := range pasts {
		for j, v := range p.values[len(p.values)-r.window:] {
			w.values[i*r.window+j] = p.scaled(v)
		}
		w.place[i] = p.start + len(p.values)
		out[i], last[i] = make([]float64, h), slices.Clone(p.last)
	}
	for k := range h {
		next, err := s.next(ctx, w)
		if err != nil {
			return nil, err
		}
		for i, z := range next {
			v := pasts[i].center + float64(pasts[i].spread*z)
			for d := r.differences - 1; d >= 0; d-- {
				last[i][d] += v
				v = last[i][d]
			}
			if v-v != 0 {
				return nil, fmt.Errorf("forecast: %s: numbers grew out of bounds %d steps ahead", r.name, k+1)
			}
			out[i][k] = v
			line := w.values[i*r.window : (i+1)*r.window]
			copy(line, line[1:])
			line[r.window-1] = z
			w.place[i]++
		}
	}
	return out, nil
}

// recursed is a fitted recursion.
type recursed struct {
	recursion
	step oneStep
	band residualBand // in units of a past
	own  *past        // whose scale is that of every history; nil where each has its own
}

// pasts are those of the recursion, under the fit's scale if it has one.
func (m *recursed) pasts(y []float64, origins []int) ([]past, error) {
	pasts, err := m.recursion.pasts(y, origins)
	if m.own != nil {
		for i := range pasts {
			pasts[i].center, pasts[i].spread, pasts[i].unit = m.own.center, m.own.spread, 1
		}
	}
	return pasts, err
}

// keep makes the scale of the one series that it is fitted to that of every history.
func (m *recursed) keep(series [][]float64) error {
	if len(series) > 1 {
		return nil
	}
	pasts, err := m.recursion.pasts(series[0], []int{len(series[0])})
	if err == nil {
		m.own = &pasts[0]
	}
	return err
}

// fitAll learns twice: from all but the last holdOut of each series, whose forecasts from
// each of their origins then give the errors by steps ahead that intervals are made of;
// and from everything, which is what forecasts. The first time fit is given the held-out
// windows too, to choose settings by, the second time none.
func (r recursion) fitAll(ctx context.Context, series [][]float64, fit func(ctx context.Context, train, held windows) (oneStep, error)) (*recursed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(series) == 0 {
		return nil, fmt.Errorf("forecast: %s: no series to fit on", r.name)
	}
	need := r.window + r.differences + 2 // a window to learn from, and a value to be held out
	heads, tails := make([][]float64, len(series)), make([]int, len(series))
	for k, y := range series {
		if _, err := checkSeries(r.name, y, 1); err != nil {
			return nil, err
		}
		n := len(y) - firstKnown(y)
		if n < need {
			return nil, fmt.Errorf("forecast: %s: series %d of %d has %d values from the first that is no gap; want at least %d", r.name, k+1, len(series), n, need)
		}
		tails[k] = min(max(1, int(math.Round(r.holdOut*float64(n)))), n-need+1)
		heads[k] = y[:len(y)-tails[k]]
	}
	learn := func(series [][]float64, held windows) (oneStep, error) {
		w, err := r.learnable(series, nil)
		if err != nil {
			return nil, err
		}
		if w.len() == 0 {
			return nil, fmt.Errorf("forecast: %s: every window of %d values is followed by a gap", r.name, r.window)
		}
		return fit(ctx, w, held)
	}
	held, err := r.learnable(series, tails)
	if err != nil {
		return nil, err
	}
	step, err := learn(heads, held)
	if err != nil {
		return nil, err
	}
	m := &recursed{recursion: r, step: step}
	if err := m.keep(heads); err != nil {
		return nil, err
	}
	errors, err := m.errors(ctx, series, tails)
	if err != nil {
		return nil, err
	}
	m.band = newResidualBand(errors...)
	if m.step, err = learn(series, windows{}); err != nil {
		return nil, err
	}
	return m, m.keep(series)
}

// errors are those of forecasts from each origin of the tails, by steps ahead, in units
// of what was known at the origin.
func (m *recursed) errors(ctx context.Context, series [][]float64, tails []int) ([][]float64, error) {
	errors := make([][]float64, m.ahead)
	for k, y := range series {
		origins := make([]int, tails[k])
		for i := range origins {
			origins[i] = len(y) - tails[k] + i
		}
		pasts, err := m.pasts(y, origins)
		if err != nil {
			return nil, err
		}
		levels, err := m.levels(ctx, m.step, pasts, min(m.ahead, tails[k]))
		if err != nil {
			return nil, err
		}
		for i, o := range origins {
			for h := 0; h < m.ahead && o+h < len(y); h++ {
				errors[h] = append(errors[h], (m.level(y[o+h])-levels[i][h])/pasts[i].unit)
			}
		}
	}
	for len(errors) > 1 && len(errors[len(errors)-1]) == 0 { // no tail is so long
		errors = errors[:len(errors)-1]
	}
	return errors, nil
}

func (m *recursed) Forecast(ctx context.Context, history []float64, h int, level float64) (Path, error) {
	paths, err := m.ForecastEach(ctx, history, []int{len(history)}, h, level)
	if err != nil {
		return Path{}, err
	}
	return paths[0], nil
}

// ForecastEach asks the learner for one step of all origins at a time.
func (m *recursed) ForecastEach(ctx context.Context, history []float64, origins []int, h int, level float64) ([]Path, error) {
	if err := checkAsk(m.name, history, h, level, 1); err != nil {
		return nil, err
	}
	if err := checkOrigins(m.name, origins, len(history)); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	pasts, err := m.pasts(history, origins)
	if err != nil {
		return nil, err
	}
	levels, err := m.levels(ctx, m.step, pasts, h)
	if err != nil {
		return nil, err
	}
	out := make([]Path, len(pasts))
	par.Do(len(out), func(i int) {
		out[i] = around(levels[i], level, func(h int) float64 { return float64(pasts[i].unit * m.band.halfWidth(h, level)) })
		if m.log {
			for _, x := range [][]float64{out[i].Mean, out[i].Low, out[i].High} {
				for k, v := range x {
					x[k] = math.Expm1(v)
				}
			}
		}
	})
	return out, nil
}
