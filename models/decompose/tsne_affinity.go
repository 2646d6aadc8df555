package decompose

import (
	"context"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	boxes "flowbook/models/internal/near"
)

// neighbor is another row and its squared distance.
type neighbor struct {
	row     int32
	squared float64
}

// nearest returns the k nearest other rows of each row, n × k, nearest first, the lower
// row of a tie.
func nearest(ctx context.Context, plan *dense.Plan, rows table.View, k int) ([]neighbor, error) {
	tree, err := boxes.Plant(ctx, "decompose", plan, rows, nil, float64(k+1))
	if err != nil {
		return nil, err
	}
	out := make([]neighbor, rows.Rows()*k)
	err = tree.Nearest(ctx, "t-SNE: nearest rows", rows, float64(k+1), func(i int, hits []boxes.Hit) {
		own := out[i*k : i*k : (i+1)*k]
		for _, h := range hits { // the row itself is not among them where k+1 lower ones equal it
			if int(h.Row) != i && len(own) < k {
				own = append(own, neighbor{h.Row, h.Squared})
			}
		}
	})
	return out, err
}

// affinities are the joint probabilities p of the rows, symmetric, 0 on the diagonal,
// with sum 1, in compressed rows: row i has the entries start[i] ≤ e < start[i+1].
type affinities struct {
	start []int32
	col   []int32
	p     []float64
}

// joint turns each row's k neighbours into joint probabilities: Gaussian ones whose
// perplexity is the one asked for, p(j|i) ([1], eq. 1), made symmetric:
// p(i, j) = (p(j|i) + p(i|j)) / 2n.
func joint(found []neighbor, n, k int, perplexity float64) *affinities {
	given := make([]float64, n*k)
	par.Blocks(n, 256, func(_, lo, hi int) {
		d := make([]float64, k)
		for i := lo; i < hi; i++ {
			for j, v := range found[i*k : (i+1)*k] {
				d[j] = v.squared
			}
			gaussian(d, given[i*k:(i+1)*k], perplexity)
		}
	})
	// All pairs, from both sides, by row; then each row by column, equal ones added.
	a := &affinities{start: make([]int32, n+1)}
	count := make([]int32, n+1)
	for i := range n {
		count[i+1] += int32(k)
	}
	for _, v := range found {
		count[v.row+1]++
	}
	for i := range n {
		count[i+1] += count[i]
	}
	col, val := make([]int32, 2*n*k), make([]float64, 2*n*k)
	next := append([]int32(nil), count[:n]...)
	put := func(i, j int32, v float64) {
		col[next[i]], val[next[i]] = j, v
		next[i]++
	}
	for e, v := range found {
		i := int32(e / k)
		put(i, v.row, given[e])
		put(v.row, i, given[e])
	}
	a.col, a.p = make([]int32, 0, 2*n*k), make([]float64, 0, 2*n*k)
	at := make([]int32, n) // entry+1 of each column of the row at hand
	for i := range n {
		first := int32(len(a.col))
		for e := count[i]; e < count[i+1]; e++ {
			if j := col[e]; at[j] > first {
				a.p[at[j]-1] += val[e] / (2 * float64(n))
			} else {
				a.col, a.p = append(a.col, j), append(a.p, val[e]/(2*float64(n)))
				at[j] = int32(len(a.col))
			}
		}
		a.start[i+1] = int32(len(a.col))
	}
	return a
}

// gaussian writes exp(-β d) over its sum to p for the β at which the perplexity, the
// exponential of the entropy, is the one asked for. d rises. Where no β leads there
// (more rows than that at the least distance), p is what β tends to. It returns β.
func gaussian(d, p []float64, perplexity float64) float64 {
	least, top := d[0], d[len(d)-1]-d[0]
	if top == 0 {
		for j := range p {
			p[j] = 1 / float64(len(p))
		}
		return 0
	}
	want := math.Log(perplexity)
	lo, hi, beta := 0.0, math.Inf(1), 1.0 // of distances in units of top
	for range 200 {
		// With w = exp(-β d): H = log Σw + β m, m = Σ w d / Σw; dH/dβ = -β (Σ w d²/Σw - m²).
		var sum, sum1, sum2 float64
		for _, v := range d {
			v = (v - least) / top
			w := math.Exp(-beta * v)
			sum += w
			sum1 += float64(w * v)
			sum2 += float64(w * float64(v*v))
		}
		mean := sum1 / sum
		over := math.Log(sum) + float64(beta*mean) - want
		if math.Abs(over) <= 1e-12 {
			break
		}
		if over > 0 {
			lo = beta
		} else {
			hi = beta
		}
		step := beta + over/(beta*(sum2/sum-float64(mean*mean)))
		switch {
		case step > lo && step < hi && step < 4*beta && step > beta/4:
			beta = step
		case math.IsInf(hi, 1):
			beta *= 2
		default:
			beta = lo + (hi-lo)/2
		}
		if beta > 1e300 || beta == lo && lo+(hi-lo)/2 == lo {
			break
		}
	}
	sum := 0.0
	for j, v := range d {
		p[j] = math.Exp(-beta * ((v - least) / top))
		sum += p[j]
	}
	for j := range p {
		p[j] /= sum
	}
	return beta / top
}

// divergence is the Kullback-Leibler divergence of the joint probabilities from those of
// a map of n × 2 numbers, Σ p log(p/q), exact: q = 1/(1+d²) over its sum over all pairs.
func (a *affinities) divergence(y []float64) float64 {
	n := len(y) / 2
	part := make([]float64, par.Count(n, 128))
	total := make([]float64, len(part))
	par.Blocks(n, 128, func(b, lo, hi int) {
		for i := lo; i < hi; i++ {
			yi, yj := y[2*i], y[2*i+1]
			sum := 0.0
			for j := 0; j < i; j++ {
				d0, d1 := yi-y[2*j], yj-y[2*j+1]
				sum += 1 / (1 + float64(d0*d0) + float64(d1*d1))
			}
			total[b] += 2 * sum
			for e := a.start[i]; e < a.start[i+1]; e++ {
				j := int(a.col[e])
				d0, d1 := yi-y[2*j], yj-y[2*j+1]
				if p := a.p[e]; p > 0 {
					part[b] += float64(p * (math.Log(p) + math.Log1p(float64(d0*d0)+float64(d1*d1))))
				}
			}
		}
	})
	kl, all := 0.0, 0.0
	for b := range part {
		kl += part[b]
		all += total[b]
	}
	return kl + math.Log(all)
}
