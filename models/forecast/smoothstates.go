package forecast

import (
	"math"

	"flowbook/internal/num"
)

// smoothing is the parameters of exponential smoothing; φ is 1 without damping.
type smoothing struct{ alpha, beta, gamma, phi float64 }

// smoothStates is level, slope and season on their way through a series.
type smoothStates struct {
	level, slope float64
	season       []float64 // by place, next the one to come; empty for none
	place        int
}

func newSmoothStates(m int) smoothStates { return smoothStates{season: make([]float64, m)} }

func (s smoothStates) clone() smoothStates {
	s.season = append([]float64(nil), s.season...)
	return s
}

// add puts v on entry i of the start: level, slope, season; what a place of the season
// gets, the last place loses.
func (s *smoothStates) add(form ExponentialSmoothing, i int, v float64) {
	first := 1 + b2i(form.trends())
	switch {
	case i == 0:
		s.level += v
	case i < first:
		s.slope += v
	default:
		s.season[i-first] += v
		s.season[len(s.season)-1] -= v
	}
}

// next is the forecast of the value to come.
func (s *smoothStates) next(w smoothing) float64 {
	y := s.level + float64(w.phi*s.slope)
	if len(s.season) > 0 {
		y += s.season[s.place]
	}
	return y
}

// move goes one step on, with the error e of the value that came.
func (s *smoothStates) move(w smoothing, e float64) {
	slope := w.phi * s.slope
	s.level += slope + float64(w.alpha*e)
	s.slope = slope + float64(w.beta*e)
	if len(s.season) > 0 {
		s.season[s.place] += float64(w.gamma * e)
		if s.place++; s.place == len(s.season) {
			s.place = 0
		}
	}
}

// smoothLikelihood computes the likelihood of one series. Errors are linear in the states
// at the start: those of the series from a start at zero, and those of silence from each
// unit start, give the best start by least squares.
type smoothLikelihood struct {
	form   ExponentialSmoothing
	y      []float64
	mean   float64 // taken off beforehand
	noise  float64 // squared error that rounding makes
	cols   [][]float64
	errors []float64
}

func newSmoothLikelihood(form ExponentialSmoothing, y []float64) *smoothLikelihood {
	kept, _ := num.DropNaN(y)
	l := &smoothLikelihood{form: form, y: make([]float64, len(y)), mean: num.Mean(kept)}
	size := 0.0
	for t, v := range y {
		l.y[t] = v - l.mean
		if !math.IsNaN(v) {
			size = max(size, math.Abs(v))
		}
	}
	l.noise = 1e-26 * size * size * float64(len(kept))
	l.cols = make([][]float64, form.starts())
	for c := range l.cols {
		l.cols[c] = make([]float64, len(kept))
	}
	l.errors = make([]float64, len(kept))
	return l
}

// run returns the best start and the squared errors from there.
func (l *smoothLikelihood) run(w smoothing) (start []float64, sse float64) {
	l.follow(w, -1, l.errors)
	for c := range l.cols {
		l.follow(w, c, l.cols[c])
		for i := range l.cols[c] {
			l.cols[c][i] = -l.cols[c][i]
		}
	}
	return leastSquares(l.cols, l.errors)
}

// follow writes the one-step errors of the series from nothing (c < 0), or of a series of
// zeros from the unit start c.
func (l *smoothLikelihood) follow(w smoothing, c int, out []float64) {
	s := newSmoothStates(l.form.Season)
	if c >= 0 {
		s.add(l.form, c, 1)
	}
	at := 0
	for _, y := range l.y {
		if math.IsNaN(y) {
			s.move(w, 0)
			continue
		}
		if c >= 0 {
			y = 0
		}
		e := y - s.next(w)
		out[at] = e
		at++
		s.move(w, e)
	}
}

// objective is half the mean log of squared errors; -Inf where they are rounding.
func (l *smoothLikelihood) objective(w smoothing) float64 {
	_, sse := l.run(w)
	if sse <= l.noise {
		return math.Inf(-1)
	}
	return 0.5 * math.Log(sse/float64(len(l.errors)))
}

func (l *smoothLikelihood) model(w smoothing) *SmoothingModel {
	start, sse := l.run(w)
	start[0] += l.mean
	n := float64(len(l.errors))
	m := &SmoothingModel{l.form, w, start, sse / n, -0.5 * n * (math.Log(2*math.Pi*sse/n) + 1), len(l.errors)}
	if sse <= l.noise {
		m.sigma2, m.logLik = 0, math.Inf(1)
	}
	return m
}

// weights turns free numbers into parameters within their bounds: sin² goes from 0 to 1
// and reaches both ends.
func (s ExponentialSmoothing) weights(x []float64) smoothing {
	within := func(low, high float64) float64 {
		v := math.Sin(x[0])
		x = x[1:]
		return low + (high-low)*v*v
	}
	const end = 1e-4
	w := smoothing{alpha: within(end, 1-end), phi: 1}
	if s.trends() {
		w.beta = w.alpha * within(end, 1-end)
	}
	if s.Season > 0 {
		w.gamma = (1 - w.alpha) * within(end, 1-end)
	}
	if s.Damped {
		w.phi = within(0.8, 0.98)
	}
	return w
}

// grid is where searches start: each of α, β/α and γ/(1-α) small, middling and (α) large or
// next to nothing, which is where a straight line belongs.
func (s ExponentialSmoothing) grid() [][]float64 {
	x := func(v float64) float64 { return math.Asin(math.Sqrt(v)) }
	points := [][]float64{{x(0.001)}, {x(0.1)}, {x(0.5)}, {x(0.9)}}
	for range s.searched() - 1 {
		var more [][]float64
		for _, p := range points {
			for _, v := range []float64{0.05, 0.4} {
				more = append(more, append(append([]float64(nil), p...), x(v)))
			}
		}
		points = more
	}
	return points
}
