package forecast

import "math"

// solve replaces b by the solution of a x = b, a square and row-major, by elimination
// with partial pivoting; it overwrites a. false where a is singular.
func solve(a, b []float64) bool {
	n := len(b)
	for c := range n {
		pivot := c
		for i := c + 1; i < n; i++ {
			if math.Abs(a[i*n+c]) > math.Abs(a[pivot*n+c]) {
				pivot = i
			}
		}
		if !(math.Abs(a[pivot*n+c]) > 1e-14) {
			return false
		}
		if pivot != c {
			for j := c; j < n; j++ {
				a[c*n+j], a[pivot*n+j] = a[pivot*n+j], a[c*n+j]
			}
			b[c], b[pivot] = b[pivot], b[c]
		}
		for i := c + 1; i < n; i++ {
			w := a[i*n+c] / a[c*n+c]
			if w == 0 {
				continue
			}
			for j := c; j < n; j++ {
				a[i*n+j] -= float64(w * a[c*n+j])
			}
			b[i] -= float64(w * b[c])
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			b[i] -= float64(a[i*n+j] * b[j])
		}
		b[i] /= a[i*n+i]
	}
	return true
}

// leastSquares finds β that makes y - Σ β_c cols_c shortest and returns it with the
// residual's square; it overwrites cols and y (which becomes the residual). A column that
// the ones before it explain to 1e-10 of its length gets 0. Modified Gram-Schmidt, as
// Björck (1967): as accurate as Householder's for β. Time O(n·k²).
func leastSquares(cols [][]float64, y []float64) (beta []float64, sse float64) {
	k := len(cols)
	beta = make([]float64, k)
	if k > 0 {
		r := make([]float64, k*k)
		for c, x := range cols {
			length := dot(x, x)
			for j := range c {
				if r[j*k+j] == 0 {
					continue
				}
				r[j*k+c] = dot(cols[j], x)
				subtract(x, cols[j], r[j*k+c])
			}
			norm := dot(x, x)
			if !(norm > 1e-20*length) {
				continue
			}
			norm = math.Sqrt(norm)
			r[c*k+c] = norm
			for i := range x {
				x[i] /= norm
			}
			beta[c] = dot(x, y)
			subtract(y, x, beta[c])
		}
		for c := k - 1; c >= 0; c-- {
			if r[c*k+c] == 0 {
				beta[c] = 0
				continue
			}
			for j := c + 1; j < k; j++ {
				beta[c] -= float64(r[c*k+j] * beta[j])
			}
			beta[c] /= r[c*k+c]
		}
	}
	return beta, dot(y, y)
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}

func subtract(y, x []float64, w float64) {
	for i, v := range x {
		y[i] -= float64(v * w)
	}
}
