package linear

import (
	"context"
	"math"

	"flowbook/internal/par"
)

// newton minimises o from θ, in place. It stops with a step whose squared length,
// in the metric of the Hessian (at least the Euclidean one of the coefficients), is
// below a hundredth of tol times the larger of 1 and their norm: what is then left
// is of the order of that square.
func newton(ctx context.Context, o *objective, theta []float64, maxRounds int, tol float64) (rounds int, converged bool, err error) {
	task := par.Track(ctx, "logistic regression", 0)
	defer task.Done()
	size := o.size()
	g, d, next, gNext := make([]float64, size), make([]float64, size), make([]float64, size), make([]float64, size)
	f := o.gradient(theta, g)
	for rounds < maxRounds {
		if err := ctx.Err(); err != nil {
			return rounds, false, err
		}
		rounds++
		task.Add(1)
		if err := o.direction(ctx, g, d); err != nil {
			return rounds, false, err
		}
		slope := -dot(g, d)
		if !(slope > 0) { // at the optimum to the last bit
			return rounds, true, nil
		}
		short := slope <= 0.01*min(tol*max(1, norm(theta[:o.x.P*o.k])), 1)
		tiny := slope <= 1e-9*math.Abs(f) // below what differences of f can judge
		step, fNext := 1.0, 0.0
		for halvings := 0; ; halvings++ {
			for j := range next {
				next[j] = theta[j] + float64(step*d[j])
			}
			if short {
				copy(theta, next)
				return rounds, true, nil
			}
			fNext = o.gradient(next, gNext)
			if fNext <= f-1e-4*step*slope || tiny && fNext <= f+1e-9*math.Abs(f) || halvings == 50 {
				break
			}
			step /= 2
		}
		copy(theta, next)
		g, gNext = gNext, g
		f = fNext
	}
	return rounds, false, nil
}

// direction writes the step -H⁻¹g. It is solved to the preconditioner where that
// is the Hessian itself, else by conjugate gradients until the residual, in the
// metric of the preconditioner, has fallen to a share of the first that shrinks
// with it (Dembo, Eisenstat, Steihaug 1982).
func (o *objective) direction(ctx context.Context, g, d []float64) error {
	m := o.preconditioner()
	size := len(g)
	r, z := make([]float64, size), make([]float64, size)
	for j, v := range g {
		r[j] = -v
	}
	m.solve(r, z)
	if m.exact {
		copy(d, z)
		return nil
	}
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
		o.product(v, hv)
		curve := dot(v, hv)
		if !(curve > 0) {
			return nil
		}
		alpha := rho / curve
		for j := range d {
			d[j] += float64(alpha * v[j])
			r[j] -= float64(alpha * hv[j])
		}
		m.solve(r, z)
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
