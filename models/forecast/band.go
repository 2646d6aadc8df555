package forecast

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
)

// residualBand turns the errors of past forecasts into intervals by split conformal
// prediction [1, sec. 2.2]: the half-width at a level is the ⌈(m+1)·level⌉-th smallest
// of the m absolute errors made at that horizon. Where errors to come are like those
// given, the interval holds the value at least that often, whatever their distribution.
//
// Give it errors of forecasts of values that the parameters have not seen (a held-out
// end of the series); errors of the fit itself are too small and so is the band.
//
// [1] Lei, G'Sell, Rinaldo, Tibshirani, Wasserman (2018), JASA 113(523), 1094-1111.
type residualBand struct {
	sorted [][]float64 // by horizon, from 1: absolute errors in rising order
}

// newResidualBand takes the errors of each horizon (errors[0] of one step ahead, and so
// on), NaN where a value was missing; it keeps copies.
func newResidualBand(errors ...[]float64) residualBand {
	b := residualBand{make([][]float64, len(errors))}
	for h, e := range errors {
		kept, _ := num.DropNaN(e)
		b.sorted[h] = make([]float64, len(kept))
		for i, v := range kept {
			b.sorted[h][i] = math.Abs(v)
		}
		slices.Sort(b.sorted[h])
	}
	return b
}

// halfWidth is how far the interval h steps ahead (from 1) reaches to each side at a
// level in (0, 1). Beyond the last horizon given, the last one's errors hold. With too
// few errors for the level (fewer than level/(1-level), 19 at 0.95) it is what Student's
// t makes of their root mean square, at least the largest; NaN without any error.
func (b residualBand) halfWidth(h int, level float64) float64 {
	if len(b.sorted) == 0 {
		return math.NaN()
	}
	e := b.sorted[min(h, len(b.sorted))-1]
	m := len(e)
	if m == 0 {
		return math.NaN()
	}
	if rank := int(math.Ceil(float64(m+1) * level * (1 - 1e-12))); rank <= m { // 19 of 19 at 0.95, whatever 20 × 0.95 rounds to
		return e[max(rank, 1)-1]
	}
	square := 0.0
	for _, v := range e {
		square += float64(v * v)
	}
	t := num.StudentQuantile((1+level)/2, float64(m))
	return max(e[m-1], t*math.Sqrt(square/float64(m)*(1+1/float64(m))))
}

// path is the forecast mean with the band around it.
func (b residualBand) path(mean []float64, level float64) Path {
	return around(mean, level, func(h int) float64 { return b.halfWidth(h, level) })
}

// around is a path whose interval reaches half(h) to each side, h from 1.
func around(mean []float64, level float64, half func(h int) float64) Path {
	p := Path{Mean: mean, Low: make([]float64, len(mean)), High: make([]float64, len(mean)), Level: level}
	for i, m := range mean {
		w := half(i + 1)
		p.Low[i], p.High[i] = m-w, m+w
	}
	return p
}

// checkSeries refuses values that are infinite or whose squares might be, and fewer than need values that are not gaps. It
// returns how many there are.
func checkSeries(name string, y []float64, need int) (observed int, err error) {
	for i, v := range y {
		if math.IsInf(v, 0) {
			return 0, fmt.Errorf("forecast: %s: value %d of %d is infinite; leave it out or make it NaN, a gap", name, i, len(y))
		}
		if math.Abs(v) > 1e100 {
			return 0, fmt.Errorf("forecast: %s: value %d of %d is %v; want at most 1e100 in size", name, i, len(y), v)
		}
		if !math.IsNaN(v) {
			observed++
		}
	}
	if observed < need {
		return observed, fmt.Errorf("forecast: %s: %d values that are not gaps; want at least %d", name, observed, need)
	}
	return observed, nil
}

// checkAsk is what every Forecast refuses: no step ahead, a level that is none, and a
// history that checkSeries refuses.
func checkAsk(name string, history []float64, h int, level float64, need int) error {
	if h < 1 {
		return fmt.Errorf("forecast: %s: a forecast of %d steps; want at least 1", name, h)
	}
	if !(level > 0 && level < 1) {
		return fmt.Errorf("forecast: %s: level is %v; want a probability between 0 and 1, such as 0.95", name, level)
	}
	_, err := checkSeries(name, history, need)
	return err
}
