package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// Fisher is the exact test of independence in a 2 x 2 table, for tables too small or too
// lopsided for chi-square [1]. p is two-sided: the chance, with both margins fixed, of
// a table at most as likely as this one (scipy's and R's rule). Effect: the odds ratio
// that makes this table likeliest given its margins, with the exact conditional interval
// [2]; 0 or +Inf where a cell is empty. Statistic: the count of the first cell. Extra: the
// plain odds ratio ad/bc.
//
// A table of another size, or an empty row or column, is an error. Time O(smallest margin).
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

// hypergeometric is the distribution of the first cell, its margins fixed.
type hypergeometric struct {
	low float64   // the least value of the cell
	log []float64 // log of the chance of low, low+1, …, not normed
}

func newHypergeometric(row0, row1, col0 float64) hypergeometric {
	h := hypergeometric{low: max(0, col0-row1)}
	for k := h.low; k <= min(row0, col0); k++ {
		h.log = append(h.log, lchoose(row0, k)+lchoose(row1, col0-k))
	}
	return h
}

// atMostAsLikely is the chance of a value no likelier than a; a relative 1e-7 allows
// for rounding, as in scipy and R.
func (h hypergeometric) atMostAsLikely(a float64) num.Tail {
	at := h.log[int(a-h.low)]
	return h.chance(0, func(k int) bool { return h.log[k] <= at+1e-7 })
}

// chance of the values that are in, where the odds are tilted by log odds.
func (h hypergeometric) chance(tilt float64, in func(k int) bool) num.Tail {
	top, some := math.Inf(-1), math.Inf(-1)
	for k, l := range h.log {
		v := l + tilt*float64(k)
		top = max(top, v)
		if in(k) {
			some = max(some, v)
		}
	}
	all, part := 0.0, 0.0
	for k, l := range h.log {
		v := l + tilt*float64(k)
		all += math.Exp(v - top)
		if in(k) {
			part += math.Exp(v - some)
		}
	}
	log := some + math.Log(part) - top - math.Log(all)
	return num.Tail{P: math.Min(1, math.Exp(log)), Log10: math.Min(0, log/math.Ln10)}
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
	mean := func(tilt float64) float64 {
		top, all, sum := math.Inf(-1), 0.0, 0.0
		for k, l := range h.log {
			top = max(top, l+tilt*float64(k))
		}
		for k, l := range h.log {
			w := math.Exp(l + tilt*float64(k) - top)
			all += w
			sum += w * float64(k)
		}
		return sum/all - float64(place)
	}
	ratio, low, high = 0, 0, math.Inf(1)
	switch {
	case place == last && last == 0:
		return math.NaN(), low, high
	case place == last:
		ratio = math.Inf(1)
	case place > 0:
		ratio = solve(mean)
	}
	half := (1 - level) / 2
	if place > 0 {
		low = solve(func(t float64) float64 { return h.chance(t, func(k int) bool { return k >= place }).P - half })
	}
	if place < last {
		high = solve(func(t float64) float64 { return half - h.chance(t, func(k int) bool { return k <= place }).P })
	}
	return ratio, low, high
}

type fisherSays struct{}

func (fisherSays) sentence(r Result) string {
	return fmt.Sprintf("the odds of %s are %s times as high in %s as in %s (odds ratio %s; Fisher's exact test, %s), which is %s.",
		r.subject(), sig(r.Effect), r.group(0), r.group(1), r.effectText(), r.pText(), r.verdict())
}
