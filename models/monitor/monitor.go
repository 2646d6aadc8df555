// Package monitor answers: has a series just left its old ways, and when did it?
//
// A Chart judges each value of a series by the values before it alone, as a guard on
// duty must. PELT looks back over the whole series and cuts it into stretches of one
// kind; its Track does so again after every value, and so may stand beside the charts.
//
//	track, err := monitor.RobustZ{Window: 14, Limit: 4, Log1p: true}.Track(flows)
//	cuts, err := monitor.PELT{}.Changes(flows)
//
// A series is a slice of evenly spaced numbers, oldest first; NaN is a gap.
package monitor

import (
	"fmt"
	"math"
)

// Chart is a control chart: a value with exported settings whose zero value works.
type Chart interface {
	// Name says what it is: "EWMA chart".
	Name() string
	// Track judges every value. An infinite value, or one too large to
	// square, is an error. Later values never
	// change what is said of earlier ones.
	Track(y []float64) (Track, error)
}

// Track is a chart of a series, one entry a value.
type Track struct {
	Statistic []float64 // what is charted: the value, its logarithm or an average; NaN at a gap
	Center    []float64 // where it should lie; NaN while too little is known
	Low, High []float64 // control limits; NaN while too little is known
	// Score says how far the statistic lies from the center in units of the way to
	// the limit: above 1 it alarms. It is +Inf where any change is out of control
	// and NaN where nothing can be said. Who asks for fewer alarms cuts it higher.
	Score []float64
	Alarm []bool
}

func newTrack(n int) Track {
	t := Track{Statistic: make([]float64, n), Center: make([]float64, n), Low: make([]float64, n), High: make([]float64, n), Score: make([]float64, n), Alarm: make([]bool, n)}
	for i := range n {
		t.Statistic[i], t.Center[i], t.Low[i], t.High[i], t.Score[i] = math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
	}
	return t
}

// set judges a statistic against a center and the way to either limit.
func (t *Track) set(i int, statistic, center, reach float64) {
	t.Statistic[i], t.Center[i], t.Low[i], t.High[i] = statistic, center, center-reach, center+reach
	off := math.Abs(statistic - center)
	switch {
	case off == 0:
		t.Score[i] = 0
	case reach == 0:
		t.Score[i] = math.Inf(1)
	default:
		t.Score[i] = off / reach
	}
	t.Alarm[i] = t.Score[i] > 1
}

// Alarms counts the alarms.
func (t Track) Alarms() (n int) {
	for _, a := range t.Alarm {
		if a {
			n++
		}
	}
	return n
}

// readable refuses infinite values and those whose squares would be, and for logarithms
// those that have none.
func readable(y []float64, log bool) error {
	for i, v := range y {
		if math.IsInf(v, 0) {
			return fmt.Errorf("monitor: value %d is %v; want a finite number, or NaN for a gap", i+1, v)
		}
		if math.Abs(v) > 1e145 {
			return fmt.Errorf("monitor: value %d is %v, too large to square; divide the series by some power of ten", i+1, v)
		}
		if log && v <= -1 {
			return fmt.Errorf("monitor: value %d is %v, and log(1+x) needs more than -1; leave Log1p out", i+1, v)
		}
	}
	return nil
}

// scaled returns y, or log(1+y).
func scaled(y []float64, log bool) []float64 {
	if !log {
		return y
	}
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = math.Log1p(v)
	}
	return out
}
