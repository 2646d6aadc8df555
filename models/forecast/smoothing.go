package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/par"
)

// ExponentialSmoothing follows the level of a series, and where asked its slope and its
// season: the additive innovations form of Hyndman, Koehler, Ord and Snyder (2008, ch. 2),
//
//	y_t = l_{t-1} + φ b_{t-1} + s_{t-m} + e_t,  e_t ~ N(0, σ²)
//	l_t = l_{t-1} + φ b_{t-1} + α e_t,  b_t = φ b_{t-1} + β e_t,  s_t = s_{t-m} + γ e_t
//
// simple smoothing as it stands, Holt's with Trend, Holt and Winters' with Season. Fit
// maximises the likelihood with 0 < α < 1, 0 < β < α, 0 < γ < 1-α (each kept 1e-4 from
// its ends) and 0.8 ≤ φ ≤ 0.98, as statsmodels' ETSModel has it; the states at the start
// belong to the parameters and follow from the rest by least squares.
//
// A gap moves the states on as if it had brought no news (e = 0). Intervals are analytic
// (eq. 6.1) with the parameters taken as known. A series that its states explain without
// error gets σ² 0. Time O(n·m²) a likelihood, O(n) a forecast.
type ExponentialSmoothing struct {
	Trend  bool // a slope
	Damped bool // a slope that dies away; implies Trend
	Season int  // m: steps a season, 7 for the week of days; 0 for none
}

// Name is "ETS(A,N,N)", with "A" or "Ad" for a trend and "A" for a season, "[7]" its length.
func (s ExponentialSmoothing) Name() string {
	trend, season, length := "N", "N", ""
	if s.Trend {
		trend = "A"
	}
	if s.Damped {
		trend = "Ad"
	}
	if s.Season > 0 {
		season, length = "A", fmt.Sprintf("[%d]", s.Season)
	}
	return fmt.Sprintf("ETS(A,%s,%s)%s", trend, season, length)
}

func (s ExponentialSmoothing) trends() bool { return s.Trend || s.Damped }

// starts is the number of states at the start; the season's sum to zero.
func (s ExponentialSmoothing) starts() int { return 1 + b2i(s.trends()) + max(0, s.Season-1) }

// searched is the number of smoothing parameters.
func (s ExponentialSmoothing) searched() int {
	return 1 + b2i(s.trends()) + b2i(s.Season > 0) + b2i(s.Damped)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s ExponentialSmoothing) need() int { return s.searched() + s.starts() + 2 }

