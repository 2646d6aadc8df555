package linear

import (
	"cmp"
	"context"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// curved is a smooth convex function of θ whose Hessian can be written down in part.
type curved interface {
	size() int
	slopes() int
	gradient(theta, g []float64) float64 // returns the value at θ and writes the gradient
	// among returns the lower triangle of H + μ, at the last gradient's θ, among some
	// places of θ, rising; μ is for slopes alone. It stops half-way where ctx ends.
	among(ctx context.Context, set []int32, mu float64) []float64
	// settle moves θ to where the value is the same and the penalty least.
	settle(theta []float64, lambda float64)
}

// proximal minimises o + λ ‖β‖₁ from θ, in place, by Newton's method on the smooth
// part [1, 2]: each round minimises its quadratic model with the penalty as it is. It
// stops when a round's step is below tol times the length of the coefficients, or (they
// may have several optima) when two rounds promise nothing. While steps are long, models
// are solved roughly. Damping is that of newton.
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
	f, mu := o.gradient(theta, g)+penalty(theta), 0.0
	roughly, still := true, 0
	for rounds < maxRounds {
		if err := ctx.Err(); err != nil {
			return rounds, false, err
		}
		rounds++
		task.Add(1)
		if err := model(ctx, o, g, theta, lambda, mu, roughly, d); err != nil {
			return rounds, false, err
		}
		along(theta, 1, d, next)
		slope := penalty(theta) - dot(g, d) - penalty(next) // what the model promises, and more
		steep, lost := norm(g), slope <= 1e-9*math.Abs(f)   // lost in the rounding of f
		step, fNext := 1.0, 0.0
		for halvings := 0; ; halvings++ {
			along(theta, step, d, next)
			o.settle(next, lambda)
			fNext = o.gradient(next, g) + penalty(next)
			if fNext <= f-1e-4*step*slope || lost && fNext <= f+1e-9*math.Abs(f) || halvings == 50 {
				break
			}
			step /= 2
		}
		for j, v := range next {
			theta[j], next[j] = v, v-theta[j]
		}
		f = fNext
		if still++; roughly || step < 1 || mu > 0 || slope > 1e-14*math.Abs(f) {
			still = 0
		}
		moved := max(norm(next[:end])-tol*norm(theta[:end]), norm(next)-tol*norm(theta))
		if !roughly && step == 1 && mu == 0 && moved <= 0 || still == 2 {
			return rounds, true, nil
		}
		roughly = norm(next) > 0.05*norm(theta)
		mu = damping(mu, step, steep, norm(d))
	}
	return rounds, false, nil
}

// model writes the d that minimises g·d + ½ d·(H + μ)d + λ ‖β+d‖₁ over the working set.
func model(ctx context.Context, o curved, g, theta []float64, lambda, mu float64, roughly bool, d []float64) error {
	set := working(o, g, theta, lambda)
	m := len(set)
	l := &lasso{m: m, slopes: m - (o.size() - o.slopes()), h: o.among(ctx, set, mu), lambda: lambda}
	for j := range m { // the upper triangle, too
		for i := range j {
			l.h[i*m+j] = l.h[j*m+i]
		}
	}
	v, t := make([]float64, m), make([]float64, m)
	for e, j := range set {
		v[e], t[e] = g[j], theta[j]
	}
	err := l.minimise(ctx, v, t, roughly)
	clear(d)
	for e, j := range set {
		d[j] = t[e] - theta[j]
	}
	return err
}

// working lists the places of θ that may change: all, where they are few; else those
// in use and, of those whose gradient exceeds the penalty, the farthest. Intercepts
// stand last.
func working(o curved, g, theta []float64, lambda float64) []int32 {
	const more = 500
	var used, over []int32
	for j := range o.slopes() {
		switch {
		case o.size() <= maxFactor || theta[j] != 0:
			used = append(used, int32(j))
		case math.Abs(g[j]) > lambda:
			over = append(over, int32(j))
		}
	}
	if len(over) > more {
		slices.SortStableFunc(over, func(a, b int32) int {
			return cmp.Compare(math.Abs(g[b]), math.Abs(g[a]))
		})
		over = over[:more]
	}
	used = append(used, over...)
	slices.Sort(used)
	for j := o.slopes(); j < o.size(); j++ {
		used = append(used, int32(j))
	}
	return used
}

func (o *scalar) among(ctx context.Context, set []int32, mu float64) []float64 {
	x, q := o.x, len(set)
	if q <= x.P {
		x = columns(x, set)
	}
	h := dense.Gram(ctx, x, o.curve)
	for j := range q - 1 {
		h[j*q+j] += o.ridge + mu
	}
	return h
}

func (o *scalar) settle([]float64, float64) {}

// among adds, for every row open between some classes, with a the row's chances times
// its entries, s (p x xᵀ of each class - a aᵀ).
func (o *multi) among(ctx context.Context, set []int32, mu float64) []float64 {
	o.look()
	m := len(set)
	place := make([]int32, o.size())
	for j := range place {
		place[j] = -1
	}
	for e, j := range set {
		place[j] = int32(e)
	}
	stripes := parts // partial sums of a size that memory has room for
	if m > 1000 {
		stripes = 2
	}
	sums := make([][]float64, stripes)
	par.Do(stripes, func(g int) {
		h := make([]float64, m*m)
		var at, class []int32
		var x, a []float64
		n := len(o.open)
		for k := g * n / stripes; k < (g+1)*n/stripes; k++ {
			b, l := &o.x.Blocks[k], &o.open[k]
			for e, i := range l.rows {
				if e%32 == 0 && ctx.Err() != nil {
					break
				}
				at, class, x, a = at[:0], class[:0], x[:0], a[:0]
				p := o.prob[int(i)*o.k : (int(i)+1)*o.k]
				entry := func(col int, v float64) {
					for _, c := range l.classes[l.start[e]:l.start[e+1]] {
						if w := place[col*o.k+int(c)]; w >= 0 {
							at, class, x, a = append(at, w), append(class, c), append(x, v), append(a, v*p[c])
						}
					}
				}
				for e := b.Start[int(i)-b.Lo]; e < b.Start[int(i)-b.Lo+1]; e++ {
					entry(int(b.Col[e]), b.Val[e])
				}
				entry(o.x.P, 1)
				s := o.s[i]
				for e, w := range at {
					line, v, c := h[int(w)*m:int(w)*m+int(w)+1], s*a[e], class[e]
					for f, u := range at[:e+1] {
						y := -a[f]
						if class[f] == c {
							y += x[f]
						}
						line[u] += float64(v * y)
					}
				}
			}
		}
		sums[g] = h
	})
	out := sums[0]
	for _, h := range sums[1:] {
		for j, v := range h {
			out[j] += v
		}
	}
	for j := range m - o.k {
		out[j*m+j] += o.ridge + mu
	}
	return out
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
