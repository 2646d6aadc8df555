package forecast

import "math"

// system is an ARMA process and the levels that it drives, in the state-space form of
// Gardner, Harvey and Phillips (1980) with levels as Durbin and Koopman (2012, sec. 3.4):
//
//	w_t = Σ φ_k w_{t-k} + ε_t + Σ θ_k ε_{t-k},   y_t = w_t + Σ δ_k y_{t-k}
//
// The state α holds r entries of the process, w_t first, and then y_{t-1} … y_{t-d}.
// Variances are in units of that of ε.
//
//	Z = (1, 0 …, δ)    y_t = Z α_t
//	T                  α_{t+1} = T α_t + R ε_{t+1}, see advance
//	R = (1, θ, 0 …)
//	a, P               mean and covariance of α_t given y before t
//	P∞                 the part of P that is infinitely large at the start
//	v, F               y_t - Z a, and its variance
type system struct {
	phi, shock []float64 // r each: φ, and (1, θ), both padded with zeros
	delta      []float64 // d
}

// newSystem pads the coefficients of a whole process, seasonal factors multiplied in.
func newSystem(ar, ma, delta []float64) system {
	r := max(len(ar), len(ma)+1)
	s := system{phi: make([]float64, r), shock: make([]float64, r), delta: delta}
	copy(s.phi, ar)
	s.shock[0] = 1
	copy(s.shock[1:], ma)
	return s
}

func (s system) size() int { return len(s.phi) + len(s.delta) }

// observe is Z u.
func (s system) observe(u []float64) float64 {
	r := len(s.phi)
	sum := u[0]
	for k, d := range s.delta {
		sum += float64(d * u[r+k])
	}
	return sum
}

// advance replaces u by T u.
func (s system) advance(u []float64) {
	r := len(s.phi)
	if d := len(s.delta); d > 0 {
		y := s.observe(u)
		copy(u[r+1:], u[r:r+d-1])
		u[r] = y
	}
	first := u[0]
	for i, phi := range s.phi[:r-1] {
		u[i] = float64(phi*first) + u[i+1]
	}
	u[r-1] = s.phi[r-1] * first
}

// advanceCov replaces the symmetric c by T c T'.
func (s system) advanceCov(c []float64) {
	m := s.size()
	for range 2 {
		for i := range m {
			s.advance(c[i*m : (i+1)*m])
		}
		for i := range m {
			for j := range i {
				c[i*m+j], c[j*m+i] = c[j*m+i], c[i*m+j]
			}
		}
	}
}

// filter runs the Kalman filter over a series and, with the same gains, over
// regressors. It owns the buffers; begin readies it for a series.
type filter struct {
	system
	p, pinf []float64   // m × m
	mp, mi  []float64   // P Z', P∞ Z'
	a       [][]float64 // a state a column
	diffuse int         // how many directions of the start are still unknown
	known   bool        // the state before the last shock is known: P = R R', F = 1
	run     int         // observations since the last gap; from d on, P is 0 beside the ARMA part
	prodF   float64     // Π F of the latest observations
	sumLog  float64     // Σ log F of those before
}

// logF is Σ log F of the observations so far, with that of diffuse ones.
func (f *filter) logF() float64 { return f.sumLog + math.Log(f.prodF) }

func (f *filter) count(variance float64) {
	if f.prodF *= variance; !(f.prodF > 1e-100 && f.prodF < 1e100) {
		f.sumLog, f.prodF = f.logF(), 1
	}
}

// begin sets the stationary start, infinitely wide for levels, for columns series.
// It reports whether the covariance of the start could be had.
func (f *filter) begin(s system, columns int) bool {
	f.system = s
	m := s.size()
	if len(f.mp) != m || len(f.a) != columns {
		f.p, f.pinf = make([]float64, m*m), make([]float64, m*m)
		f.mp, f.mi = make([]float64, m), make([]float64, m)
		f.a = make([][]float64, columns)
		for c := range f.a {
			f.a[c] = make([]float64, m)
		}
	}
	clear(f.p)
	clear(f.pinf)
	for _, a := range f.a {
		clear(a)
	}
	r := len(s.phi)
	for i := r; i < m; i++ {
		f.pinf[i*m+i] = 1
	}
	f.diffuse, f.known, f.run, f.sumLog, f.prodF = len(s.delta), false, 0, 0, 1
	return stationary(s, f.p, m)
}

// step takes the columns' values at one time: the innovations of all columns, over √F,
// go to v. It reports whether there is one: not for a gap (y NaN), nor for an
// observation that goes into the unknown start. Exact initial steps follow Koopman
// (1997), Durbin and Koopman (2012, sec. 5.2); gaps Jones (1980).
func (f *filter) step(y []float64, v []float64) bool {
	if math.IsNaN(y[0]) {
		f.reveal()
		f.run = 0
		f.predict(nil)
		return false
	}
	f.run++
	for c, a := range f.a {
		v[c] = y[c] - f.observe(a)
	}
	if f.known {
		for c, a := range f.a {
			for i, g := range f.shock {
				a[i] += float64(g * v[c])
			}
		}
		f.predict(y)
		return true
	}
	if f.diffuse == 0 && f.run > len(f.delta) {
		f.settle(y, v)
		return true
	}
	m := f.size()
	for i := range m {
		f.mp[i] = f.observe(f.p[i*m : (i+1)*m])
	}
	big := f.observe(f.mp)
	if f.diffuse > 0 {
		for i := range m {
			f.mi[i] = f.observe(f.pinf[i*m : (i+1)*m])
		}
		if inf := f.observe(f.mi); inf > 1e-8 {
			f.count(inf)
			f.diffuse--
			f.correct(v, f.mi, inf)
			for i := range m {
				for j := range m {
					f.p[i*m+j] += f.mi[i]*f.mi[j]*big/(inf*inf) - (f.mp[i]*f.mi[j]+f.mi[i]*f.mp[j])/inf
					f.pinf[i*m+j] -= f.mi[i] * f.mi[j] / inf
				}
			}
			f.predict(y)
			return false
		}
	}
	f.count(big)
	f.correct(v, f.mp, big)
	left := 0.0
	for i := range m {
		g := f.mp[i] / big
		for j := range m {
			f.p[i*m+j] -= float64(g * f.mp[j])
		}
		left += f.p[i*m+i]
	}
	scale := 1 / math.Sqrt(big)
	for c := range v {
		v[c] *= scale
	}
	f.known = f.diffuse == 0 && left <= 1e-12
	f.predict(y)
	return true
}

