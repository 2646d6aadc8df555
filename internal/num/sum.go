package num

import "math"

// Sum returns the sum of x with Neumaier's compensation (1974): its error does
// not grow with the number of values. It is NaN when a value is NaN or both
// infinities occur, and 0 for no values. Time O(n).
func Sum(x []float64) float64 {
	s, c := 0.0, 0.0 // running sum, and what rounding has taken from it
	for _, v := range x {
		t := s + v
		if math.Abs(s) >= math.Abs(v) {
			c += (s - t) + v
		} else {
			c += (v - t) + s
		}
		s = t
	}
	if math.IsInf(s, 0) || math.IsNaN(s) {
		return s // the compensation is Inf - Inf there
	}
	return s + c
}

// Mean returns the arithmetic mean of x, NaN for no values.
func Mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return Sum(x) / float64(len(x))
}

// MeanVariance returns the mean and the unbiased variance (divisor n - 1) of x,
// by the corrected two-pass algorithm of Chan, Golub and LeVeque (1983, eq. 1.7):
// it does not cancel when the mean is large beside the spread. The variance of a
// single value and both results of no values are NaN.
func MeanVariance(x []float64) (mean, variance float64) {
	mean = Mean(x)
	if len(x) < 2 {
		return mean, math.NaN()
	}
	s, c := 0.0, 0.0 // Σ(v-mean)² with compensation
	rest := 0.0      // Σ(v-mean): what rounding left in the mean
	for _, v := range x {
		d := v - mean
		rest += d
		q := float64(d * d)
		t := s + q
		if s >= q {
			c += (s - t) + q
		} else {
			c += (q - t) + s
		}
		s = t
	}
	n := float64(len(x))
	if !math.IsInf(s, 0) {
		s += c
	}
	return mean, (s - float64(rest*rest)/n) / (n - 1)
}

// Variance returns the unbiased variance (divisor n - 1) of x; see MeanVariance.
func Variance(x []float64) float64 {
	_, v := MeanVariance(x)
	return v
}

// StdDev returns the square root of Variance.
func StdDev(x []float64) float64 { return math.Sqrt(Variance(x)) }

// DropNaN returns the values of x that are not NaN, in order, and how many were.
// It returns x itself where there is none.
func DropNaN(x []float64) (kept []float64, dropped int) {
	for _, v := range x {
		if math.IsNaN(v) {
			dropped++
		}
	}
	if dropped == 0 {
		return x, 0
	}
	kept = make([]float64, 0, len(x)-dropped)
	for _, v := range x {
		if !math.IsNaN(v) {
			kept = append(kept, v)
		}
	}
	return kept, dropped
}
