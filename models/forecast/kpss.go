package forecast

import (
	"math"

	"flowbook/internal/num"
)

// KPSS is the statistic of Kwiatkowski, Phillips, Schmidt and Shin (1992) for a series
// that is stationary about a level: large where it wanders off. The long-run variance
// takes so many lags, with Bartlett's weights. Gaps are left out and closed up. NaN for a
// constant series and for fewer than two values. Time O(n·lags).
//
// The 5 % point of its distribution is 0.463 (their table 1).
func KPSS(y []float64, lags int) float64 {
	e, _ := num.DropNaN(y)
	n := float64(len(e))
	mean := num.Mean(e)
	sum, squares := 0.0, 0.0
	for _, v := range e {
		sum += v - mean
		squares += float64(sum * sum)
	}
	long := 0.0
	for k := 0; k <= min(lags, len(e)-1); k++ {
		c := 0.0
		for t := k; t < len(e); t++ {
			c += float64((e[t] - mean) * (e[t-k] - mean))
		}
		if k > 0 {
			c *= 2 * (1 - float64(k)/float64(lags+1))
		}
		long += c
	}
	if !(long > 0) || len(e) < 2 {
		return math.NaN()
	}
	return squares / (n * long)
}

// differencesWanted is how often y is differenced, at most so often, until KPSS does not
// reject a level at 5 %, with ⌊3√n/13⌋ lags (Hyndman, Khandakar 2008, sec. 3.1, and the
// lags of their R package).
func differencesWanted(y []float64, most int) int {
	for d := range most {
		kept, _ := num.DropNaN(y)
		if !(KPSS(kept, int(3*math.Sqrt(float64(len(kept)))/13)) > 0.463) {
			return d
		}
		y = differences(y, 1)
	}
	return most
}
