package plots

import (
	"math"
	"slices"
	"testing"
	"time"
)

func labelsOf(a axis, lo, hi float64) (out []string) {
	for _, t := range a.Ticks(lo, hi) {
		if t.Label != "" {
			out = append(out, t.Label)
		}
	}
	return out
}

func TestTicks(t *testing.T) {
	day := func(y int, m time.Month, d int) float64 {
		return float64(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).UnixMicro())
	}
	for _, c := range []struct {
		a      axis
		lo, hi float64
		want   []string
	}{
		{axis{}, 0, 1, []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{axis{}, -310, 212, []string{"−300", "−200", "−100", "0", "100", "200"}},
		{axis{}, 0, 40338, []string{"0", "10,000", "20,000", "30,000", "40,000"}},
		{axis{}, 0, 6.2e6, []string{"0", "1 M", "2 M", "3 M", "4 M", "5 M", "6 M"}},
		{axis{}, 0, 4e-5, []string{"0", "1·10⁻⁵", "2·10⁻⁵", "3·10⁻⁵", "4·10⁻⁵"}},
		{axis{whole: true}, 0, 2.1, []string{"0", "1", "2"}},
		{axis{percent: true}, 0, 1, []string{"0 %", "20 %", "40 %", "60 %", "80 %", "100 %"}},
		{axis{scale: Log}, 0.01, 1e4, []string{"0.01", "0.1", "1", "10", "100", "1 k", "10 k"}},
		{axis{scale: Log}, 0.5, 8, []string{"0.5", "1", "2", "5"}},
		{axis{scale: Log1p}, 0, 2e6, []string{"0", "10", "100", "1 k", "10 k", "100 k", "1 M"}},
		{axis{scale: Log1p}, -150, 150, []string{"−100", "−10", "−1", "0", "1", "10", "100"}},
		{axis{time: true}, day(2006, 7, 1), day(2006, 9, 30), []string{"Jul\n2006", "Aug", "Sep"}},
		{axis{time: true}, day(2006, 8, 24), day(2006, 8, 29), []string{"Aug 24\n2006", "Aug 25", "Aug 26", "Aug 27", "Aug 28", "Aug 29"}},
		{axis{time: true}, day(2001, 3, 1), day(2009, 3, 1), []string{"2002", "2004", "2006", "2008"}},
	} {
		if got := labelsOf(c.a, c.lo, c.hi); !slices.Equal(got, c.want) {
			t.Errorf("%+v from %g to %g: %q, want %q", c.a, c.lo, c.hi, got, c.want)
		}
	}
}

// Whatever the range, there are some ticks, not too many, in order and within it.
func TestTicksLaws(t *testing.T) {
	ends := []float64{-1e12, -1000, -1, -1e-9, 0, 1e-9, 0.5, 1, 3, 99, 1e6, 1e18}
	for _, a := range []axis{{}, {scale: Log}, {scale: Log1p}, {percent: true}, {want: 9}} {
		for _, lo := range ends {
			for _, hi := range ends {
				if lo >= hi || a.scale == Log && lo <= 0 {
					continue
				}
				ticks := a.Ticks(lo, hi)
				labelled, last := 0, math.Inf(-1)
				for _, tick := range ticks {
					if tick.Value <= last || tick.Value < lo-1e-6*(hi-lo) || tick.Value > hi+1e-6*(hi-lo) {
						t.Fatalf("%+v from %g to %g: ticks %v", a, lo, hi, ticks)
					}
					last = tick.Value
					if tick.Label != "" {
						labelled++
					}
				}
				if labelled < 1 || labelled > 16 {
					t.Errorf("%+v from %g to %g: %d labels: %q", a, lo, hi, labelled, labelsOf(a, lo, hi))
				}
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 7: "7", 1234567: "1.23 M", 98765: "98,765", 0.98123: "0.981", 12.345: "12.3", -0.5: "−0.500",
		2e-7: "2.0·10⁻⁷", 3.5e9: "3.5 G", 0.0213: "0.021", 0.0013: "0.0013", math.Inf(1): "∞", math.NaN(): "–",
	} {
		if got := compact(v); got != want {
			t.Errorf("compact(%g) = %q, want %q", v, got, want)
		}
	}
	if got := brief(-0.5); got != "−0.5" {
		t.Errorf("brief(-0.5) = %q", got)
	}
	for v, want := range map[float64]string{0: "0 %", 1: "100 %", 0.0001: "<0.1 %", 0.955: "95.5 %"} {
		if got := percentage(v); got != want {
			t.Errorf("percentage(%g) = %q, want %q", v, got, want)
		}
	}
}
