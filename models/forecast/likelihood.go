package forecast

import (
	"math"
	"slices"

	"flowbook/internal/num"
)

// likelihood computes the log-likelihood of one series under an ARIMA of given orders.
// Where the series has no gaps it is differenced beforehand, which leaves the same
// likelihood and a smaller state. It is for one goroutine.
type likelihood struct {
	order  ARIMA
	whole  []float64   // the series as given
	shift  float64     // what was taken off before filtering, which differences or a mean take up
	cols   [][]float64 // y less shift and the regressors, differenced where levels is false
	levels bool        // the state holds levels, for there are gaps
	f      filter
	value  []float64   // one time's entry of each column
	v      []float64   // their innovations
	scaled [][]float64 // innovations over √F, a slice a column
	n      int         // observations behind the likelihood
}

func newLikelihood(order ARIMA, y []float64) *likelihood {
	l := &likelihood{order: order, whole: slices.Clone(y)}
	kept, gaps := num.DropNaN(y)
	l.levels = gaps > 0 && order.lost() > 0
	l.n = len(kept) - order.lost()
	if order.trend() != NoTrend || order.lost() > 0 {
		l.shift = num.Mean(kept)
	}
	first := make([]float64, len(y))
	for t, v := range y {
		first[t] = v - l.shift
	}
	l.cols = append(l.cols, first)
	for c := range order.regressors() {
		x := make([]float64, len(y))
		for t := range x {
			x[t] = order.regressor(c, t)
		}
		l.cols = append(l.cols, x)
	}
	if !l.levels {
		for c := range l.cols {
			l.cols[c] = order.difference(l.cols[c])
		}
	}
	k := len(l.cols)
	l.value, l.v, l.scaled = make([]float64, k), make([]float64, k), make([][]float64, k)
	for c := range l.scaled {
		l.scaled[c] = make([]float64, 0, len(l.cols[0]))
	}
	return l
}

// regressor is x_t of β's entry c, t from 0: 1 and t + 1.
func (a ARIMA) regressor(c, t int) float64 {
	if c == 0 && a.constant() {
		return 1
	}
	return float64(t + 1)
}

// difference applies (1-B)^D (1-B^s)^SD and drops what it takes.
func (a ARIMA) difference(y []float64) []float64 {
	for range a.D {
		y = differences(y, 1)
	}
	if a.SD > 0 {
		y = differences(y, a.Season)
	}
	return y
}

func differences(y []float64, lag int) []float64 {
	out := make([]float64, max(0, len(y)-lag))
	for t := range out {
		out[t] = y[t+lag] - y[t]
	}
	return out
}

// run filters all columns and leaves their innovations in scaled. false where the
// process has no stationary start.
func (l *likelihood) run(arma []float64) bool {
	if !l.f.begin(l.order.system(arma, l.levels), len(l.cols)) {
		return false
	}
	for c := range l.scaled {
		l.scaled[c] = l.scaled[c][:0]
	}
	n := len(l.cols[0])
	for t := 0; t < n; t++ {
		if l.f.known && l.f.run >= len(l.f.delta) {
			end := t
			for end < n && !math.IsNaN(l.cols[0][end]) {
				end++
			}
			for c, col := range l.cols {
				l.scaled[c] = l.f.coast(c, col, t, end, l.scaled[c])
			}
			if t = end; t == n {
				break
			}
		}
		for c, col := range l.cols {
			l.value[c] = col[t]
		}
		if l.f.step(l.value, l.v) {
			for c, v := range l.v {
				l.scaled[c] = append(l.scaled[c], v)
			}
		}
	}
	return true
}

// profile returns the log-likelihood of ARMA coefficients with the best β and σ².
func (l *likelihood) profile(arma []float64) (beta []float64, sigma2, logLik float64) {
	if !l.run(arma) {
		return nil, math.NaN(), math.NaN()
	}
	m := len(l.scaled[0])
	beta, sse := leastSquares(l.scaled[1:], l.scaled[0])
	sigma2 = sse / float64(m)
	return beta, sigma2, -0.5 * (float64(m)*(math.Log(2*math.Pi*sigma2)+1) + l.f.logF())
}

// exact reports whether the trend alone fits without error, to rounding.
func (l *likelihood) exact() bool {
	if !l.run(make([]float64, l.order.searched())) {
		return false
	}
	size := 0.0
	for _, v := range l.whole {
		if !math.IsNaN(v) {
			size = max(size, math.Abs(v))
		}
	}
	_, sse := leastSquares(l.scaled[1:], l.scaled[0])
	noise := 1e-13 * size
	return sse <= float64(len(l.scaled[0]))*noise*noise
}

// model is the fitted process with the given ARMA coefficients.
func (l *likelihood) model(arma []float64) *ARIMAModel {
	beta, sigma2, logLik := l.profile(arma)
	if math.IsInf(logLik, 1) || l.exact() {
		sigma2, logLik = 0, math.Inf(1)
	}
	if l.order.constant() {
		beta[0] += l.shift
	}
	return &ARIMAModel{l.order, arma, beta, sigma2, logLik, len(l.scaled[0]), l.whole}
}
