package forecast

import "math"

// stationary fills the ARMA part of p (m × m) with the covariance of a process that has
// always run: P = T P T' + R R'. Its first row comes from the autocovariances γ and the
// weights ψ of shocks past (Gardner, Harvey, Phillips 1980), the rest from the companion
// form of T, bottom up, in O(r²). false where the process is too near a unit root.
func stationary(s system, p []float64, m int) bool {
	r := len(s.phi)
	psi := make([]float64, r)
	for k := range r {
		psi[k] = s.shock[k]
		for j := 1; j <= k; j++ {
			psi[k] += float64(s.phi[j-1] * psi[k-j])
		}
	}
	gamma := autocovariances(s, psi)
	if gamma == nil || !(gamma[0] > 0) || math.IsInf(gamma[0], 0) {
		return false
	}
	p[0] = gamma[0]
	for j := 1; j < r; j++ {
		sum := 0.0
		for k := j; k < r; k++ {
			sum += float64(s.phi[k]*gamma[k-j+1]) + float64(s.shock[k]*psi[k-j])
		}
		p[j], p[j*m] = sum, sum
	}
	first := func(j int) float64 {
		if j < r {
			return p[j]
		}
		return 0
	}
	for i := r - 1; i >= 1; i-- {
		for j := i; j < r; j++ {
			v := float64(s.phi[i]*s.phi[j])*p[0] + float64(s.phi[i]*first(j+1)) + float64(s.phi[j]*first(i+1)) + float64(s.shock[i]*s.shock[j])
			if j+1 < r {
				v += p[(i+1)*m+j+1]
			}
			p[i*m+j], p[j*m+i] = v, v
		}
	}
	for i := range r {
		if !(p[i*m+i] >= 0) {
			return false
		}
	}
	return true
}

// autocovariances solves γ_k = Σ φ_j γ_|k-j| + Σ_{j≥k} θ_j ψ_{j-k}, k = 0 … p (Brockwell,
// Davis 1991, eq. 3.3.8). It returns r entries (those beyond p are not asked for), or nil.
func autocovariances(s system, psi []float64) []float64 {
	r := len(s.phi)
	p := r
	for p > 0 && s.phi[p-1] == 0 {
		p--
	}
	q := p + 1
	a, b := make([]float64, q*q), make([]float64, max(r, q))
	for k := range q {
		a[k*q+k]++
		for j := 1; j <= p; j++ {
			a[k*q+max(k-j, j-k)] -= s.phi[j-1]
		}
		for j := k; j < r; j++ {
			b[k] += float64(s.shock[j] * psi[j-k])
		}
	}
	if !solve(a, b[:q]) {
		return nil
	}
	clear(b[q:])
	return b
}
