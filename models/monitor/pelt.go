package monitor

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// Cost says what stays the same between two changes.
type Cost uint8

const (
	Mean         Cost = iota // normal values: the mean changes, the variance is one for all
	MeanVariance             // normal values: mean and variance change
	Poisson                  // counts: the rate changes
)

// String names the cost.
func (c Cost) String() string { return [...]string{"mean", "mean and variance", "rate"}[c] }

// PELT finds the changes of a series: the places that make
//
//	Σ over segments C(segment) + Penalty · changes
//
// least, C being minus twice the log-likelihood of a segment at its best parameters.
// The search is exact; segments that can no longer be the last one are pruned, so that
// time is linear where changes are spread evenly and O(n²) where there is none [1].
//
// With Mean the variance is estimated once, from the differences of neighbours: σ is
// their scaled MAD over √2, which changes of the mean hardly touch, or where more than
// half of them are equal their root mean square over √2. Variances of MeanVariance are
// held above 1e-8 of the whole series' variance, or a stretch of equal values would
// have infinite likelihood.
//
// [1] Killick, Fearnhead, Eckley (2012), JASA 107(500), 1590-1598, sec. 3.
type PELT struct {
	Cost     Cost    // what changes; the zero value means the mean
	Penalty  float64 // cost of a change; 0 means log n for its place and each parameter of a segment (Schwarz 1978)
	Shortest int     // values in a segment, at least 1; 0 means 2, and 5 where the variance changes, at least 2 there
	Recent   int     // for Track: a change alarms while it is at most so many values old; 0 means Shortest
	Log1p    bool    // look at log(1+x)
}

// Changes is a series cut into segments.
type Changes struct {
	At      []int     // index of the first value of each segment but the first, rising
	Means   []float64 // of each segment, len(At)+1 of them; of log(1+x) with Log1p
	Cost    float64   // of the segments, without penalties
	Penalty float64   // of a change, as used
}

// Name is "PELT".
func (PELT) Name() string { return "PELT" }

func (p PELT) defaults() (PELT, error) {
	if p.Shortest == 0 {
		p.Shortest = 2
		if p.Cost == MeanVariance {
			p.Shortest = 5
		}
	}
	if p.Recent == 0 {
		p.Recent = p.Shortest
	}
	switch {
	case p.Cost > Poisson:
		return p, fmt.Errorf("monitor: there is no cost %d", p.Cost)
	case !(p.Penalty >= 0) || math.IsInf(p.Penalty, 0):
		return p, fmt.Errorf("monitor: Penalty is %v; want a finite number, at least 0", p.Penalty)
	case p.Shortest < 1 || p.Cost == MeanVariance && p.Shortest < 2:
		return p, fmt.Errorf("monitor: Shortest is %d; want at least 1, and 2 where the variance changes", p.Shortest)
	case p.Recent < p.Shortest:
		return p, fmt.Errorf("monitor: Recent is %d and Shortest %d; a change is seen once it is Shortest values old", p.Recent, p.Shortest)
	case p.Cost == Poisson && p.Log1p:
		return p, fmt.Errorf("monitor: rates are of counts; leave Log1p out")
	}
	return p, nil
}

// Changes cuts the series. Gaps are passed over; a segment begins at a value. A series
// of fewer than two segments' values has no change. Negative values, and fractions,
// are errors where rates are asked for.
func (p PELT) Changes(y []float64) (Changes, error) {
	p, at, x, err := p.values(y)
	if err != nil {
		return Changes{}, err
	}
	s := p.segments(x)
	c := Changes{Penalty: s.penalty}
	var cuts []int
	for end := len(x); end > 0; {
		start := s.last[end]
		c.Cost += s.cost(start, end)
		cuts = append(cuts, start)
		end = start
	}
	for i := len(cuts) - 1; i >= 0; i-- {
		lo, hi := cuts[i], len(x)
		if i > 0 {
			hi = cuts[i-1]
		}
		if lo > 0 {
			c.At = append(c.At, at[lo])
		}
		c.Means = append(c.Means, num.Mean(x[lo:hi]))
	}
	return c, nil
}

// Track asks after every value whether the series so far is best cut within its last
// Recent values: the score is what the best such cut gains over the best segments
// without one, over the penalty. The variance is that of the series so far, and so
// twice Shortest values are needed before anything is said. Statistic is the value,
// Center the mean of the segment that reached up to the cut or, without one, up to
// the value; there are no limits. Time O(n³).
func (p PELT) Track(y []float64) (Track, error) {
	p, at, x, err := p.values(y)
	if err != nil {
		return Track{}, err
	}
	t := newTrack(len(y))
	for i, a := range at {
		t.Statistic[a] = x[i]
		if n := i + 1; n >= 2*p.Shortest {
			s := p.segments(x[:n])
			lo, hi, gain := s.recent(n, p.Shortest, p.Recent)
			t.Center[a], t.Score[a] = num.Mean(x[lo:hi]), max(gain, 0)/s.penalty
			t.Alarm[a] = t.Score[a] > 1
		}
	}
	return t, nil
}

// values checks the settings and the series, and returns what is not a gap with its
// places.
func (p PELT) values(y []float64) (PELT, []int, []float64, error) {
	p, err := p.defaults()
	if err == nil {
		err = readable(y, p.Log1p)
	}
	if err != nil {
		return p, nil, nil, err
	}
	var at []int
	var x []float64
	for i, v := range scaled(y, p.Log1p) {
		if math.IsNaN(v) {
			continue
		}
		if p.Cost == Poisson && (v < 0 || v != math.Trunc(v)) {
			return p, nil, nil, fmt.Errorf("monitor: value %d is %v; a rate needs counts: whole numbers of at least 0", i+1, v)
		}
		at, x = append(at, i), append(x, v)
	}
	return p, at, x, nil
}
