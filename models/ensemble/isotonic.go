package ensemble

import (
	"slices"
	"sort"
)

// steps is a function that never falls: y[i] at x[i], straight lines between
// neighbours, and outside of them the value of the nearest. x rises.
type steps struct{ x, y []float64 }

func (s steps) at(f float64) float64 {
	i := sort.SearchFloat64s(s.x, f) // the first x of at least f
	switch {
	case i == len(s.x):
		return s.y[i-1]
	case i == 0 || s.x[i] == f:
		return s.y[i]
	}
	return s.y[i-1] + float64((s.y[i]-s.y[i-1])*((f-s.x[i-1])/(s.x[i]-s.x[i-1])))
}

// fitSteps finds the function that never falls and is nearest, in weighted squares,
// to 1 where hit and 0 elsewhere: isotonic regression (Zadrozny, Elkan 2002,
// Transforming classifier scores into accurate multiclass probability estimates,
// KDD 2002) by pooling adjacent violators (Ayer et al. 1955). Rows of equal score
// are one. It is scikit-learn's IsotonicRegression(y_min=0, y_max=1,
// out_of_bounds="clip"). weights may be nil. Time O(n log n).
func fitSteps(scores []float64, hit []bool, weights []float64) steps {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case scores[a] < scores[b]:
			return -1
		case scores[a] > scores[b]:
			return 1
		}
		return 0
	})
	// A block is neighbouring scores with one value, hits/weight.
	type block struct{ first, last, hits, weight float64 }
	var blocks []block
	for at := 0; at < len(order); {
		f := scores[order[at]]
		b := block{first: f, last: f}
		for ; at < len(order) && scores[order[at]] == f; at++ {
			w := 1.0
			if weights != nil {
				w = weights[order[at]]
			}
			b.weight += w
			if hit[order[at]] {
				b.hits += w
			}
		}
		for n := len(blocks); n > 0; n-- {
			a := blocks[n-1]
			if float64(a.hits*b.weight) < float64(b.hits*a.weight) {
				break
			}
			b.first, b.hits, b.weight = a.first, a.hits+b.hits, a.weight+b.weight
			blocks = blocks[:n-1]
		}
		blocks = append(blocks, b)
	}
	var s steps
	for _, b := range blocks {
		y := b.hits / b.weight
		s.x, s.y = append(s.x, b.first), append(s.y, y)
		if b.last > b.first {
			s.x, s.y = append(s.x, b.last), append(s.y, y)
		}
	}
	return s
}
