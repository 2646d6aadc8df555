package monitor

import (
	"math"
	"slices"

	"flowbook/internal/num"
)

// segments is the search for the best cuts of x.
type segments struct {
	kind        Cost
	penalty     float64
	sum, sum2   []float64 // of the first i values, from their median
	least, var1 float64   // the least variance of a segment; the variance of all
	best        []float64 // of the first i values: least cost, every segment with a penalty
	last        []int     // where the last of those segments begins
}

// parameters of a segment, and its place.
func (c Cost) parameters() float64 {
	if c == MeanVariance {
		return 3
	}
	return 2
}

// segments finds the best cuts of every beginning of x.
func (p PELT) segments(x []float64) *segments {
	n := len(x)
	s := &segments{kind: p.Cost, penalty: p.Penalty, sum: make([]float64, n+1), sum2: make([]float64, n+1), best: make([]float64, n+1), last: make([]int, n+1)}
	if s.penalty == 0 && n > 0 {
		s.penalty = p.Cost.parameters() * math.Log(float64(n))
	}
	mid := 0.0
	if p.Cost != Poisson && n > 0 {
		mid = num.Median(x)
	}
	for i, v := range x {
		s.sum[i+1] = s.sum[i] + (v - mid)
		s.sum2[i+1] = s.sum2[i] + float64((v-mid)*(v-mid))
	}
	s.var1 = noise(x)
	if n > 1 {
		s.least = 1e-8 * num.Variance(x)
	}
	// A beginning that has lost against a cut at t stays in the running until a
	// segment from t could have ended, Shortest values on.
	type candidate struct{ from, until int }
	running := []candidate{{0, math.MaxInt}}
	for end := 1; end <= n; end++ {
		s.best[end] = math.Inf(1)
		if end >= p.Shortest {
			for _, c := range running {
				if end-c.from < p.Shortest {
					break
				}
				if v := s.best[c.from] + s.cost(c.from, end) + s.penalty; v < s.best[end] {
					s.best[end], s.last[end] = v, c.from
				}
			}
			for i, c := range running {
				if end-c.from >= p.Shortest && c.until == math.MaxInt && s.best[c.from]+s.cost(c.from, end) > s.best[end] {
					running[i].until = end + p.Shortest
				}
			}
			running = slices.DeleteFunc(running, func(c candidate) bool { return c.until <= end+1 })
			running = append(running, candidate{end, math.MaxInt})
		}
	}
	if math.IsInf(s.best[n], 1) { // too short to be a segment: it is one all the same
		s.best[n], s.last[n] = s.cost(0, n)+s.penalty, 0
	}
	return s
}

// recent compares the best cut of the first n values that is at most recent values old
// with the best segments of which the last is longer. It returns what the cut gains,
// its penalty not yet paid, and the segment up to the cut; or the last one, up to n,
// where the cut does not pay.
func (s *segments) recent(n, shortest, recent int) (lo, hi int, gain float64) {
	old, cut := math.Inf(1), math.Inf(1)
	from, at := 0, 0
	for i := 0; i <= n-shortest; i++ {
		v := s.best[i] + s.cost(i, n)
		switch {
		case i > 0 && i >= n-recent:
			if v < cut {
				cut, at = v, i
			}
		case v < old:
			old, from = v, i
		}
	}
	if cut < old {
		return s.last[at], at, old - cut + s.penalty
	}
	return from, n, old - cut + s.penalty
}

// cost is minus twice the log-likelihood of x[lo:hi], without what is the same for
// every way of cutting.
func (s *segments) cost(lo, hi int) float64 {
	n := float64(hi - lo)
	sum := s.sum[hi] - s.sum[lo]
	if n == 0 {
		return 0
	}
	if s.kind == Poisson {
		if sum == 0 {
			return 0
		}
		return 2 * sum * (1 - math.Log(sum/n))
	}
	squares := math.Max(0, s.sum2[hi]-s.sum2[lo]-float64(sum*sum)/n)
	if s.kind == Mean {
		if s.var1 == 0 {
			return 0
		}
		return squares / s.var1
	}
	if s.least == 0 {
		return 0
	}
	// At the variance held up the likelihood still falls with the squares. (To add n
	// instead would make a segment cheaper than its parts, and pruning lose the best.)
	v := math.Max(squares/n, s.least)
	return n*math.Log(v) + squares/v
}

// noise is the variance that the differences of neighbours tell.
func noise(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	d := make([]float64, len(x)-1)
	squares := 0.0
	for i := range d {
		d[i] = x[i+1] - x[i]
		squares += float64(d[i] * d[i])
	}
	if mad := num.MADScale * num.MAD(d); mad > 0 {
		return mad * mad / 2
	}
	return squares / float64(len(d)) / 2
}
