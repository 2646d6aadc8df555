package num

import (
	"math"
	"slices"
)

// Sorted returns a sorted copy of x, or x itself where it is sorted already.
// NaN sorts first. Callers only read.
func Sorted(x []float64) []float64 {
	if slices.IsSorted(x) {
		return x
	}
	s := slices.Clone(x)
	slices.Sort(s)
	return s
}

// Median returns the middle value of x, or the mean of the two middle ones. It is
// NaN for no values and where a value is NaN. x need not be sorted and is left as
// it is. Time O(n log n).
func Median(x []float64) float64 {
	s := Sorted(x)
	if len(s) == 0 || math.IsNaN(s[0]) {
		return math.NaN()
	}
	return Quantile(s, 0.5)
}

// Midpoint returns the middle of a < b: at least a and below b, also where one of
// them is infinite or they are neighbours, so that "≤ middle" parts them.
func Midpoint(a, b float64) float64 {
	if m := a/2 + b/2; m >= a && m < b {
		return m
	}
	return a
}

// MADScale makes the MAD of normal values estimate their standard deviation:
// 1 / Φ⁻¹(3/4).
const MADScale = 1.4826022185056018

// MAD returns the median absolute deviation from the median, not scaled (see
// MADScale). It is NaN for no values and where a value is NaN.
func MAD(x []float64) float64 {
	m := Median(x)
	d := make([]float64, len(x))
	for i, v := range x {
		d[i] = math.Abs(v - m)
	}
	return Median(d)
}

// IQR returns the distance between the quartiles of x (see Quantile), NaN as Median.
func IQR(x []float64) float64 {
	s := Sorted(x)
	if len(s) == 0 || math.IsNaN(s[0]) {
		return math.NaN()
	}
	return Quantile(s, 0.75) - Quantile(s, 0.25)
}
