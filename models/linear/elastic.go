package linear

import (
	"context"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// curved is a smooth convex function of θ with a quadratic model around a point.
type curved interface {
	size() int
	slopes() int
	gradient(theta, g []float64) float64 // returns the value at θ and writes the gradient
	// step writes the d that minimises g·d + ½ d·H d + λ ‖β+d‖₁, at the last
	// gradient's θ, over columns that may matter.
	step(ctx context.Context, g, theta []float64, lambda float64, d []float64) error
	// settle moves θ to where the value is the same and the penalty least.
	settle(theta []float64, lambda float64)
}

// proximal minimises o + λ ‖β‖₁ from θ, in place, by Newton's method on the smooth
// part [1, 2]: each round minimises its quadratic model with the penalty as it is. It
// stops when a round's step is below tol times the length of the coefficients.
//
// [1] Lee, Sun, Saunders (2014), SIAM J. Optimization 24, 1420-1443.
// [2] Yuan, Ho, Lin (2012), JMLR 13, 1999-2030.
func proximal(ctx context.Context, o curved, theta []float64, lambda float64, maxRounds int, tol float64) (rounds int, converged bool, err error) {
	task := par.Track(ctx, "linear model", 0)
	defer task.Done()
	end := o.slopes()
	penalty := func(t []float64) float64 {
		sum := 0.0
		for _, v := range t[:end] {
			sum += math.Abs(v)
		}
		return lambda * sum
	}
	g, d, next := make([]float64, o.size()), make([]float64, o.size()), make([]float64, o.size())
	f := o.gradient(theta, g) + penalty(theta)
	for rounds < maxRounds {
		if err := ctx.Err(); err != nil {
			return rounds, false, err
		}
		rounds++
		task.Add(1)
		if err := o.step(ctx, g, theta, lambda, d); err != nil {
			return rounds, false, err
		}
		for j, v := range theta {
			next[j] = v + d[j]
		}
		slope := penalty(theta) - dot(g, d) - penalty(next) // what the model promises, and more
		tiny := slope <= 1e-9*math.Abs(f)                   // below what differences of f can judge
		step, fNext := 1.0, 0.0
		for halvings := 0; ; halvings++ {
			for j, v := range theta {
				next[j] = v + float64(step*d[j])
			}
			o.settle(next, lambda)
			fNext = o.gradient(next, g) + penalty(next)
			if fNext <= f-1e-4*step*slope || tiny && fNext <= f+1e-9*math.Abs(f) || halvings == 50 {
				break
			}
			step /= 2
		}
		copy(theta, next)
		f = fNext
		if step == 1 && norm(d[:end]) <= tol*norm(theta[:end]) && norm(d) <= tol*norm(theta) {
			return rounds, true, nil
		}
	}
	return rounds, false, nil
}

// working lists the columns of line c that may change: all, where they are few; else
// those in use and, of those whose gradient exceeds the penalty, the farthest. The
// intercept stands last.
func working(x *dense.Compact, k, c int, g, theta []float64, lambda float64) []int32 {
	const more = 500
	var used, over []int32
	for j := range x.P {
		switch {
		case x.P <= maxFactor || theta[j*k+c] != 0:
			used = append(used, int32(j))
		case math.Abs(g[j*k+c]) > lambda:
			over = append(over, int32(j))
		}
	}
	if len(over) > more {
		slices.SortStableFunc(over, func(a, b int32) int {
			u, v := math.Abs(g[int(a)*k+c]), math.Abs(g[int(b)*k+c])
			switch {
			case u > v:
				return -1
			case u < v:
				return 1
			}
			return 0
		})
		over = over[:more]
	}
	used = append(used, over...)
	slices.Sort(used)
	return append(used, int32(x.P))
}

// newLasso is the model of line c of k over a working set, with curves w and a ridge.
func newLasso(x *dense.Compact, set []int32, w []float64, ridge, lambda float64) *lasso {
	l := &lasso{m: len(set), lambda: lambda}
	if len(set) == x.P+1 {
		l.h = gram(x, w)
	} else {
		l.h = gramOf(x, set, w)
	}
	for j := range l.m {
		if j < l.m-1 {
			l.h[j*l.m+j] += ridge
		}
		for i := range j { // the upper triangle, too
			l.h[i*l.m+j] = l.h[j*l.m+i]
		}
	}
	return l
}

func (o *scalar) step(ctx context.Context, g, theta []float64, lambda float64, d []float64) error {
	set := working(o.x, 1, 0, g, theta, lambda)
	l := newLasso(o.x, set, o.curve, o.ridge, lambda)
	v, t := make([]float64, l.m), make([]float64, l.m)
	for e, j := range set {
		v[e], t[e] = g[j], theta[j]
	}
	err := l.minimise(ctx, v, t)
	clear(d)
	for e, j := range set {
		d[j] = t[e] - theta[j]
	}
	return err
}

func (o *scalar) settle([]float64, float64) {}

// step goes through the classes in turn, each with what the others have moved, until
// a turn changes little.
func (o *multi) step(ctx context.Context, g, theta []float64, lambda float64, d []float64) error {
	sets, models, w := make([][]int32, o.k), make([]*lasso, o.k), make([]float64, o.x.N)
	for c := range o.k {
		for i := range w {
			p := o.prob[i*o.k+c]
			w[i] = o.s[i] * p * (1 - p)
		}
		sets[c] = working(o.x, o.k, c, g, theta, lambda)
		models[c] = newLasso(o.x, sets[c], w, o.ridge, lambda)
	}
	clear(d)
	u, mean := make([]float64, o.x.N*o.k), make([]float64, o.x.N) // x·d of each class, and Σ p u
	for range 100 {
		moved := 0.0
		for c, l := range models {
			v, t, was := make([]float64, l.m), make([]float64, l.m), make([]float64, l.m)
			pull := o.pull(c, u, mean)
			for e, j := range sets[c] {
				at := int(j)*o.k + c
				v[e], t[e] = g[at]+pull[j], theta[at]+d[at]
				if int(j) < o.x.P {
					v[e] += o.ridge * d[at]
				}
			}
			copy(was, t)
			if err := l.minimise(ctx, v, t); err != nil {
				return err
			}
			change := make([]float64, o.x.P+1)
			for e, j := range sets[c] {
				change[j] = t[e] - was[e]
				d[int(j)*o.k+c] = t[e] - theta[int(j)*o.k+c]
			}
			moved += dot(change, change)
			o.push(c, change, u, mean)
		}
		if moved <= 1e-4*dot(d, d) {
			return nil
		}
	}
	return nil
}

// pull is what the steps taken add to the gradient of class c: Σ s p (u - Σ p u) x.
func (o *multi) pull(c int, u, mean []float64) []float64 {
	sums := partials(o.x.P + 1)
	over(o.x, func(part int, b *dense.Block) {
		for i := b.Lo; i < b.Hi; i++ {
			at := i*o.k + c
			scatter(b, i, o.s[i]*o.prob[at]*(u[at]-mean[i]), sums[part])
		}
	})
	out := make([]float64, o.x.P+1)
	add(out, sums)
	return out
}

// push takes a change of class c to the rows.
func (o *multi) push(c int, change, u, mean []float64) {
	over(o.x, func(_ int, b *dense.Block) {
		for i := b.Lo; i < b.Hi; i++ {
			v := score(b, i, change)
			u[i*o.k+c] += v
			mean[i] += float64(o.prob[i*o.k+c] * v)
		}
	})
}

// settle adds one number to all classes' coefficients of a column, which changes no
// probability, so that their penalty is least [Friedman, Hastie, Tibshirani (2010), J.
// Statistical Software 33, section 4.1]; intercepts are made to sum to 0.
func (o *multi) settle(theta []float64, lambda float64) {
	for j := range o.x.P {
		line := theta[j*o.k : (j+1)*o.k]
		if t := shift(line, o.ridge, lambda); t != 0 {
			for c, v := range line {
				if line[c] += t; v == -t {
					line[c] = 0
				}
			}
		}
	}
	centre(theta[o.slopes():], o.k)
}

// shift is the t of the least ½ ridge Σ (b+t)² + λ Σ |b+t|; of several the one
// closest to 0.
func shift(b []float64, ridge, lambda float64) float64 {
	k, sum := len(b), 0.0
	zeros := make([]float64, k) // b+t is above 0 for t above -b
	for c, v := range b {
		zeros[c] = -v
		sum += v
	}
	slices.Sort(zeros)
	for r := range k + 1 { // between zeros r-1 and r, r classes are above 0
		lo, hi := math.Inf(-1), math.Inf(1)
		if r > 0 {
			lo = zeros[r-1]
		}
		if r < k {
			hi = zeros[r]
		}
		pull := lambda * float64(2*r-k) // of the absolute values
		t := 0.0
		switch {
		case ridge > 0:
			t = -(pull/ridge + sum) / float64(k)
		case pull > 0:
			t = math.Inf(-1)
		case pull < 0:
			t = math.Inf(1)
		}
		if t <= hi { // the derivative is below 0 up to here, and not beyond
			return max(t, lo)
		}
	}
	return 0
}
