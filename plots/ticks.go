package plots

import (
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
)

// axis maps values to positions and names its marks; it is both the Normalizer
// and the Ticker of a gonum axis.
type axis struct {
	scale Scale
	want  int  // about how many labelled ticks
	whole bool // no ticks between whole numbers
	time  bool // values are microseconds since 1970, UTC

	percent bool      // values are shares, named as percentages
	labels  []string  // of the categories 0, 1, …, in place of numbers
	places  []float64 // of the labels; nil means 0, 1, …
	bare    bool      // ticks have no numbers: another panel has them
}

// forward maps a value to the space in which the axis is even.
func (s Scale) forward(v float64) float64 {
	switch s {
	case Log:
		return math.Log10(v)
	case Log1p:
		return math.Copysign(math.Log1p(math.Abs(v))/math.Ln10, v)
	}
	return v
}

// inverse undoes forward.
func (s Scale) inverse(u float64) float64 {
	switch s {
	case Log:
		return math.Pow(10, u)
	case Log1p:
		return math.Copysign(math.Expm1(math.Abs(u)*math.Ln10), u)
	}
	return u
}

// Normalize returns the position of v between min and max.
func (a axis) Normalize(min, max, v float64) float64 {
	lo, hi := a.scale.forward(min), a.scale.forward(max)
	return (a.scale.forward(v) - lo) / (hi - lo)
}

// Ticks returns labelled and, on log axes, unlabelled marks in [min, max].
func (a axis) Ticks(min, max float64) []plot.Tick {
	want := a.want
	if want == 0 {
		want = 5
	}
	switch {
	case a.percent && a.scale == Linear:
		ticks := even(100*min, 100*max, want)
		for i := range ticks {
			ticks[i].Value /= 100
			ticks[i].Label += " %"
		}
		return ticks
	case a.time:
		return timeTicks(min, max, want)
	case a.scale == Log && math.Log10(max)-math.Log10(min) >= 1:
		return decades(min, max, want*3/2)
	case a.scale == Log1p && math.Max(math.Abs(min), math.Abs(max)) >= 20:
		return signedDecades(min, max, want*3/2)
	}
	if a.whole {
		want = int(math.Min(float64(want), math.Max(1, math.Floor(max-min))))
	}
	ticks := even(min, max, want)
	if a.whole {
		ticks = slices.DeleteFunc(ticks, func(t plot.Tick) bool { return t.Value != math.Round(t.Value) })
	}
	return ticks
}

// even places marks at multiples of 1, 2 or 5 times a power of ten.
func even(lo, hi float64, want int) []plot.Tick {
	span := hi - lo
	if !(span > 0) || math.IsInf(span, 0) {
		return []plot.Tick{{Value: lo, Label: number(lo, 0)}}
	}
	step := niceStep(span, want)
	var ticks []plot.Tick
	big := math.Max(math.Abs(lo), math.Abs(hi))
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step && len(ticks) < 50; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: tickLabel(i*step, step, big)})
	}
	return ticks
}

// niceStep returns the 1, 2 or 5 times a power of ten that cuts span into about
// want parts.
func niceStep(span float64, want int) float64 {
	best, off := 0.0, math.Inf(1)
	p := math.Pow(10, math.Floor(math.Log10(span/float64(want))))
	for _, k := range []float64{1, 2, 5, 10} {
		if d := math.Abs(math.Log(span / (k * p) / float64(want))); d < off {
			best, off = k*p, d
		}
	}
	return best
}

// decades marks powers of ten; with few of them also their double and fivefold.
func decades(lo, hi float64, want int) []plot.Tick {
	if !(lo > 0) || math.IsInf(hi, 0) {
		return nil
	}
	k0, k1 := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	every := max(1, int(math.Ceil((math.Log10(hi)-math.Log10(lo))/float64(want+1))))
	var ticks []plot.Tick
	for k := k0; k <= k1; k++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow(10, float64(k))
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			switch {
			case m == 1 && k%every == 0, (m == 2 || m == 5) && math.Log10(hi)-math.Log10(lo) < 2.2:
				t.Label = power(m, k)
			case m > 1 && every > 1, every > 9:
				continue // too dense to tell apart
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// signedDecades marks zero and powers of ten on both sides of it.
func signedDecades(lo, hi float64, want int) []plot.Tick {
	span := Log1p.forward(hi) - Log1p.forward(lo)
	every := max(1, int(math.Round(span/float64(want))))
	var ticks []plot.Tick
	add := func(v float64, label string) {
		if v >= lo && v <= hi {
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
	}
	top := int(math.Ceil(math.Log10(math.Max(math.Abs(lo), math.Abs(hi)) + 1)))
	for k := top; k >= 0; k-- {
		if k%every == 0 && (k > 0 || 1.33*span <= float64(want)) {
			add(-math.Pow(10, float64(k)), "−"+power(1, k))
		}
	}
	add(0, "0")
	for k := 0; k <= top; k++ {
		if k%every == 0 && (k > 0 || 1.33*span <= float64(want)) {
			add(math.Pow(10, float64(k)), power(1, k))
		}
	}
	return ticks
}

// timeTicks marks round times between lo and hi, in microseconds; the year
// stands below the first mark and wherever it changes.
func timeTicks(lo, hi float64, want int) []plot.Tick {
	const second = 1e6
	steps := []float64{1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 14 * 86400}
	need := (hi - lo) / second / float64(want)
	from := time.UnixMicro(int64(lo)).UTC()
	var ticks []plot.Tick
	year := 0
	add := func(t time.Time, layout string) {
		v := float64(t.UnixMicro())
		if v < lo || v > hi || len(ticks) > 50 {
			return
		}
		label := t.Format(layout)
		if y := t.Year(); y != year && layout != "2006" {
			label, year = label+"\n"+strconv.Itoa(y), y
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: label})
	}
	for _, s := range steps {
		if s < need {
			continue
		}
		layout := "Jan 2"
		if s < 60 {
			layout = "15:04:05"
		} else if s < 86400 {
			layout = "Jan 2 15:04"
			if (hi-lo)/second < 86400 {
				layout = "15:04"
			}
		}
		for v := math.Ceil(lo/(s*second)) * s * second; v <= hi; v += s * second {
			add(time.UnixMicro(int64(v)).UTC(), layout)
		}
		return ticks
	}
	months := 1
	for _, m := range []int{1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200} {
		if months = m; float64(m)*30.4*86400 >= need {
			break
		}
	}
	layout := "Jan"
	if months >= 12 {
		layout = "2006"
	}
	start := from.Year() * 12
	for i := start - start%months; i < start+months*60; i += months {
		add(time.Date(i/12, time.Month(i%12+1), 1, 0, 0, 0, 0, time.UTC), layout)
	}
	return ticks
}