// settle is the step where only the ARMA part is uncertain: w_t becomes known, so that
// T P T' is no more than what is left of P, moved up by one (Gardner, Harvey, Phillips
// 1980, AS 154).
func (f *filter) settle(y, v []float64) {
	m, r := f.size(), len(f.phi)
	big := f.p[0]
	f.count(big)
	inverse := 1 / big
	gain, shock := f.mp[:r], f.shock[:r]
	for i := range gain {
		gain[i] = f.p[i*m] * inverse
	}
	for c, a := range f.a {
		for i, g := range gain {
			a[i] += float64(g * v[c])
		}
	}
	left := 0.0
	for i := range r - 1 {
		at, from := f.p[i*m:i*m+r], f.p[(i+1)*m+1:(i+1)*m+r]
		g, b := gain[i+1]*big, shock[i]
		left += from[i] - float64(g*gain[i+1])
		for j, old := range from {
			at[j] = old - float64(g*gain[j+1]) + float64(b*shock[j])
		}
		at[r-1] = b * shock[r-1]
	}
	last := f.p[(r-1)*m : (r-1)*m+r]
	for j := range last {
		last[j] = shock[r-1] * shock[j]
	}
	f.known = left <= 1e-12
	if big != 1 {
		scale := math.Sqrt(inverse)
		for c := range v {
			v[c] *= scale
		}
	}
	for c, a := range f.a {
		f.advance(a)
		if r < m {
			a[r] = y[c]
		}
	}
}

// coast goes on from a known state through values from ≤ t < end of column c, where y is
// without a gap and d values before were seen: the filter is then the recursion of the
// process itself. It appends the innovations to out.
func (f *filter) coast(c int, col []float64, from, end int, out []float64) []float64 {
	a, r := f.a[c], len(f.phi)
	phi, shock := f.phi[:r-1], f.shock[1:r]
	for t := from; t < end; t++ {
		w := col[t]
		for k, d := range f.delta {
			w -= float64(d * col[t-1-k])
		}
		e := w - a[0]
		for i := range phi {
			a[i] = a[i+1] + float64(phi[i]*w) + float64(shock[i]*e)
		}
		a[r-1] = f.phi[r-1] * w
		out = append(out, e)
	}
	for k := range f.delta {
		a[r+k] = col[end-1-k]
	}
	return out
}

// correct moves the states by what the innovations v tell.
func (f *filter) correct(v, gain []float64, variance float64) {
	for c, a := range f.a {
		w := v[c] / variance
		for i, g := range gain {
			a[i] += float64(g * w)
		}
	}
}

// reveal writes out the covariance that known stands for.
func (f *filter) reveal() {
	if !f.known {
		return
	}
	f.known = false
	clear(f.p)
	f.addShock()
}

func (f *filter) addShock() {
	m := f.size()
	for i, a := range f.shock {
		for j, b := range f.shock {
			f.p[i*m+j] += float64(a * b)
		}
	}
}

// predict goes one time on. What was observed (y; nil after a gap) is exact from now on.
func (f *filter) predict(y []float64) {
	m, r := f.size(), len(f.phi)
	for c, a := range f.a {
		f.advance(a)
		if r < m && y != nil {
			a[r] = y[c]
		}
	}
	if f.diffuse > 0 {
		f.advanceCov(f.pinf)
	}
	if f.known {
		return
	}
	f.advanceCov(f.p)
	if r < m && y != nil {
		for i := range m {
			f.p[i*m+r], f.p[r*m+i] = 0, 0
		}
	}
	f.addShock()
}

// ahead returns what follows: the column's mean in each of the next h steps and the
// variance about it. It uses up the filter.
func (f *filter) ahead(h int) (mean, variance []float64) {
	f.reveal()
	m := f.size()
	mean, variance = make([]float64, h), make([]float64, h)
	for t := range h {
		for i := range m {
			f.mp[i] = f.observe(f.p[i*m : (i+1)*m])
		}
		mean[t], variance[t] = f.observe(f.a[0]), f.observe(f.mp)
		f.predict(nil)
	}
	return mean, variance
}

// fork copies a filter of one column, to look ahead from where it stands.
func (f *filter) fork(into *filter) {
	if len(into.mp) != f.size() || len(into.a) != len(f.a) {
		into.begin(f.system, len(f.a))
	}
	into.system, into.diffuse, into.known, into.run = f.system, f.diffuse, f.known, f.run
	copy(into.p, f.p)
	copy(into.pinf, f.pinf)
	for c, a := range f.a {
		copy(into.a[c], a)
	}
}
