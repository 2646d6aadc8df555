package hypothesis

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// Bootstrap gives any statistic of rows an interval, by drawing the rows anew with
// replacement [1]. Where rows belong together (one attack, one host, one day), whole
// groups are drawn: rows of one group are no independent evidence. The interval is BCa,
// corrected for bias and for a spread that changes with the value [1, ch. 14]; it is the
// plain percentile interval where the draws leave no room for the correction. The
// second correction leaves out one group at a time; of more than 1000 groups, one of a
// thousand parts dealt at random, which tells the same skewness. So the statistic is
// called Draws + 1001 times at most.
//
// [1] Efron, Tibshirani (1993), An Introduction to the Bootstrap.
type Bootstrap struct {
	Draws int     // 0 means 2000
	Level float64 // 0 means 0.95
	Seed  rng.Seed
}

// Interval is a statistic with its bootstrap interval.
type Interval struct {
	Value, Low, High, Level float64
	SE                      float64 // standard deviation of the draws
	Groups                  int     // what was drawn: groups, or rows
	Undefined               int     // draws in which the statistic is NaN; left out
	Method                  string  // "BCa" or "percentile"
}

// Rows draws n rows. The statistic is given the numbers of rows, some more than once; it
// is called from several goroutines. Fewer than 2 rows are an error, and a statistic
// that is NaN of the rows as they are.
func (o Bootstrap) Rows(n int, statistic func(rows []int) float64) (Interval, error) {
	groups := make([][]int, n)
	for i := range groups {
		groups[i] = []int{i}
	}
	return o.of(groups, statistic)
}

// Groups draws whole groups of rows: group names one a row.
func (o Bootstrap) Groups(group []string, statistic func(rows []int) float64) (Interval, error) {
	at := map[string]int{}
	var groups [][]int
	for i, name := range group {
		k, there := at[name]
		if !there {
			k, at[name] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[k] = append(groups[k], i)
	}
	return o.of(groups, statistic)
}

func (o Bootstrap) of(groups [][]int, statistic func([]int) float64) (Interval, error) {
	if o.Draws == 0 {
		o.Draws = 2000
	}
	if o.Level == 0 {
		o.Level = DefaultLevel
	}
	switch {
	case o.Draws < 20 || !(o.Level > 0 && o.Level < 1):
		return Interval{}, fmt.Errorf("hypothesis: Bootstrap: Draws is %d and Level %g; want at least 20 draws and a level in (0, 1)", o.Draws, o.Level)
	case len(groups) < 2:
		return Interval{}, fmt.Errorf("hypothesis: Bootstrap: %d to draw from; want at least 2", len(groups))
	}
	out := Interval{Level: o.Level, Groups: len(groups), Value: statistic(slices.Concat(groups...))}
	if math.IsNaN(out.Value) {
		return Interval{}, fmt.Errorf("hypothesis: Bootstrap: the statistic of the rows as they are is NaN")
	}
	draws := make([]float64, o.Draws)
	const block = 64
	par.Blocks(o.Draws, block, func(b, lo, hi int) {
		g := o.Seed.Index("bootstrap", b).Rand()
		var rows []int
		for i := lo; i < hi; i++ {
			rows = rows[:0]
			for range groups {
				rows = append(rows, groups[g.IntN(len(groups))]...)
			}
			draws[i] = statistic(rows)
		}
	})
	draws, out.Undefined = num.DropNaN(draws)
	if out.Undefined > o.Draws/2 {
		return Interval{}, fmt.Errorf("hypothesis: Bootstrap: the statistic is NaN in %d of %d draws; want it defined in most", out.Undefined, o.Draws)
	}
	without := o.jackknife(groups, statistic)
	out.SE = num.StdDev(draws)
	out.ends(draws, without)
	return out, nil
}

// jackknife is the statistic without each group in turn, or without each of a thousand
// parts where there are more groups.
func (o Bootstrap) jackknife(groups [][]int, statistic func([]int) float64) []float64 {
	part := make([]int, len(groups))
	for i := range part {
		part[i] = i
	}
	const most = 1000
	if len(part) > most {
		for place, i := range o.Seed.At("jackknife").Rand().Perm(len(part)) {
			part[i] = place % most
		}
	}
	without := make([]float64, min(len(part), most))
	par.Do(len(without), func(k int) {
		var rows []int
		for i, g := range groups {
			if part[i] != k {
				rows = append(rows, g...)
			}
		}
		without[k] = statistic(rows)
	})
	return without
}

// ends sets the interval from the draws and the jackknife (eqs. 14.9 to 14.15). Where
// draws equal the value, half of them count as below it.
func (out *Interval) ends(draws, without []float64) {
	s := num.Sorted(draws)
	below := 0.0
	for _, v := range s {
		if v < out.Value {
			below++
		} else if v == out.Value {
			below += 0.5
		}
	}
	without, _ = num.DropNaN(without)
	z0 := num.NormalQuantile(below / float64(len(s)))
	mean, squares, cubes := num.Mean(without), 0.0, 0.0
	for _, v := range without {
		d := mean - v
		squares += d * d
		cubes += d * d * d
	}
	a := 0.0
	if squares > 0 {
		a = cubes / (6 * math.Pow(squares, 1.5))
	}
	half := (1 - out.Level) / 2
	end := func(p float64) float64 {
		z := z0 + num.NormalQuantile(p)
		return 1 - num.NormalTail(z0+z/(1-a*z)).P
	}
	low, high := end(half), end(1-half)
	out.Method = "BCa"
	if !(low > 0 && high < 1 && low < high) {
		low, high, out.Method = half, 1-half, "percentile"
	}
	out.Low, out.High = num.Quantile(s, low), num.Quantile(s, high)
}
