package forecast

import "math"

// full is the log-likelihood of β, ARMA coefficients and σ².
func (l *likelihood) full(theta []float64) float64 {
	k := len(l.cols) - 1
	beta, arma, sigma2 := theta[:k], theta[k:len(theta)-1], theta[len(theta)-1]
	if !(sigma2 > 0) || !l.run(arma) {
		return math.NaN()
	}
	sum := l.f.logF()
	for i, v := range l.scaled[0] {
		for c, b := range beta {
			v -= float64(b * l.scaled[c+1][i])
		}
		sum += math.Log(2*math.Pi*sigma2) + float64(v*v)/sigma2
	}
	return -0.5 * sum
}

// stdErr inverts the Hessian at theta, the maximum.
func (l *likelihood) stdErr(theta []float64) []float64 {
	k := len(theta)
	theta = append([]float64(nil), theta...)
	if l.order.constant() {
		theta[0] -= l.shift
	}
	h := make([]float64, k)
	for i, v := range theta {
		h[i] = 1e-4 * max(0.1, math.Abs(v))
	}
	h[k-1] = 1e-4 * theta[k-1]
	for c := range len(l.cols) - 1 { // β's unit is that of σ
		h[c] = 1e-3 * math.Sqrt(theta[k-1])
		if c > 0 || !l.order.constant() {
			h[c] /= float64(len(l.whole))
		}
	}
	at := func(i, j int, si, sj float64) float64 {
		x := append([]float64(nil), theta...)
		x[i] += si * h[i]
		x[j] += sj * h[j]
		return l.full(x)
	}
	info := make([]float64, k*k)
	for i := range k {
		for j := range i + 1 {
			d := (at(i, j, 1, 1) - at(i, j, 1, -1) - at(i, j, -1, 1) + at(i, j, -1, -1)) / (4 * h[i] * h[j])
			info[i*k+j], info[j*k+i] = -d, -d
		}
	}
	out := make([]float64, k)
	for i := range k { // scaled by its diagonal, the matrix is well-conditioned enough
		out[i] = math.Sqrt(info[i*k+i])
	}
	scaled := make([]float64, k*k)
	for i := range k {
		for j := range k {
			scaled[i*k+j] = info[i*k+j] / (out[i] * out[j])
		}
	}
	unit := make([]float64, k)
	se := make([]float64, k)
	for i := range k {
		clear(unit)
		unit[i] = 1
		if !solve(append([]float64(nil), scaled...), unit) {
			unit[i] = math.NaN()
		}
		se[i] = math.Sqrt(unit[i]) / out[i]
	}
	return se
}
