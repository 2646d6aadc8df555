package forecast

import "math"

// coefficients turns free numbers into φ, θ, Φ, Θ of a stationary and invertible process:
// x/√(1+x²) is a partial autocorrelation, and those make the polynomial by the recursion
// of Durbin and Levinson (Monahan 1984; Jones 1980). θ has the sign of -φ.
func (a ARIMA) coefficients(x []float64) []float64 {
	out := make([]float64, len(x))
	at := 0
	for i, n := range []int{a.P, a.Q, a.SP, a.SQ} {
		part := out[at : at+n]
		bound(x[at:at+n], part)
		if i%2 == 1 {
			for j := range part {
				part[j] = -part[j]
			}
		}
		at += n
	}
	return out
}

func bound(x, phi []float64) {
	last := make([]float64, len(x))
	for k, v := range x {
		r := v / math.Sqrt(1+float64(v*v))
		copy(last, phi[:k])
		for j := range k {
			phi[j] = last[j] - float64(r*last[k-1-j])
		}
		phi[k] = r
	}
}

// free is the x of a partial autocorrelation in (-1, 1).
func free(r float64) float64 { return r / math.Sqrt(1-float64(r*r)) }

// system is the state-space form for coefficients φ, θ, Φ, Θ, with levels or for the
// differenced series.
func (a ARIMA) system(arma []float64, levels bool) system {
	p, q := a.P, a.P+a.Q
	ar := times(lags(arma[:p], -1, 1), lags(arma[q:q+a.SP], -1, a.Season))
	ma := times(lags(arma[p:q], 1, 1), lags(arma[q+a.SP:], 1, a.Season))
	for i := range ar {
		ar[i] = -ar[i]
	}
	var delta []float64
	if levels {
		d := []float64{1}
		for range a.D {
			d = times(d, []float64{1, -1})
		}
		if a.SD > 0 {
			d = times(d, lags([]float64{-1}, 1, a.Season))
		}
		for _, v := range d[1:] {
			delta = append(delta, -v)
		}
	}
	return newSystem(ar[1:], ma[1:], delta)
}

// lags is the polynomial 1 + sign·(c_1 B^s + c_2 B^2s + …).
func lags(c []float64, sign float64, s int) []float64 {
	out := make([]float64, 1+len(c)*s)
	out[0] = 1
	for i, v := range c {
		out[(i+1)*s] = sign * v
	}
	return out
}

func times(a, b []float64) []float64 {
	out := make([]float64, len(a)+len(b)-1)
	for i, v := range a {
		for j, w := range b {
			out[i+j] += float64(v * w)
		}
	}
	return out
}
