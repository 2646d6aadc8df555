package monitor

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// RobustZ charts each value against the median of the values just before it, in units
// of their scaled median absolute deviation (see num.MADScale): what is usual may
// drift, and one wild day does not widen the limits. Where the MAD is 0 any change
// alarms. (Iglewicz, Hoaglin 1993, How to Detect and Handle Outliers, ASQC.)
type RobustZ struct {
	Window int     // values before it, gaps passed over, that are looked at; 0 means 14
	Least  int     // how many of them there must be before anything is said; 0 means Window
	Limit  float64 // robust z above which it alarms; 0 means 4
	Log1p  bool    // chart log(1+x): for counts that span powers of ten
}

// Name is "robust z chart".
func (RobustZ) Name() string { return "robust z chart" }

// Track judges every value but those that too few precede. Time O(n w log w).
func (r RobustZ) Track(y []float64) (Track, error) {
	if r.Window == 0 {
		r.Window = 14
	}
	if r.Least == 0 {
		r.Least = r.Window
	}
	if r.Limit == 0 {
		r.Limit = 4
	}
	switch {
	case r.Window < 1 || r.Least < 1 || r.Least > r.Window:
		return Track{}, fmt.Errorf("monitor: Window is %d and Least %d; want 1 ≤ Least ≤ Window", r.Window, r.Least)
	case !(r.Limit > 0) || math.IsInf(r.Limit, 0):
		return Track{}, fmt.Errorf("monitor: Limit is %v; want a finite number above 0", r.Limit)
	}
	if err := readable(y, r.Log1p); err != nil {
		return Track{}, err
	}
	t := newTrack(len(y))
	var before []float64
	for i, v := range scaled(y, r.Log1p) {
		if math.IsNaN(v) {
			continue
		}
		t.Statistic[i] = v
		if window := before[max(0, len(before)-r.Window):]; len(window) >= r.Least {
			t.set(i, v, num.Median(window), r.Limit*num.MADScale*num.MAD(window))
		}
		before = append(before, v)
	}
	return t, nil
}
