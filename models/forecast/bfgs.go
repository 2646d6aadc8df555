package forecast

import "math"

// minimise looks for a minimum of f near x by the method of Broyden, Fletcher, Goldfarb
// and Shanno (Nocedal, Wright 2006, alg. 6.1), with gradients by central differences and
// a backtracking line search that fits parabolas. f is of the order of 1 (a mean
// log-likelihood), smooth, and +Inf or NaN where there is none. It returns where it ended:
// at a gradient below 1e-8 or after a number of steps. A rough search gradients
// from one side, at half the cost, and ends below 1e-3. Deterministic.
func minimise(f func(x []float64) float64, x []float64, steps int, rough bool) (at []float64, value float64) {
	n := len(x)
	x = append([]float64(nil), x...)
	fx := f(x)
	if n == 0 || math.IsNaN(fx) || math.IsInf(fx, 0) {
		return x, fx
	}
	g, next, ng := make([]float64, n), make([]float64, n), make([]float64, n)
	inverse := make([]float64, n*n) // of the Hessian
	d, s, hy := make([]float64, n), make([]float64, n), make([]float64, n)
	slopes, flat := gradient, 1e-8
	if rough {
		slopes, flat = oneSided, 1e-3
	}
	slopes(f, x, fx, g)
	fresh := reset(inverse, n)
	for range steps {
		if largest(g) < flat {
			break
		}
		slope := 0.0
		for i := range n {
			d[i] = -dot(inverse[i*n:(i+1)*n], g)
			slope += float64(d[i] * g[i])
		}
		if !(slope < 0) {
			if fresh {
				break
			}
			fresh = reset(inverse, n)
			continue
		}
		step := 1.0
		if long := largest(d); long > 1 {
			step = 1 / long
		}
		nf, ok := math.NaN(), false
		for range 30 {
			for i := range n {
				next[i] = x[i] + float64(step*d[i])
			}
			nf = f(next)
			if nf <= fx+1e-4*step*slope {
				ok = true
				break
			}
			shrink := 0.1
			if bend := nf - fx - step*slope; bend > 0 && !math.IsInf(bend, 0) {
				shrink = min(0.5, max(0.1, -slope*step/(2*bend)))
			}
			step *= shrink
		}
		if !ok {
			if fresh {
				break
			}
			fresh = reset(inverse, n)
			continue
		}
		slopes(f, next, nf, ng)
		sy, yy := 0.0, 0.0
		for i := range n {
			s[i], g[i] = next[i]-x[i], ng[i]-g[i] // g is the change of the gradient for a while
			sy += float64(s[i] * g[i])
			yy += float64(g[i] * g[i])
		}
		small := fx-nf <= 1e-15*math.Abs(fx)
		if sy > 1e-14*yy {
			if fresh {
				for i := range n {
					inverse[i*n+i] = sy / yy
				}
				fresh = false
			}
			update(inverse, s, g, hy, sy)
		}
		copy(x, next)
		copy(g, ng)
		fx = nf
		if small && largest(s) < 1e-9 {
			break
		}
	}
	return x, fx
}

// update adds what a step s and the change y of the gradient tell of the inverse Hessian.
func update(inverse, s, y, hy []float64, sy float64) {
	n := len(s)
	for i := range n {
		hy[i] = dot(inverse[i*n:(i+1)*n], y)
	}
	w := (1 + dot(y, hy)/sy) / sy
	for i := range n {
		for j := range n {
			inverse[i*n+j] += float64(w*s[i]*s[j]) - float64((hy[i]*s[j]+s[i]*hy[j])/sy)
		}
	}
}

func reset(inverse []float64, n int) bool {
	clear(inverse)
	for i := range n {
		inverse[i*n+i] = 1
	}
	return true
}

// gradient by central differences; where one side has no value, from the other.
func gradient(f func([]float64) float64, x []float64, fx float64, g []float64) {
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	for i, v := range x {
		h := 6e-6 * (1 + math.Abs(v))
		x[i] = v + h
		up := f(x)
		x[i] = v - h
		down := f(x)
		x[i] = v
		switch {
		case finite(up) && finite(down):
			g[i] = (up - down) / (2 * h)
		case finite(up):
			g[i] = (up - fx) / h
		case finite(down):
			g[i] = (fx - down) / h
		default:
			g[i] = 0
		}
	}
}

func oneSided(f func([]float64) float64, x []float64, fx float64, g []float64) {
	for i, v := range x {
		h := 1e-7 * (1 + math.Abs(v))
		x[i] = v + h
		g[i] = (f(x) - fx) / h
		x[i] = v
		if math.IsNaN(g[i]) || math.IsInf(g[i], 0) {
			g[i] = 0
		}
	}
}

func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}
