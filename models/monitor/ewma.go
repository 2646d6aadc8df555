package monitor

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// EWMA charts an exponentially weighted moving average,
//
//	z_t = λ x_t + (1-λ) z_{t-1},  z_0 = μ,
//
// which sees small lasting shifts that no single value betrays [1]. μ and σ are those
// of the first Baseline values; the limits are μ ± L σ √(λ/(2-λ) (1-(1-λ)^{2t})) [2,
// eq. 9.25]. σ is the mean absolute difference of neighbours over 1.128, so that a
// shift within the baseline does not widen the limits [2, ch. 6.4].
//
// [1] Roberts (1959), Technometrics 1(3), 239-250. [2] Montgomery (2009), Introduction
// to Statistical Quality Control, 6th ed.
type EWMA struct {
	Lambda   float64 // weight λ of the newest value, in (0, 1]; 0 means 0.2
	Width    float64 // L, limits in standard deviations of the average; 0 means 3
	Baseline int     // first values, taken for in control, at least 2; 0 means 14
	Log1p    bool    // chart log(1+x)
	Restart  bool    // start again from μ after an alarm, so that each shift alarms once
}

// Name is "EWMA chart".
func (EWMA) Name() string { return "EWMA chart" }

// Track judges every value after the baseline. At a gap the average stays as it was.
// A series without two neighbours in its baseline is an error.
func (e EWMA) Track(y []float64) (Track, error) {
	if e.Lambda == 0 {
		e.Lambda = 0.2
	}
	if e.Width == 0 {
		e.Width = 3
	}
	if e.Baseline == 0 {
		e.Baseline = 14
	}
	switch {
	case !(e.Lambda > 0 && e.Lambda <= 1):
		return Track{}, fmt.Errorf("monitor: Lambda is %v; want a weight in (0, 1]", e.Lambda)
	case !(e.Width > 0) || math.IsInf(e.Width, 0):
		return Track{}, fmt.Errorf("monitor: Width is %v; want a finite number above 0", e.Width)
	case e.Baseline < 2:
		return Track{}, fmt.Errorf("monitor: Baseline is %d; want at least 2 values", e.Baseline)
	}
	if err := readable(y, e.Log1p); err != nil {
		return Track{}, err
	}
	x, t := scaled(y, e.Log1p), newTrack(len(y))
	if len(x) <= e.Baseline {
		return t, nil // nothing comes after the baseline
	}
	mean, sd := ofNeighbours(x[:e.Baseline])
	if math.IsNaN(sd) {
		return Track{}, fmt.Errorf("monitor: the first %d values have no two neighbours without a gap; want a longer Baseline", e.Baseline)
	}
	z, past := mean, 1.0 // the average, and (1-λ)^{2t}
	for i := e.Baseline; i < len(x); i++ {
		if math.IsNaN(x[i]) {
			continue
		}
		z += float64(e.Lambda * (x[i] - z)) // stays where it is on a constant
		past *= (1 - e.Lambda) * (1 - e.Lambda)
		t.set(i, z, mean, e.Width*sd*math.Sqrt(e.Lambda/(2-e.Lambda)*(1-past)))
		if t.Alarm[i] && e.Restart {
			z, past = mean, 1
		}
	}
	return t, nil
}

// ofNeighbours returns the mean, and the standard deviation that the differences of
// neighbours tell: their mean over d₂ = 2/√π. It is NaN without neighbours.
func ofNeighbours(x []float64) (mean, sd float64) {
	var off []float64
	for i := 1; i < len(x); i++ {
		if d := math.Abs(x[i] - x[i-1]); !math.IsNaN(d) {
			off = append(off, d)
		}
	}
	values, _ := num.DropNaN(x)
	return num.Mean(values), num.Mean(off) * math.Sqrt(math.Pi) / 2
}
