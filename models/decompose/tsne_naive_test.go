package decompose

import (
	"cmp"
	"math"
	"slices"

	"flowbook/models/cluster"
)

// everybody lists all other rows of each row, nearest first, the lower row of a tie.
func everybody(x cluster.Matrix) []neighbor {
	n := x.Len()
	out := make([]neighbor, 0, n*(n-1))
	for i := range n {
		for j := range n {
			if j != i {
				out = append(out, neighbor{int32(j), x.Squared(i, j)})
			}
		}
		slices.SortStableFunc(out[i*(n-1):], func(a, b neighbor) int { return cmp.Compare(a.squared, b.squared) })
	}
	return out
}

// table is the joint probabilities, n × n.
func (a *affinities) table() []float64 {
	n := len(a.start) - 1
	p := make([]float64, n*n)
	for i := range n {
		for e := a.start[i]; e < a.start[i+1]; e++ {
			p[i*n+int(a.col[e])] += a.p[e]
		}
	}
	return p
}

// naiveDivergence is Σ exaggeration·p log(p/q) as the formula has it.
func naiveDivergence(p, y []float64, exaggeration float64) float64 {
	n := len(y) / 2
	q, all := make([]float64, n*n), 0.0
	for i := range n {
		for j := range n {
			if i != j {
				q[i*n+j] = 1 / (1 + math.Pow(y[2*i]-y[2*j], 2) + math.Pow(y[2*i+1]-y[2*j+1], 2))
				all += q[i*n+j]
			}
		}
	}
	kl := 0.0
	for e, v := range p {
		if v > 0 {
			// Exaggerated, the affinities no longer add up to 1: their attraction alone is
			// multiplied, which is what -Σ e p log q + log Σ q has as its gradient.
			kl += v*math.Log(v) - exaggeration*v*math.Log(q[e]) + v*math.Log(all)
		}
	}
	return kl
}

// naivePush sums all pairs in float64: Σ q² (y_i - y_j), n × 2, and Σ q.
func naivePush(y []float64) (push []float64, total float64) {
	n := len(y) / 2
	push = make([]float64, 2*n)
	for i := range n {
		for j := range n {
			if i != j {
				dx, dy := y[2*i]-y[2*j], y[2*i+1]-y[2*j+1]
				q := 1 / (1 + dx*dx + dy*dy)
				total += q
				push[2*i] += q * q * dx
				push[2*i+1] += q * q * dy
			}
		}
	}
	return push, total
}
