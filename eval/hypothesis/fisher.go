package hypothesis

import (
	"fmt"
	"math"
	"sort"

	"flowbook/internal/num"
)

// Fisher is the exact test of independence in a 2 x 2 table, for tables too small or too
// lopsided for chi-square [1]. p is two-sided: the chance, with both margins fixed, of
// a table at most as likely as this one (scipy's and R's rule). Effect: the odds ratio
// that makes this table likeliest given its margins, with the exact conditional interval
// [2]; 0 or +Inf where a cell is empty. Statistic: the count of the first cell. Extra: the
// plain odds ratio ad/bc.
//
// A table of another size, or an empty row or column, is an error. Time and space O(smallest
// margin).
//
// [1] Fisher (1934), Statistical Methods for Research Workers, 5th ed. [2] Cornfield
// (1956); Mehta, Patel, Gray (1985), JASA 80, 969-973.
func Fisher(c Contingency) (Result, error) {
	r := blank("Fisher exact", "the two variables are independent")
	if len(c.Rows) != 2 || len(c.Cols) != 2 {
		return Result{}, fmt.Errorf("hypothesis: Fisher: a table of %d x %d levels; want 2 x 2", len(c.Rows), len(c.Cols))
	}
	if err := c.check("Fisher"); err != nil {
		return Result{}, err
	}
	rows, cols, n := c.margins()
	a := float64(c.Count[0][0])
	h := newHypergeometric(rows[0], rows[1], cols[0])
	r.StatisticName, r.Statistic, r.N = "first cell", a, []int{int(n)}
	r.setTail(h.atMostAsLikely(a))
	r.EffectName, r.EffectNull, r.Level = "odds ratio", 1, DefaultLevel
	r.Effect, r.EffectLow, r.EffectHigh = h.odds(a, DefaultLevel)
	r.IntervalMethod = "exact, conditional on the margins"
	r.Extra = []Number{{Name: "odds ratio ad/bc", Value: a * float64(c.Count[1][1]) / (float64(c.Count[0][1]) * float64(c.Count[1][0]))}}
	if c.Dropped > 0 {
		r.warn("%d rows with a missing level were dropped", c.Dropped)
	}
	r.says = fisherSays{}
	return r, nil
}

// hypergeometric is the distribution of the first cell, its margins fixed. It is
// log-concave, also when tilted: its values fall on either side of a peak, so that sums
// may stop where the rest no longer counts.
type hypergeometric struct {
	low float64   // the least value of the cell
	log []float64 // log of the chance of low, low+1, … over that of the likeliest
}

func newHypergeometric(row0, row1, col0 float64) hypergeometric {
	h := hypergeometric{low: max(0, col0-row1)}
	h.log = make([]float64, int(min(row0, col0)-h.low)+1)
	// From one value to the next the chance changes by a ratio of whole numbers [2]; from
	// the likeliest on, where terms are small, rounding adds up least.
	step := func(k float64) float64 { return math.Log((row0 - k) * (col0 - k) / ((k + 1) * (row1 - col0 + k + 1))) }
	mode := int(math.Floor((row0+1)*(col0+1)/(row0+row1+2)) - h.low)
	for k := mode; k+1 < len(h.log); k++ {
		h.log[k+1] = h.log[k] + step(h.low+float64(k))
	}
	for k := mode; k > 0; k-- {
		h.log[k-1] = h.log[k] - step(h.low+float64(k-1))
	}
	return h
}

// peak is the place of the likeliest value, tilted by log odds.
func (h hypergeometric) peak(tilt float64) int {
	return sort.Search(len(h.log)-1, func(k int) bool { return h.log[k+1]-h.log[k]+tilt <= 0 })
}

// each calls f with every place from..to that counts, and its chance over that of the
// likeliest of them, of which it returns the logarithm.
func (h hypergeometric) each(tilt float64, from, to int, f func(k int, w float64)) float64 {
	const rest = -50 // e^-50 times the number of places is less than rounding
	start := max(from, min(to, h.peak(tilt)))
	top := h.log[start] + tilt*float64(start)
	for k := start; k <= to; k++ {
		v := h.log[k] + tilt*float64(k) - top
		if v < rest {
			break
		}
		f(k, math.Exp(v))
	}
	for k := start - 1; k >= from; k-- {
		v := h.log[k] + tilt*float64(k) - top
		if v < rest {
			break
		}
		f(k, math.Exp(v))
	}
	return top
}

// mass is the log of the sum of the chances of the places from..to, not normed; -Inf of none.
func (h hypergeometric) mass(tilt float64, from, to int) float64 {
	if from > to {
		return math.Inf(-1)
	}
	sum := 0.0
	top := h.each(tilt, from, to, func(_ int, w float64) { sum += w })
	return top + math.Log(sum)
}

// atMostAsLikely is the chance of a value no likelier than a; a relative 1e-7 allows
// for rounding, as in R.
func (h hypergeometric) atMostAsLikely(a float64) num.Tail {
	at, last := h.log[int(a-h.low)]+1e-7, len(h.log)-1
	peak := h.peak(0)
	if h.log[peak] <= at {
		return num.Tail{P: 1}
	}
	left := sort.Search(peak, func(k int) bool { return h.log[k] > at }) - 1
	right := peak + sort.Search(last+1-peak, func(k int) bool { return h.log[peak+k] <= at })
	l, r := h.mass(0, 0, left), h.mass(0, right, last)
	log := max(l, r) + math.Log1p(math.Exp(min(l, r)-max(l, r))) - h.mass(0, 0, last)
	return num.Tail{P: min(1, math.Exp(log)), Log10: min(0, log/math.Ln10)}
}

// odds is the conditional odds ratio of a and its exact interval.
func (h hypergeometric) odds(a, level float64) (ratio, low, high float64) {
	place, last := int(a-h.low), len(h.log)-1
	solve := func(f func(tilt float64) float64) float64 { // f rises through 0
		reach := 1.0
		for (f(-reach) > 0 || f(reach) < 0) && reach < 1e4 {
			reach *= 2
		}
		return math.Exp(num.Root(f, -reach, reach, 1e-13*reach))
	}
	mean := func(tilt float64) float64 { // of the cell, less what it is
		all, sum := 0.0, 0.0
		h.each(tilt, 0, last, func(k int, w float64) { all, sum = all+w, sum+w*float64(k-place) })
		return sum / all
	}
	chance := func(tilt float64, from, to int) float64 {
		return math.Exp(h.mass(tilt, from, to) - h.mass(tilt, 0, last))
	}
	ratio, low, high = 0, 0, math.Inf(1)
	switch {
	case place == last:
		ratio = math.Inf(1)
	case place > 0:
		ratio = solve(mean)
	}
	half := (1 - level) / 2
	if place > 0 {
		low = solve(func(t float64) float64 { return chance(t, place, last) - half })
	}
	if place < last {
		high = solve(func(t float64) float64 { return half - chance(t, 0, place) })
	}
	return ratio, low, high
}

type fisherSays struct{}

func (fisherSays) sentence(r Result) string {
	return fmt.Sprintf("the odds of %s are %s times as high in %s as in %s (odds ratio %s; Fisher's exact test, %s), which is %s.",
		r.subject(), sig(r.Effect), r.group(0), r.group(1), r.effectText(), r.pText(), r.verdict())
}
