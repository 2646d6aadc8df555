package linear

import (
	"context"
	"math"

	"flowbook/internal/par"
)

// problem is a convex function of θ, its last numbers the intercepts, that Newton's
// method can minimise.
type problem interface {
	size() int
	slopes() int                         // how many numbers of θ are not intercepts
	gradient(theta, g []float64) float64 // returns the value at θ and writes the gradient
	// direction writes -(H + μ)⁻¹g at the last gradient's θ, μ for the slopes alone.
	direction(ctx context.Context, g []float64, mu float64, d []float64) error
}

// newton minimises o from θ, in place. Where only a small share of a step leads down,
// the next ones are damped (Levenberg, Marquardt) for a while. It stops with a step
// whose squared length, in the metric of the Hessian (at least the Euclidean one of the
// coefficients), is below a hundredth of tol times the larger of 1 and their norm: what
// is then left is of the order of that square. Where the Hessian jumps, so that this
// does not hold, the length itself has to be below tol times the norm (kinks).
func newton(ctx context.Context, o problem, theta []float64, maxRounds int, tol float64, kinks bool) (rounds int, converged bool, err error) {
	task := par.Track(ctx, "linear model", 0)
	defer task.Done()
	size := o.size()
	g, d, next, gNext := make([]float64, size), make([]float64, size), make([]float64, size), make([]float64, size)
	f, mu := o.gradient(theta, g), 0.0
	for rounds < maxRounds {
		if err := ctx.Err(); err != nil {
			return rounds, false, err
		}
		rounds++
		task.Add(1)
		if err := o.direction(ctx, g, mu, d); err != nil {
			return rounds, false, err
		}
		slope := -dot(g, d)
		if !(slope > 0) { // at the optimum to the last bit, or lost among numbers too large
			return rounds, slope <= 0, nil
		}
		length := norm(theta[:o.slopes()])
		short := slope <= 0.01*min(tol*max(1, length), 1)
		if kinks {
			short = math.Sqrt(slope) <= tol*length || slope <= 1e-20*f
		}
		if short && mu == 0 {
			along(theta, 1, d, theta)
			return rounds, true, nil
		}
		var step float64
		step, f = search(o, theta, d, f, slope, kinks, next, gNext)
		mu = damping(mu, step, norm(g), norm(d))
		copy(theta, next)
		g, gNext = gNext, g
	}
	return rounds, false, nil
}

// search returns the share of the step d from θ that leads down enough [Armijo], with
// the place, the value and the gradient there. Where differences of f are lost in its
// rounding, a Newton step is trusted; among kinks, the slope along it has to tell.
func search(o problem, theta, d []float64, f, slope float64, kinks bool, next, g []float64) (step, fNext float64) {
	lost := slope <= 1e-9*math.Abs(f)
	step = 1
	for halvings := 0; ; halvings++ {
		along(theta, step, d, next)
		fNext = o.gradient(next, g)
		up := dot(g, d)
		switch {
		case fNext <= f-1e-4*step*slope, halvings == 50:
			return step, fNext
		case lost && !kinks && fNext <= f+1e-9*math.Abs(f):
			return step, fNext
		case lost && kinks && up <= slope/4:
			return step, fNext
		case lost && kinks:
			step *= max(slope/(slope+up), 0.1)
		default:
			step /= 2
		}
	}
}

// along writes θ + step d; out may be θ.
func along(theta []float64, step float64, d, out []float64) {
	for j, v := range theta {
		out[j] = v + float64(step*d[j])
	}
}

// damping is the μ that follows a step of which only a share led down: one that would
// have kept the step to about that length. Whole steps take it back.
func damping(mu, share, g, d float64) float64 {
	switch {
	case share < 0.3:
		return max(4*mu, 0.1*g/(share*d))
	case share < 1:
		return mu
	case mu < 0.08:
		return 0
	}
	return mu / 8
}

// conjugate writes the step -H⁻¹g by conjugate gradients, H by its product with a
// vector and a stand-in for it that can be solved, until the residual, in the metric
// of the stand-in, has fallen to a share of the first that shrinks with it (Dembo,
// Eisenstat, Steihaug 1982).
func conjugate(ctx context.Context, g, d []float64, product, solve func(v, out []float64)) error {
	size := len(g)
	r, z := make([]float64, size), make([]float64, size)
	for j, v := range g {
		r[j] = -v
	}
	solve(r, z)
	clear(d)
	v, hv := append([]float64(nil), z...), make([]float64, size)
	rho := dot(r, z)
	stop := rho * math.Min(0.01, math.Min(rho, 1)) // of the square
	stop = max(stop, rho*1e-16)
	for range 250 {
		if !(rho > stop) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		product(v, hv)
		curve := dot(v, hv)
		if !(curve > 0) {
			return nil
		}
		alpha := rho / curve
		for j := range d {
			d[j] += float64(alpha * v[j])
			r[j] -= float64(alpha * hv[j])
		}
		solve(r, z)
		was := rho
		rho = dot(r, z)
		for j := range v {
			v[j] = z[j] + float64(rho/was*v[j])
		}
	}
	return nil
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for j, v := range a {
		sum += float64(v * b[j])
	}
	return sum
}

func norm(a []float64) float64 { return math.Sqrt(dot(a, a)) }
