package kmeans

import "math/rand/v2"

// A coreset is weighted rows that stand for all: about size of them, each drawn with
// the chance
//
//	q = size/2 · (its share of the weight + its share of the squared distances to the mean)
//
// and with 1/q of its weight, so that the inertia of any centers is met on average [1].
// Half by distance is what brings in the few rows of heavy tails that hold most of the
// inertia, which every hundredth row would miss. A row with q ≥ 1 comes as it is. The
// others come by q laid end to end and one place drawn in each unit of it, so that no
// stretch of the rows is left out and no period of theirs is met.
//
// [1] Bachem, Lucic, Krause (2018), KDD, 1119-1127, algorithm 1.
type coreset struct {
	size           float64
	weight, square float64 // totals over all rows: w, and w times squared distance
	at, next       float64 // length of the q so far; the next place
	units          float64
	g              *rand.Rand
}

func newCoreset(size int, weight, square float64, g *rand.Rand) *coreset {
	return &coreset{size: float64(size), weight: weight, square: square, next: g.Float64(), g: g}
}

// take returns the weight of the next row in the coreset, 0 if it is not drawn: of its
// own weight w and its squared distance d to the mean.
func (s *coreset) take(w, d float64) float64 {
	q := w / s.weight
	if s.square > 0 {
		q = (q + w*d/s.square) / 2
	}
	if q *= s.size; q >= 1 || w == 0 {
		return w
	}
	s.at += q
	drawn := 0.0
	for s.next <= s.at {
		drawn++
		s.units++
		s.next = s.units + s.g.Float64()
	}
	return drawn * w / q
}
