package linear

import (
	"context"
	"math"
)

// lasso is the quadratic program
//
//	min over t of  v·(t-t₀) + ½ (t-t₀)·H (t-t₀) + λ Σ |t_j|
//
// where the sum is over the slopes; the intercepts after them are free.
type lasso struct {
	m      int
	slopes int
	h      []float64 // H, m × m, whole
	lambda float64
}

// minimise takes t from t₀ to the optimum and v from the gradient at t₀ to that at t.
// Sweeps over the coordinates find which differ from 0, and with what sign; the system
// of equations that these obey gives their values to the last digit (an active set
// method). It ends when a sweep confirms the set that the equations were solved for;
// roughly, after the first time.
func (l *lasso) minimise(ctx context.Context, v, t []float64, roughly bool) error {
	solved := false
	for range 200 {
		for kept, sweeps := 0, 0; kept < 3 && sweeps < 100; sweeps++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !l.sweep(v, t) {
				kept = 0
				solved = false
				continue
			}
			if kept++; solved {
				return nil
			}
		}
		if solved = l.equations(ctx, v, t); roughly {
			return ctx.Err()
		}
	}
	return nil
}

// sweep minimises over one coordinate after the other, and reports whether those at 0
// stayed there and the others kept their sign.
func (l *lasso) sweep(v, t []float64) (kept bool) {
	kept = true
	for j := range t {
		row := l.h[j*l.m : (j+1)*l.m]
		if !(row[j] > 0) {
			continue
		}
		to := t[j] - v[j]/row[j]
		if j < l.slopes {
			to = math.Copysign(max(0, math.Abs(to)-l.lambda/row[j]), to)
		}
		if to != t[j] {
			kept = kept && (j >= l.slopes || sign(to) == sign(t[j]))
			l.move(j, to-t[j], v)
			t[j] = to
		}
	}
	return kept
}

// move adds to v what a change of coordinate j does.
func (l *lasso) move(j int, change float64, v []float64) {
	for i, h := range l.h[j*l.m : (j+1)*l.m] {
		v[i] += float64(change * h)
	}
}

// equations solves for the coordinates that are not 0 with their signs as they are. A
// coordinate that would cross 0 on the way stops all there, stays at 0, and the rest is
// solved again, a few times. It reports whether the whole way could be gone.
func (l *lasso) equations(ctx context.Context, v, t []float64) bool {
	for range 3 {
		if ctx.Err() != nil {
			return false
		}
		var set []int
		for j := range t {
			if t[j] != 0 || j >= l.slopes {
				set = append(set, j)
			}
		}
		m := l.factor(ctx, set)
		if ctx.Err() != nil {
			return false
		}
		d := make([]float64, m.q)
		for a, i := range set {
			if d[a] = -v[i]; i < l.slopes {
				d[a] -= l.lambda * sign(t[i])
			}
		}
		slope := append([]float64(nil), d...)
		m.solve(d, d)
		if !(dot(slope, d) > 0) { // solved to the last bit, or not to be solved
			return true
		}
		way, stop := 1.0, -1
		for a, j := range set {
			if j < l.slopes && sign(t[j]+d[a]) != sign(t[j]) {
				if w := -t[j] / d[a]; w < way || stop < 0 {
					way, stop = min(w, 1), a
				}
			}
		}
		for a, j := range set {
			change := way * d[a]
			if a == stop {
				change = -t[j]
			}
			l.move(j, change, v)
			if t[j] += change; a == stop {
				t[j] = 0
			}
		}
		if stop < 0 {
			return true
		}
	}
	return false
}

// factor factorises H among some coordinates.
func (l *lasso) factor(ctx context.Context, set []int) factors {
	q := len(set)
	h := make([]float64, q*q)
	for a, i := range set {
		for b, j := range set[:a+1] {
			h[a*q+b] = l.h[i*l.m+j]
		}
		h[a*q+a] *= 1 + 1e-13 // equal columns share what either could have
	}
	cholesky(ctx, h, q)
	return factors{k: 1, q: q, l: [][]float64{h}}
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
