package linear

import (
	"context"
	"math"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// signs are +1 for rows of a class and -1 for all others.
func signs(labels []int, class int) []float64 {
	y := make([]float64, len(labels))
	for i, l := range labels {
		if y[i] = -1; l == class {
			y[i] = 1
		}
	}
	return y
}

// squaredHinge is s max(0, 1-yz)².
type squaredHinge struct{ y, s []float64 }

func (l squaredHinge) tile(lo int, z, d, h []float64) float64 {
	total := 0.0
	y, s := l.y[lo:lo+len(z)], l.s[lo:lo+len(z)]
	for i, z := range z {
		d[i], h[i] = 0, 0
		if m := 1 - float64(y[i]*z); m > 0 {
			total += float64(s[i] * m * m)
			d[i] = -2 * s[i] * y[i] * m
			h[i] = 2 * s[i]
		}
	}
	return total
}

// softHinge is the hinge loss s max(0, m), m = 1-yz, made smooth around a guess a of
// each row's multiplier, from 0 to 1 [1, eq. 4]:
//
//	s max over u in [0, 1] of  u m - (u-a)²/2σ
//
// but for a constant. The u of the maximum is the better guess. At the right a the
// optimum is that of the hinge, whatever σ.
type softHinge struct {
	y, s, a []float64
	sigma   float64
}

func (l softHinge) tile(lo int, z, d, h []float64) float64 {
	total := 0.0
	y, s, a := l.y[lo:lo+len(z)], l.s[lo:lo+len(z)], l.a[lo:lo+len(z)]
	for i, z := range z {
		t := a[i] + float64(l.sigma*(1-float64(y[i]*z)))
		switch {
		case t <= 0:
			d[i], h[i] = 0, 0
		case t >= 1:
			total += s[i] * (t - 0.5) / l.sigma
			d[i], h[i] = -s[i]*y[i], 0
		default:
			total += s[i] * t * t / (2 * l.sigma)
			d[i], h[i] = -s[i]*y[i]*t, s[i]*l.sigma
		}
	}
	return total
}

// hinge minimises ½ Σ β² + ½ bind b² + Σ s max(0, m), in place, by the method of
// multipliers with Newton's method inside [1]: each outer round solves a soft hinge and
// takes its better guess. Guesses near the optimum hardly change it, and the larger σ,
// the faster they come.
//
// [1] Li, Sun, Toh (2018), SIAM J. Optimization 28, 433-458.
func hinge(ctx context.Context, x *dense.Compact, y, s []float64, bind float64, theta []float64, maxRounds int, tol float64) (rounds int, converged bool, err error) {
	const growth, most = 4, 1e5
	soft := softHinge{y, s, make([]float64, len(y)), 1}
	was, z := make([]float64, len(theta)), make([]float64, len(y))
	for rounds < maxRounds {
		copy(was, theta)
		o := newScalar(x, soft, 1, bind)
		o.steady = true
		more, ok, err := newton(ctx, o, theta, maxRounds-rounds, tol, true)
		if rounds += more; err != nil || !ok {
			return rounds, false, err
		}
		guessed, moved := soft.guess(x, theta, z)
		for j, v := range theta {
			was[j] -= v
		}
		// Multipliers that still move by a share of their range may do so for as many
		// rounds as it takes to cross it. Coefficients near 0 have no precision of their
		// own; that of the scores has to do.
		limit := tol
		if guessed > math.Sqrt(tol) {
			limit *= guessed
		}
		if norm(was[:x.P]) <= limit*norm(theta[:x.P]) || moved <= limit {
			return rounds, true, nil
		}
		soft.sigma = min(growth*soft.sigma, most)
	}
	return rounds, false, nil
}

// guess puts the better multipliers in the place of a and the scores in that of z,
// and returns the largest change of both.
func (l softHinge) guess(x *dense.Compact, theta, z []float64) (guessed, moved float64) {
	byBlock := make([][2]float64, len(x.Blocks))
	par.Do(len(x.Blocks), func(k int) {
		b, change := &x.Blocks[k], &byBlock[k]
		for i := b.Lo; i < b.Hi; i++ {
			v := score(b, i, theta)
			u := l.a[i] + float64(l.sigma*(1-float64(l.y[i]*v)))
			u = min(max(u, 0), 1)
			change[0], change[1] = max(change[0], math.Abs(u-l.a[i])), max(change[1], math.Abs(v-z[i]))
			l.a[i], z[i] = u, v
		}
	})
	for _, c := range byBlock {
		guessed, moved = max(guessed, c[0]), max(moved, c[1])
	}
	return guessed, moved
}
