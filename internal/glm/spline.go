package glm

import (
	"fmt"
	"slices"

	"flowbook/internal/num"
)

// Spline is the basis of a natural (restricted) cubic spline: a smooth curve made
// of cubics between the knots and straight beyond the outer ones
// (Hastie, Tibshirani, Friedman 2009, eq. 5.4 and 5.5; Harrell 2015, § 2.4.5).
type Spline struct {
	Knots []float64 // at least 3, rising
}

// NewSpline puts k knots, 3 to 7, on Harrell's quantiles of x (2015, table 2.3).
// Where ties make knots coincide, equal ones are joined; fewer than three distinct
// knots are an error.
func NewSpline(x []float64, k int) (Spline, error) {
	if k < 3 || k > 7 {
		return Spline{}, fmt.Errorf("glm: %d knots; want 3 to 7", k)
	}
	at := [][]float64{
		{.10, .50, .90},
		{.05, .35, .65, .95},
		{.05, .275, .50, .725, .95},
		{.05, .23, .41, .59, .77, .95},
		{.025, .1833, .3417, .50, .6583, .8167, .975},
	}[k-3]
	s := num.Sorted(x)
	knots := make([]float64, k)
	for i, q := range at {
		knots[i] = num.Quantile(s, q)
	}
	knots = slices.Compact(knots)
	if len(knots) < 3 {
		return Spline{}, fmt.Errorf("glm: %d knots fall on only %d distinct values; the column is too tied for a spline, or needs knots of its own", k, len(knots))
	}
	return Spline{knots}, nil
}

// Columns is the number of columns of the basis: one for x itself and one less
// than the knots, but one, for the bends.
func (s Spline) Columns() int { return len(s.Knots) - 1 }

// Basis appends to dst the basis at v: v itself, then the bends, each divided by
// the square of the knots' range so that it stays of v's size.
func (s Spline) Basis(dst []float64, v float64) []float64 {
	k := len(s.Knots)
	last, before := s.Knots[k-1], s.Knots[k-2]
	span := (last - s.Knots[0]) * (last - s.Knots[0])
	dst = append(dst, v)
	for _, knot := range s.Knots[:k-2] {
		b := cube(v-knot) - cube(v-before)*(last-knot)/(last-before) + cube(v-last)*(before-knot)/(last-before)
		dst = append(dst, b/span)
	}
	return dst
}

func cube(v float64) float64 {
	if v <= 0 {
		return 0
	}
	return v * v * v
}
