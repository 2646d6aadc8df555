package forecast

import (
	"fmt"
	"math"
	"slices"
)

// past is what a history says about the steps to come.
type past struct {
	values         []float64 // filled and differenced, the first at the place start
	start          int
	center, spread float64
	unit           float64   // what an error of 1 is worth: the spread, where it is the history's own
	last           []float64 // the last value of the level, of its first differences, and so on
}

// scaled is a value as learners see it.
func (p past) scaled(v float64) float64 {
	if p.spread == 0 {
		return 0
	}
	return (v - p.center) / p.spread
}

// level is a value on the scale that is differenced and learnt.
func (r recursion) level(v float64) float64 {
	if r.log {
		return math.Log1p(v)
	}
	return v
}

// firstKnown is where the first value stands that is no gap; len(y) if there is none.
func firstKnown(y []float64) int {
	for i, v := range y {
		if !math.IsNaN(v) {
			return i
		}
	}
	return len(y)
}

// pasts returns what y[:o] says for each origin o, in one pass.
func (r recursion) pasts(y []float64, origins []int) ([]past, error) {
	if len(origins) == 0 {
		return nil, nil
	}
	first := firstKnown(y)
	if need := r.window + r.differences; origins[0]-first < need {
		return nil, fmt.Errorf("forecast: %s: %d values from the first that is no gap to the origin; want at least %d", r.name, max(0, origins[0]-first), need)
	}
	start := first + r.differences
	values := make([]float64, 0, len(y)-start)
	out := make([]past, 0, len(origins))
	last, gap := make([]float64, r.differences+1), -1 // by order of difference; the place of the last gap
	count, mean, square := 0.0, 0.0, 0.0
	for i := first; i < origins[len(origins)-1]; i++ {
		v := last[0]
		if math.IsNaN(y[i]) {
			gap = i
		} else if v = r.level(y[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("forecast: %s: value %d is %v, which has no log(1 + y); leave Log out", r.name, i, y[i])
		}
		for k := range last {
			v, last[k] = v-last[k], v
		}
		if v = last[r.differences]; i >= start {
			values = append(values, v)
			if i-gap > r.differences { // no gap in what it is made of
				count++
				off := v - mean
				mean += off / count
				square += float64(off * (v - mean))
			}
		}
		if i+1 == origins[len(out)] {
			p := past{values: values, start: start, center: mean, unit: 1, last: slices.Clone(last[:r.differences])}
			if square > 0 {
				p.spread = math.Sqrt(square / count)
				p.unit = p.spread
			}
			if p.spread-p.spread != 0 || p.center-p.center != 0 {
				return nil, fmt.Errorf("forecast: %s: the mean of the values is %v and their deviation %v; scale them", r.name, p.center, p.spread)
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// windows are questions of one step each, and their answers.
type windows struct {
	width  int
	values []float64 // a line of width scaled values a question, oldest first
	place  []int     // of the value asked for, in its series
	next   []float64 // that value, scaled; only in training
}

func (w windows) len() int { return len(w.place) }

// learnable returns the windows of all series whose next value is no gap. With tails, it
// returns those of the last so many values alone, scaled by what was known before them.
func (r recursion) learnable(series [][]float64, tails []int) (windows, error) {
	w := windows{width: r.window}
	for k, y := range series {
		first, origins := 0, []int{len(y)}
		if tails != nil {
			first = len(y) - tails[k]
			origins = []int{first, len(y)}
		}
		pasts, err := r.pasts(y, origins)
		if err != nil {
			return w, err
		}
		p := pasts[0] // whose values are the first of those of the last
		for i, v := range pasts[len(pasts)-1].values {
			at := p.start + i
			if i < r.window || at < first || slices.ContainsFunc(y[at-r.differences:at+1], math.IsNaN) {
				continue
			}
			for _, v := range pasts[len(pasts)-1].values[i-r.window : i] {
				w.values = append(w.values, p.scaled(v))
			}
			w.place, w.next = append(w.place, at), append(w.next, p.scaled(v))
		}
	}
	return w, nil
}
