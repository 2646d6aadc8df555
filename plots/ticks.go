package plots

import (
	"math"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/plot"
)

// axis maps values to positions and names its marks; it is both the Normalizer
// and the Ticker of a gonum axis.
type axis struct {
	scale Scale
	want  int  // about how many labelled ticks
	time  bool // values are microseconds since 1970, UTC

	percent bool     // values are shares, named as percentages
	labels  []string // of the categories 0, 1, …, in place of numbers
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
	case a.scale == Log && math.Log10(max/min) >= 1:
		return decades(min, max, want+2)
	case a.scale == Log1p && math.Max(math.Abs(min), math.Abs(max)) >= 20:
		return signedDecades(min, max, want+2)
	}
	return even(min, max, want)
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
	k0, k1 := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	every := max(1, int(math.Ceil(math.Log10(hi/lo)/float64(want+1))))
	var ticks []plot.Tick
	for k := k0; k <= k1; k++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow(10, float64(k))
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 && k%every == 0 || (m == 2 || m == 5) && math.Log10(hi/lo) < 2.2 {
				t.Label = power(m, k)
			} else if every > 1 && m > 1 {
				continue
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// signedDecades marks zero and powers of ten on both sides of it.
func signedDecades(lo, hi float64, want int) []plot.Tick {
	span := Log1p.forward(hi) - Log1p.forward(lo)
	every := max(1, int(math.Ceil(span/float64(want))))
	var ticks []plot.Tick
	add := func(v float64, label string) {
		if v >= lo && v <= hi {
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
	}
	top := int(math.Ceil(math.Log10(math.Max(math.Abs(lo), math.Abs(hi)) + 1)))
	for k := top; k >= 0; k-- {
		if k%every == 0 && (k > 0 || span < 8) {
			add(-math.Pow(10, float64(k)), "−"+power(1, k))
		}
	}
	add(0, "0")
	for k := 0; k <= top; k++ {
		if k%every == 0 && (k > 0 || span < 8) {
			add(math.Pow(10, float64(k)), power(1, k))
		}
	}
	return ticks
}

// power writes m·10^k: 0.01, 20, 1 k, 10 M, 10⁻⁷.
func power(m, k int) string {
	switch {
	case k < -3 || k >= 15:
		s := "10" + superscript(k)
		if m > 1 {
			s = strconv.Itoa(m) + "·" + s
		}
		return s
	case k < 0:
		return strconv.FormatFloat(float64(m)*math.Pow(10, float64(k)), 'f', -k, 64)
	}
	zeros := strings.Repeat("0", k%3)
	unit := [...]string{"", " k", " M", " G", " T"}[k/3]
	return strconv.Itoa(m) + zeros + unit
}

func superscript(k int) string {
	return strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").Replace(strconv.Itoa(k))
}

// tickLabel writes v with the decimals of step, in the unit that suits the
// largest value of the axis: 0.25, 20,000, 1.5 M, 2·10⁻⁵.
func tickLabel(v, step, big float64) string {
	if math.Abs(v) < step/1e6 {
		return "0"
	}
	switch {
	case big >= 1e15 || big < 1e-3:
		k := int(math.Floor(math.Log10(math.Abs(v)) + 1e-9))
		return number(v/math.Pow(10, float64(k)), decimals(step/math.Pow(10, float64(k)))) + "·10" + superscript(k)
	case big >= 1e12:
		return number(v/1e12, decimals(step/1e12)) + " T"
	case big >= 1e9:
		return number(v/1e9, decimals(step/1e9)) + " G"
	case big >= 1e6:
		return number(v/1e6, decimals(step/1e6)) + " M"
	}
	return number(v, decimals(step))
}

// decimals returns how many digits after the point a step needs, at most 6.
func decimals(step float64) int {
	for d := range 6 {
		s := step * math.Pow(10, float64(d))
		if math.Abs(s-math.Round(s)) < 1e-6*s {
			return d
		}
	}
	return 6
}

// number writes v with d decimals, thousands marks and a true minus sign.
func number(v float64, d int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', d, 64)
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		return "−" + whole
	}
	return whole
}

// count writes a whole number with thousands marks.
func count(n int) string { return number(float64(n), 0) }

// compact writes v to three significant digits or so: 0.021, 1.27, 31.4, 12,400, 1.95 M.
func compact(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0):
		return "∞"
	case v == math.Trunc(v) && a < 1e5:
		return number(v, 0)
	case a >= 1e15 || a > 0 && a < 1e-3:
		k := int(math.Floor(math.Log10(a)))
		return number(v/math.Pow(10, float64(k)), 1) + "·10" + superscript(k)
	case a >= 1e9:
		return number(v/1e9, 2-b2i(a >= 1e10)) + " G"
	case a >= 1e6:
		return number(v/1e6, 2-b2i(a >= 1e7)) + " M"
	case a >= 100:
		return number(v, 0)
	case a >= 10:
		return number(v, 1)
	case a >= 1:
		return number(v, 2)
	case a >= 0.01:
		return number(v, 3)
	}
	return number(v, 4)
}

// percentage writes a share in [0, 1] with one decimal.
func percentage(v float64) string {
	if v > 0 && v < 0.0005 {
		return "<0.1 %"
	}
	return number(100*v, 1) + " %"
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
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
