package kmeans

import (
	"context"
	"math"
	"math/rand/v2"
)

// plusPlus picks k rows by greedy k-means++: each is the best of 2 + log k
// candidates drawn with chance proportional to weight times squared distance to
// the rows picked so far. It returns nil if fewer than k rows are apart, or ctx is done.
func plusPlus(ctx context.Context, pt *points, k int, g *rand.Rand) []int {
	near := make([]float64, pt.n) // squared distance to the nearest pick
	for i := range near {
		near[i] = 1
	}
	trials := 2 + int(math.Log(float64(k)))
	first := draw(pt, near, 1, g)
	if first == nil {
		return nil
	}
	picked := first
	// dist holds a line a candidate.
	dist := make([]float64, trials*pt.n)
	distances(pt, picked, nil, dist)
	copy(near, dist[:pt.n])
	for len(picked) < k {
		candidates := draw(pt, near, trials, g)
		if candidates == nil || ctx.Err() != nil {
			return nil
		}
		cost := distances(pt, candidates, near, dist)
		best := 0
		for c, v := range cost {
			if v < cost[best] {
				best = c
			}
		}
		copy(near, dist[best*pt.n:(best+1)*pt.n])
		picked = append(picked, candidates[best])
	}
	return picked
}

// draw picks rows with chance proportional to weight times near, nil if all are 0.
func draw(pt *points, near []float64, count int, g *rand.Rand) []int {
	const block = 1024
	sums := make([]float64, (pt.n+block-1)/block)
	total := 0.0
	for b := range sums {
		for i := b * block; i < min(pt.n, (b+1)*block); i++ {
			sums[b] += float64(pt.weight[i] * near[i])
		}
		total += sums[b]
	}
	if !(total > 0) {
		return nil
	}
	out := make([]int, count)
	for t := range out {
		left := g.Float64() * total
		b := 0
		for b < len(sums)-1 && left >= sums[b] {
			left -= sums[b]
			b++
		}
		last := -1
		for i := b * block; i < min(pt.n, (b+1)*block); i++ {
			if w := pt.weight[i] * near[i]; w > 0 {
				last = i
				if left -= w; left < 0 {
					break
				}
			}
		}
		if last < 0 { // rounding led to a block without chances: take the likeliest row of all
			for i := range near {
				if last < 0 || pt.weight[i]*near[i] > pt.weight[last]*near[last] {
					last = i
				}
			}
		}
		out[t] = last
	}
	return out
}

// distances writes, for each candidate, the squared distance of every row to it or
// to the nearest pick, and returns each candidate's weighted sum.
func distances(pt *points, candidates []int, near, dist []float64) []float64 {
	k := len(candidates)
	t := make([]float64, k*pt.p)
	transpose(pt.rows(candidates), pt.p, t)
	var sums [parts][]float64
	pt.over(func(part, lo, hi int) {
		sum, z := make([]float64, k), make([]float64, k)
		for i := lo; i < hi; i++ {
			pt.dots(i, k, t, z)
			for c, v := range z {
				d := max(0, pt.norm[i]-2*v+pt.norm[candidates[c]])
				if near != nil && near[i] < d {
					d = near[i]
				}
				dist[c*pt.n+i] = d
				sum[c] += float64(pt.weight[i] * d)
			}
		}
		sums[part] = sum
	})
	out := make([]float64, k)
	for _, s := range sums {
		for c, v := range s {
			out[c] += v
		}
	}
	return out
}
