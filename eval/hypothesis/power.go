package hypothesis

import (
	"math"

	"flowbook/internal/num"
)

// PowerT is the chance that a two-sided t test of two groups of m and n values rejects at
// level alpha, if their means are d standard deviations apart (the noncentral t
// distribution; Cohen 1988, ch. 2). NaN for groups of fewer than 2 and for levels not
// between 0 and 1.
func PowerT(d float64, m, n int, alpha float64) float64 {
	df := float64(m + n - 2)
	if m < 2 || n < 2 || !(alpha > 0 && alpha < 1) {
		return math.NaN()
	}
	t := -num.StudentQuantile(alpha/2, df)
	return 1 - num.NoncentralFCDF(t*t, 1, df, d*d*float64(m)*float64(n)/float64(m+n))
}

// DetectableT is the least difference of means, in standard deviations, that PowerT
// finds with the power asked for: what the groups cannot show is smaller. A large p of
// small groups says only that the difference is not much above it.
func DetectableT(m, n int, alpha, power float64) float64 {
	if m < 2 || n < 2 || !(alpha > 0 && power > alpha && power < 1) {
		return math.NaN()
	}
	high := 1.0
	for PowerT(high, m, n, alpha) < power {
		high *= 2
	}
	return num.Root(func(d float64) float64 { return PowerT(d, m, n, alpha) - power }, 0, high, 1e-10)
}

// PowerA12 is the chance that a two-sided Mann-Whitney test rejects at level alpha, if a
// value of the first group of m is the larger with chance a12 (Noether 1987, JASA 82,
// 645-647). It takes the spread of U under the null hypothesis, and so is some 0.03 too low
// in the middle of its range.
func PowerA12(a12 float64, m, n int, alpha float64) float64 {
	shift := math.Abs(a12-0.5) * math.Sqrt(12*float64(m)*float64(n)/(float64(m)+float64(n)+1))
	z := -num.NormalQuantile(alpha / 2)
	return num.NormalTail(z-shift).P + num.NormalTail(z+shift).P
}

// DetectableA12 is the least A12 above one half that PowerA12 finds with the power asked
// for; above 1 where no difference would be found so often.
func DetectableA12(m, n int, alpha, power float64) float64 {
	if !(alpha > 0 && power > alpha && power < 1) || m < 1 || n < 1 {
		return math.NaN()
	}
	return num.Root(func(a float64) float64 { return PowerA12(a, m, n, alpha) - power }, 0.5, 1e3, 1e-12)
}
