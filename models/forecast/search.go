package forecast

import (
	"cmp"
	"context"
	"math"
	"slices"

	"flowbook/internal/num"
)

// search returns the free coefficients with the largest likelihood. ARMA likelihoods have
// more than one hill: the best of a grid of starts (twice as many as coefficients, at most
// eight) are searched roughly and the highest of their ends to the last digit. On random
// series and orders up to ARIMA(3,1,2) that misses the highest hill about once in thirty.
func (l *likelihood) search(ctx context.Context) []float64 {
	x := roughly(ctx, l.objective(), l.starts(), min(8, 2*l.order.searched()))
	return finely(ctx, l.objective(), x)
}

// objective is the mean negative log-likelihood at free coefficients.
func (l *likelihood) objective() func(x []float64) float64 {
	return func(x []float64) float64 {
		_, _, logLik := l.profile(l.order.coefficients(x))
		return -logLik / float64(l.n)
	}
}

// roughly searches from the k best starts, good to some hundredths of a log-likelihood.
func roughly(ctx context.Context, objective func([]float64) float64, starts [][]float64, k int) []float64 {
	objective = guarded(ctx, objective)
	points := make([]point, len(starts))
	for i, x := range starts {
		points[i] = point{x, objective(x)}
	}
	var ends []point
	for _, p := range best(points, max(1, k)) {
		x, f := minimise(objective, p.x, 15, true)
		ends = append(ends, point{x, f})
	}
	if top := best(ends, 1); len(top) > 0 {
		return top[0].x
	}
	return starts[0] // NaN throughout
}

// finely goes on to the last digit.
func finely(ctx context.Context, objective func([]float64) float64, x []float64) []float64 {
	x, _ = minimise(guarded(ctx, objective), x, 200, false)
	return x
}

// guarded has no values once ctx is done, which ends every search.
func guarded(ctx context.Context, objective func([]float64) float64) func([]float64) float64 {
	return func(x []float64) float64 {
		if ctx.Err() != nil {
			return math.NaN()
		}
		return objective(x)
	}
}

type point struct {
	x []float64
	f float64
}

// best returns the k points with the least f, of those within 1e-6 of each other the first.
func best(points []point, k int) []point {
	sorted := slices.DeleteFunc(slices.Clone(points), func(p point) bool { return math.IsNaN(p.f) })
	slices.SortStableFunc(sorted, func(a, b point) int { return cmp.Compare(a.f, b.f) })
	sorted = slices.CompactFunc(sorted, func(a, b point) bool { return math.Abs(a.f-b.f) < 1e-6 })
	return sorted[:min(k, len(sorted))]
}

// starts are points to search from: the autoregression nil, as the sample's partial
// autocorrelations have it, or strong either way; moving averages nil or half; a season
// nil or half.
func (l *likelihood) starts() [][]float64 {
	a := l.order
	k := a.searched()
	if k == 0 {
		return [][]float64{{}}
	}
	ars, mas, seasons := [][]float64{make([]float64, a.P)}, []float64{0}, []float64{0}
	if a.P > 0 {
		ars = append(ars, l.partial(a.P))
		for _, v := range []float64{0.8, -0.5} {
			x := make([]float64, a.P)
			x[0] = v
			ars = append(ars, x)
		}
	}
	if a.Q > 0 {
		mas = append(mas, 0.5, -0.5)
	}
	if a.SP+a.SQ > 0 {
		seasons = append(seasons, 0.4)
	}
	var out [][]float64
	for _, ar := range ars {
		for _, ma := range mas {
			for _, season := range seasons {
				x := make([]float64, k)
				for i, v := range ar {
					x[i] = free(v)
				}
				if a.Q > 0 {
					x[a.P] = free(-ma)
				}
				if a.SP > 0 {
					x[a.P+a.Q] = free(season)
				}
				if a.SQ > 0 {
					x[a.P+a.Q+a.SP] = free(season)
				}
				out = append(out, x)
			}
		}
	}
	return out
}

// partial returns the first p partial autocorrelations of the differenced series about
// its mean, over pairs without gaps, held within ±0.95.
func (l *likelihood) partial(p int) []float64 {
	w := l.cols[0]
	if l.levels {
		w = l.order.difference(w)
	}
	kept, _ := num.DropNaN(w)
	mean := num.Mean(kept)
	rho := make([]float64, p+1)
	for k := range rho {
		for t := k; t < len(w); t++ {
			if v := float64((w[t] - mean) * (w[t-k] - mean)); !math.IsNaN(v) {
				rho[k] += v
			}
		}
	}
	out, phi, last := make([]float64, p), make([]float64, p), make([]float64, p)
	for k := 1; k <= p && rho[0] > 0; k++ { // Durbin-Levinson
		up, down := rho[k], rho[0]
		for j := range k - 1 {
			up -= float64(phi[j] * rho[k-1-j])
			down -= float64(phi[j] * rho[j+1])
		}
		r := max(-0.95, min(0.95, up/down))
		if math.IsNaN(r) || !(down > 0) {
			break
		}
		out[k-1] = r
		copy(last, phi)
		for j := range k - 1 {
			phi[j] = last[j] - float64(r*last[k-2-j])
		}
		phi[k-1] = r
	}
	return out
}
