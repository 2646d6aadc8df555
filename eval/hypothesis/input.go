package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// pair drops NaN from both groups, checks what is left, and records N and warnings.
func (r *Result) pair(test string, x, y []float64, least int) ([]float64, []float64, error) {
	groups, err := r.groups(test, least, x, y)
	if err != nil {
		return nil, nil, err
	}
	return groups[0], groups[1], nil
}

// groups is pair for any number of groups.
func (r *Result) groups(test string, least int, given ...[]float64) ([][]float64, error) {
	out := make([][]float64, len(given))
	for i, g := range given {
		kept, dropped := num.DropNaN(g)
		if dropped > 0 {
			r.warn("%d missing values of %d were dropped from group %d", dropped, len(g), i+1)
		}
		if len(kept) < least {
			return nil, fmt.Errorf("hypothesis: %s: group %d has %d values; want at least %d", test, i+1, len(kept), least)
		}
		for k, v := range g {
			if math.IsInf(v, 0) {
				return nil, fmt.Errorf("hypothesis: %s: group %d has %v as value %d; want finite numbers", test, i+1, v, k+1)
			}
		}
		out[i] = kept
		r.N = append(r.N, len(kept))
	}
	return out, nil
}

// several is groups for a test of at least two.
func (r *Result) several(test string, least int, given [][]float64) ([][]float64, error) {
	if len(given) < 2 {
		return nil, fmt.Errorf("hypothesis: %s: %d groups; want at least 2", test, len(given))
	}
	return r.groups(test, least, given...)
}

// squarable refuses values of which sums of squares would overflow.
func squarable(test string, groups ...[]float64) error {
	const most = 1e145
	for _, g := range groups {
		for _, v := range g {
			if math.Abs(v) > most {
				return fmt.Errorf("hypothesis: %s: the squares of %g and the rest are too large to add up; divide all values by some power of ten", test, v)
			}
		}
	}
	return nil
}

// drop removes the rows where x is missing and returns how many there were.
func drop(x []float64, y []bool) ([]float64, []bool, int) {
	kept, hit := make([]float64, 0, len(x)), make([]bool, 0, len(x))
	for i, v := range x {
		if !math.IsNaN(v) {
			kept, hit = append(kept, v), append(hit, y[i])
		}
	}
	return kept, hit, len(x) - len(kept)
}

func (r *Result) setTail(t num.Tail) { r.P, r.Log10P = t.P, t.Log10 }

// zOf is the normal quantile of a two-sided level.
func zOf(level float64) float64 { return -num.NormalQuantile((1 - level) / 2) }