// Fit needs two values more than there are parameters, states at the start among them.
func (s ExponentialSmoothing) Fit(ctx context.Context, y []float64) (Model, error) {
	m, err := s.fit(ctx, y)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (s ExponentialSmoothing) fit(ctx context.Context, y []float64) (*SmoothingModel, error) {
	if s.Season < 0 || s.Season == 1 || s.Season > 366 {
		return nil, fmt.Errorf("forecast: ETS: Season is %d; want 2 to 366, or 0 for none", s.Season)
	}
	if _, err := checkSeries(s.Name(), y, s.need()); err != nil {
		return nil, err
	}
	l := newSmoothLikelihood(s, y)
	objective := func(x []float64) float64 { return l.objective(s.weights(x)) }
	x := finely(ctx, objective, roughly(ctx, objective, s.grid(), 6))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return l.model(s.weights(x)), nil
}

// AutoSmoothing is the ExponentialSmoothing with the least AICc among those without
// trend, with one, and with a damped one, each with and without the season. Ties go to
// fewer parameters. The fitted model is a *SmoothingModel; its Name says which was chosen.
type AutoSmoothing struct {
	Season int // 0 for none
}

// Name is "auto ETS", with the season's length where there is one.
func (a AutoSmoothing) Name() string {
	if a.Season > 0 {
		return fmt.Sprintf("auto ETS[%d]", a.Season)
	}
	return "auto ETS"
}

// Fit needs five values; forms that want more than there are, are not tried.
func (a AutoSmoothing) Fit(ctx context.Context, y []float64) (Model, error) {
	forms := []ExponentialSmoothing{{}, {Trend: true}, {Damped: true}}
	if a.Season != 0 {
		for _, f := range slices.Clone(forms) {
			f.Season = a.Season
			forms = append(forms, f)
		}
	}
	observed, err := checkSeries(a.Name(), y, forms[0].need())
	if err != nil {
		return nil, err
	}
	task := par.Track(ctx, "forms of "+a.Name(), len(forms))
	defer task.Done()
	fits, err := par.Map(ctx, len(forms), func(ctx context.Context, i int) (*SmoothingModel, error) {
		defer task.Add(1)
		if f := forms[i]; f.Season >= 0 && observed < f.need() {
			return nil, nil
		}
		return forms[i].fit(ctx, y)
	})
	if err != nil {
		return nil, err
	}
	best := fits[0]
	for _, m := range fits[1:] {
		if m != nil && (m.AICc() < best.AICc()-1e-6 || m.sigma2 == 0 && best.sigma2 > 0) {
			best = m
		}
	}
	return best, nil
}

// SmoothingModel is a fitted ExponentialSmoothing. Its states at the start belong to the
// series it was fitted to: one at another level takes it some 1/α steps to follow.
type SmoothingModel struct {
	form   ExponentialSmoothing
	w      smoothing
	start  []float64 // level, slope, season of which the last is implied
	sigma2 float64
	logLik float64
	n      int
}

// Form is the kind of smoothing, also where AutoSmoothing chose it.
func (m *SmoothingModel) Form() ExponentialSmoothing { return m.form }

// Name is that of Form.
func (m *SmoothingModel) Name() string { return m.form.Name() }

// Sigma2 is the variance of one-step errors, by maximum likelihood.
func (m *SmoothingModel) Sigma2() float64 { return m.sigma2 }

// LogLik is the log-likelihood at the maximum; +Inf for an exact fit.
func (m *SmoothingModel) LogLik() float64 { return m.logLik }

// AICc is Akaike's criterion with the correction for short series. Smoothing parameters,
// states at the start (one less than Season for a season, whose sum is zero) and σ² count.
// Not comparable with ARIMA's, whose likelihood leaves differences out.
func (m *SmoothingModel) AICc() float64 {
	k, n := float64(m.form.searched()+m.form.starts()+1), float64(m.n)
	if !(n-k-1 > 0) {
		return math.Inf(1)
	}
	return -2*m.logLik + 2*k + 2*k*(k+1)/(n-k-1)
}

// Coefficients are "alpha", and "beta", "gamma", "phi" where the form has them.
func (m *SmoothingModel) Coefficients() []Coefficient {
	out := []Coefficient{{"alpha", m.w.alpha}}
	if m.form.trends() {
		out = append(out, Coefficient{"beta", m.w.beta})
	}
	if m.form.Season > 0 {
		out = append(out, Coefficient{"gamma", m.w.gamma})
	}
	if m.form.Damped {
		out = append(out, Coefficient{"phi", m.w.phi})
	}
	return out
}

// Forecast takes any history that begins where training did.
func (m *SmoothingModel) Forecast(ctx context.Context, history []float64, h int, level float64) (Path, error) {
	return last(ctx, m.Name(), m, history, h, level)
}

// ForecastEach smooths the history once. Time O(n + origins·h).
func (m *SmoothingModel) ForecastEach(ctx context.Context, history []float64, origins []int, h int, level float64) ([]Path, error) {
	if err := checkAsk(m.Name(), history, h, level, 0); err != nil {
		return nil, err
	}
	if err := checkOrigins(m.Name(), origins, len(history)); err != nil {
		return nil, err
	}
	z := -num.NormalQuantile((1 - level) / 2)
	states := newSmoothStates(m.form.Season)
	for i, v := range m.start {
		states.add(m.form, i, v)
	}
	shocks := m.response(h)
	unknown := 0 // values missing at the end
	paths := make([]Path, 0, len(origins))
	for t, y := range history {
		if len(paths) == len(origins) {
			break
		}
		if t%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e := y - states.next(m.w)
		if unknown++; !math.IsNaN(y) {
			unknown = 0
		} else {
			e = 0
		}
		states.move(m.w, e)
		if t+1 != origins[len(paths)] {
			continue
		}
		if len(shocks) < h+unknown {
			shocks = m.response(2 * (h + unknown))
		}
		ahead := states.clone()
		mean := make([]float64, h)
		for i := range mean {
			mean[i] = ahead.next(m.w)
			ahead.move(m.w, 0)
		}
		paths = append(paths, around(mean, level, func(i int) float64 { return z * math.Sqrt(m.sigma2*shocks[unknown+i-1]) }))
	}
	return paths, nil
}

// response is, for 1 … h steps ahead, the variance of a forecast over σ²: 1 + Σ c_j², c_j
// what a shock of 1 adds j steps later.
func (m *SmoothingModel) response(h int) []float64 {
	states := newSmoothStates(m.form.Season)
	states.move(m.w, 1)
	out := make([]float64, h)
	sum := 1.0
	for i := range out {
		out[i] = sum
		c := states.next(m.w)
		sum += float64(c * c)
		states.move(m.w, 0)
	}
	return out
}
