package kmeans

import (
	"context"
	"math/rand/v2"
)

// Symbols: d1, d2 the squared distances of a row to its nearest and its second
// center; dp to a candidate row p.

// draws is the number of candidates looked at before a swap.
const draws = 6

// patience is the number of swaps in turn that may fail before improve ends; small
// data can afford more.
func patience(n int) int { return max(6, min(25, 60000/n)) }

// improve swaps centers for rows [1]: of some rows drawn by their squared distance
// and all centers, the pair whose swap leaves the least inertia at once. The swap
// stays if the inertia has fallen once Lloyd's rounds have settled, which finds more
// than asking it to fall at once. It ends after some swaps in turn that do not help,
// or 2K that do.
//
// [1] Lattanzi, Sohler (2019), ICML, PMLR 97, 3662-3671.
func (y *lloyd) improve(ctx context.Context, pt *points, maxRounds int, limit float64, g *rand.Rand) (*lloyd, error) {
	best := newLloyd(pt, y.centers)
	best.inertia, best.rounds = y.inertia, y.rounds
	if y.k == 1 || y.k >= pt.n {
		return best, nil
	}
	rounds := y.rounds
	best.prepare()
	d1, d2 := best.distances()
	for good, bad := 0, 0; good < 2*y.k && bad < patience(pt.n); {
		p := draw(pt, d1, draws, g)
		if p == nil { // every row is a center
			break
		}
		row, center := best.swap(p, d1, d2)
		next := newLloyd(pt, best.centers)
		next.centers[center] = pt.rows([]int{row})[0]
		if err := next.run(ctx, maxRounds, limit); err != nil {
			return nil, err
		}
		next.score()
		rounds += next.rounds
		if next.inertia < best.inertia*(1-1e-5) {
			best = next
			good, bad = good+1, 0
			d1, d2 = best.distances()
		} else {
			bad++
		}
	}
	best.rounds = rounds
	return best, nil
}

// distances labels the rows and returns d1 and d2.
func (y *lloyd) distances() (d1, d2 []float64) {
	pt, k := y.pt, y.k
	d1, d2 = make([]float64, pt.n), make([]float64, pt.n)
	pt.over(func(_, lo, hi int) {
		z := make([]float64, k)
		for i := lo; i < hi; i++ {
			pt.dots(i, k, y.t, z)
			at, best, next := nearest(z, y.square)
			y.a[i] = int32(at)
			d1[i], d2[i] = max(0, pt.norm[i]+best), max(0, pt.norm[i]+next)
		}
	})
	return d1, d2
}

// swap returns the row of p, and the center, whose swap leaves the least inertia.
func (y *lloyd) swap(p []int, d1, d2 []float64) (row, center int) {
	pt, k, m := y.pt, y.k, len(p)
	t := make([]float64, m*pt.p)
	transpose(pt.rows(p), pt.p, t)
	var kept, extra [parts][]float64 // m, and m × k
	pt.over(func(part, lo, hi int) {
		with, without, z := make([]float64, m), make([]float64, m*k), make([]float64, m)
		for i := lo; i < hi; i++ {
			pt.dots(i, m, t, z)
			a, w := int(y.a[i]), pt.weight[i]
			for c, v := range z {
				dp := pt.norm[i] - 2*v + pt.norm[p[c]]
				stays := min(d1[i], dp)
				with[c] += float64(w * stays)
				without[c*k+a] += float64(w * (min(d2[i], dp) - stays))
			}
		}
		kept[part], extra[part] = with, without
	})
	best := -1.0
	for c := range m {
		base := 0.0
		for part := range kept {
			if kept[part] != nil {
				base += kept[part][c]
			}
		}
		for a := range k {
			cost := base
			for part := range extra {
				if extra[part] != nil {
					cost += extra[part][c*k+a]
				}
			}
			if best < 0 || cost < best {
				best, row, center = cost, p[c], a
			}
		}
	}
	return row, center
}
