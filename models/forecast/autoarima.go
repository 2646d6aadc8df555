package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
)

// AutoARIMA is the ARIMA process with the least AICc, by the plan of Hyndman and Khandakar
// (2008): as many differences as the KPSS test asks for at 5 %, then every order with
// p + q at most 5, with and without a mean (a drift after one difference). Processes with a
// root within 0.001 of the unit circle are passed over, as there, and so are those with
// more parameters than a series can bear. Ties go to the process with fewer parameters,
// then to the smaller p. Unlike theirs the search is not stepwise.
//
// The fitted model is an *ARIMAModel; its Name says the order chosen. A constant series
// gives ARIMA(0,0,0). Time: some thirty short fits, on all cores.
type AutoARIMA struct {
	MaxP, MaxQ int // 0 means 3, -1 none
	MaxD       int // 0 means 2, -1 none

	Season, SP, SD, SQ int // seasonal orders, which are not searched; see ARIMA
}

// Name is "auto ARIMA", with the season where there is one.
func (a AutoARIMA) Name() string {
	if a.Season > 0 {
		return fmt.Sprintf("auto ARIMA(%d,%d,%d)[%d]", a.SP, a.SD, a.SQ, a.Season)
	}
	return "auto ARIMA"
}

func limit(field string, v, standard, top int) (int, error) {
	switch {
	case v == 0:
		return standard, nil
	case v == -1:
		return 0, nil
	case v < 0 || v > top:
		return 0, fmt.Errorf("forecast: auto ARIMA: %s is %d; want 1 to %d, 0 for %d, or -1 for none", field, v, top, standard)
	}
	return v, nil
}

// Fit needs three values and what seasonal differencing takes; orders that the length
// does not bear are not tried.
func (a AutoARIMA) Fit(ctx context.Context, y []float64) (Model, error) {
	maxP, err := limit("MaxP", a.MaxP, 3, 24)
	if err != nil {
		return nil, err
	}
	maxQ, err := limit("MaxQ", a.MaxQ, 3, 24)
	if err != nil {
		return nil, err
	}
	maxD, err := limit("MaxD", a.MaxD, 2, 2)
	if err != nil {
		return nil, err
	}
	base := ARIMA{Season: a.Season, SP: a.SP, SD: a.SD, SQ: a.SQ}
	if err := base.check(); err != nil {
		return nil, err
	}
	observed, err := checkSeries(a.Name(), y, base.need())
	if err != nil {
		return nil, err
	}
	base.D = differencesWanted(base.difference(y), maxD)
	for base.D > 0 && observed < base.need() {
		base.D--
	}
	if newLikelihood(base, y).exact() {
		return base.Fit(ctx, y)
	}
	candidates := base.orders(maxP, maxQ)
	task := par.Track(ctx, "orders of "+a.Name(), len(candidates))
	defer task.Done()
	rough, err := par.Map(ctx, len(candidates), func(ctx context.Context, i int) (*ARIMAModel, error) {
		defer task.Add(1)
		return candidates[i].roughFit(ctx, y, observed)
	})
	if err != nil {
		return nil, err
	}
	return finest(ctx, rough, y)
}

// orders lists the processes to try, those with fewer parameters first, then the smaller p.
func (a ARIMA) orders(maxP, maxQ int) []ARIMA {
	trends := []Trend{NoTrend}
	switch a.D + a.SD {
	case 0:
		trends = append(trends, Constant)
	case 1:
		trends = append(trends, Linear)
	}
	var out []ARIMA
	for size := range 5 + 2 {
		for p := 0; p <= maxP; p++ {
			for _, trend := range trends {
				c := a
				c.P, c.Trend = p, trend
				c.Q = size - p - c.regressors()
				if c.Q >= 0 && c.Q <= maxQ && p+c.Q <= 5 {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// roughFit is a fit good to some hundredths of AICc; nil where the series is too short or
// the process too near the unit circle.
func (a ARIMA) roughFit(ctx context.Context, y []float64, observed int) (*ARIMAModel, error) {
	if observed < a.need() {
		return nil, nil
	}
	l := newLikelihood(a, y)
	m := l.model(a.coefficients(roughly(ctx, l.objective(), l.starts(), min(4, 2*a.searched()))))
	if err := ctx.Err(); err != nil || !m.inside() || math.IsNaN(m.logLik) {
		return nil, err
	}
	return m, nil
}

// finest fits the processes that may be the best to the last digit and returns the best.
// Those that then touch the unit circle fall out, and the next may be the best.
func finest(ctx context.Context, rough []*ARIMAModel, y []float64) (Model, error) {
	rough = slices.DeleteFunc(rough, func(m *ARIMAModel) bool { return m == nil })
	for len(rough) > 0 {
		least := math.Inf(1)
		for _, m := range rough {
			least = min(least, m.AICc())
		}
		near := func(m *ARIMAModel) bool { return !(m.AICc() > least+0.1) }
		tried := slices.DeleteFunc(slices.Clone(rough), func(m *ARIMAModel) bool { return !near(m) })
		rough = slices.DeleteFunc(rough, near)
		fits, err := par.Map(ctx, len(tried), func(ctx context.Context, i int) (*ARIMAModel, error) {
			return tried[i].order.fit(ctx, y)
		})
		if err != nil {
			return nil, err
		}
		var best *ARIMAModel
		for _, m := range fits {
			if m.inside() && (best == nil || m.AICc() < best.AICc()-1e-6) {
				best = m
			}
		}
		if best != nil {
			return best, nil
		}
	}
	return nil, fmt.Errorf("forecast: auto ARIMA: no process fits the %d values", len(y))
}

// inside reports whether all roots keep 0.001 from the unit circle.
func (m *ARIMAModel) inside() bool {
	a := m.order
	sign, at := 1.0, 0
	for _, n := range []int{a.P, a.Q, a.SP, a.SQ} {
		phi, far := make([]float64, n), 1.0
		for k := range phi {
			far *= 1.001
			phi[k] = sign * far * m.arma[at+k]
		}
		if !stable(phi) {
			return false
		}
		at, sign = at+n, -sign
	}
	return true
}

// stable reports whether 1 - φ_1 z - φ_2 z² … has no root in the unit circle, by undoing
// Durbin and Levinson's recursion. It overwrites phi.
func stable(phi []float64) bool {
	last := make([]float64, len(phi))
	for k := len(phi) - 1; k >= 0; k-- {
		r := phi[k]
		if !(math.Abs(r) < 1) {
			return false
		}
		copy(last, phi[:k])
		for j := range k {
			phi[j] = (last[j] + float64(r*last[k-1-j])) / (1 - float64(r*r))
		}
	}
	return true
}
