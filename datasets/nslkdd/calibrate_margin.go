package nslkdd

import (
	"math"
	"slices"

	"flowbook/internal/table"
)

// Margin is the distribution of one column in a stratum: levels with their rows
// where there are at most 33, else the rows that are zero and quantiles of
// the others. A column that is zero throughout has no margin.
type Margin struct {
	Column    string       `json:"column"`
	Levels    [][2]float64 `json:"levels,omitempty"` // value, rows; by value
	Zero      int          `json:"zero,omitempty"`
	Rest      int          `json:"rest,omitempty"`      // rows under the quantiles
	Quantiles []float64    `json:"quantiles,omitempty"` // at Calibration.Levels, or evenly spaced if fewer than 33
}

// quantileLevels are denser in the tails, where bytes and durations have a few
// rows that make the mean.
var quantileLevels = func() (p [33]float64) {
	copy(p[:], []float64{0, .002, .01, .03})
	for k := range 23 {
		p[4+k] = float64(6+4*k) / 100
	}
	copy(p[27:], []float64{.97, .99, .998, .9995, .9999, 1})
	return p
}()

const mostLevels = 33

// marginsOf describes every number column and the difficulty.
func marginsOf(s *sheet, rows []int) []Margin {
	var out []Margin
	values := make([]float64, len(rows))
	for k := range columnCount {
		if categories[k] != nil {
			continue
		}
		for r, i := range rows {
			values[r] = s.column[k][i]
		}
		slices.Sort(values)
		if values[len(values)-1] == 0 {
			continue
		}
		m := marginOf(values, func(v float64) float64 { return printed(k, v) })
		m.Column = columnName(k)
		out = append(out, m)
	}
	return out
}

// marginOf describes sorted values; round makes a mean into what the file prints.
func marginOf(sorted []float64, round func(float64) float64) Margin {
	if levels := levelsOf(sorted); len(levels) <= mostLevels {
		return Margin{Levels: pooledLevels(levels, round)}
	}
	zero, _ := slices.BinarySearch(sorted, math.SmallestNonzeroFloat64)
	rest := sorted[zero:]
	m := Margin{Zero: zero, Rest: len(rest)}
	n := min(len(quantileLevels), max(1, len(rest)/rareLevel))
	for j := range n {
		v, equal := around(rest, levelAt(j, n))
		if !equal {
			v = round(v)
		}
		m.Quantiles = append(m.Quantiles, v)
	}
	return m
}

// levelAt is the probability of the j-th of n quantiles.
func levelAt(j, n int) float64 {
	switch n {
	case len(quantileLevels):
		return quantileLevels[j]
	case 1:
		return .5
	}
	return float64(j) / float64(n-1)
}

// around is the mean of the five sorted values about the p-quantile (all, if
// there are fewer): no single value shows. Equal values need no rounding.
func around(sorted []float64, p float64) (value float64, equal bool) {
	lo := int(math.Round(p*float64(len(sorted)-1))) - rareLevel/2
	lo = max(0, min(lo, len(sorted)-rareLevel))
	window := sorted[lo:min(lo+rareLevel, len(sorted))]
	sum := 0.0
	for _, v := range window {
		sum += v
	}
	return sum / float64(len(window)), window[0] == window[len(window)-1]
}

// levelsOf counts equal values, up to one more than mostLevels of them.
func levelsOf(sorted []float64) (levels [][2]float64) {
	for _, v := range sorted {
		if n := len(levels); n > 0 && levels[n-1][0] == v {
			levels[n-1][1]++
			continue
		}
		if len(levels) > mostLevels {
			break
		}
		levels = append(levels, [2]float64{v, 1})
	}
	return levels
}

// pooledLevels joins neighbouring levels above zero that have too few rows, at
// their mean. Where that is not enough they join the nearer of the levels beside
// them, which keeps its value. If nothing above zero has enough rows, what there
// is becomes one level, told to one digit.
func pooledLevels(levels [][2]float64, round func(float64) float64) [][2]float64 {
	var out [][2]float64
	if levels[0][0] == 0 {
		out, levels = append(out, levels[0]), levels[1:]
	}
	var pools [][2]float64 // value, rows
	for i := 0; i < len(levels); {
		if levels[i][1] >= rareLevel {
			pools = append(pools, levels[i])
			i++
			continue
		}
		sum, rows := 0.0, 0.0
		for i < len(levels) && rows < rareLevel && levels[i][1] < rareLevel {
			sum += float64(levels[i][0] * levels[i][1])
			rows += levels[i][1]
			i++
		}
		pools = append(pools, [2]float64{round(sum / rows), rows})
	}
	for len(pools) > 1 {
		small := slices.IndexFunc(pools, func(p [2]float64) bool { return p[1] < rareLevel })
		if small < 0 {
			break
		}
		into := small + 1
		if small == len(pools)-1 || small > 0 && pools[small][0]-pools[small-1][0] <= pools[small+1][0]-pools[small][0] {
			into = small - 1
		}
		pools[into][1] += pools[small][1]
		pools = slices.Delete(pools, small, small+1)
	}
	if len(pools) == 1 && pools[0][1] < rareLevel {
		pools[0][0] = round(oneDigit(pools[0][0]))
	}
	return append(out, pools...)
}

// oneDigit rounds a positive number to one significant digit.
func oneDigit(v float64) float64 {
	unit := math.Pow10(int(math.Floor(math.Log10(v))))
	return math.Round(v/unit) * unit
}

// printed rounds to what the file prints: two decimals for rates, else whole
// numbers of four digits at most.
func printed(k int, v float64) float64 {
	if k < FeatureCount && features[k].Kind == table.FloatKind {
		return twoDecimals(v)
	}
	unit := 1.0
	for v/unit >= 10000 {
		unit *= 10
	}
	return math.Round(v/unit) * unit
}

func columnName(k int) string {
	if k == difficultyColumn {
		return "difficulty"
	}
	return features[k].Name
}
