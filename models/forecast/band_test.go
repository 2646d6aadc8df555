package forecast

import (
	"math"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

// Of nineteen errors 1 … 19 the 95 % band is the 19th, the 90 % band the 18th: ⌈20 × 0.9⌉.
func TestResidualBandRanks(t *testing.T) {
	var e []float64
	for i := range 19 {
		e = append(e, float64(i+1)*float64(1-2*(i%2)))
	}
	b := newResidualBand(append(e, math.NaN()), []float64{3})
	for _, c := range []struct{ level, want float64 }{{.95, 19}, {.9, 18}, {.5, 10}, {.01, 1}} {
		if got := b.halfWidth(1, c.level); !(got == c.want) {
			t.Errorf("level %v: %v, want %v", c.level, got, c.want)
		}
	}
	if got := b.halfWidth(1, .99); !(got > 19) {
		t.Errorf("19 errors say nothing exact of 99 %%, yet the band is %v", got)
	}
	if a, b := b.halfWidth(2, .8), b.halfWidth(9, .8); !(a == b && a > 3) {
		t.Errorf("beyond the last horizon: %v and %v", a, b)
	}
	if got := (residualBand{}).halfWidth(1, .9); !math.IsNaN(got) {
		t.Errorf("no errors: %v", got)
	}
	p := b.path([]float64{1, 2}, .9)
	if p.Low[0] != -17 || p.High[0] != 19 || p.Level != .9 {
		t.Errorf("path %+v", p)
	}
}

// The band covers at its level, also for the fewest errors that allow it and heavy tails.
func TestResidualBandCovers(t *testing.T) {
	g := rng.New(5).Rand()
	draw := func() float64 { return g.NormFloat64() * math.Exp(g.NormFloat64()) }
	for _, m := range []int{9, 30, 200} {
		const trials = 4000
		held := 0
		for range trials {
			e := make([]float64, m)
			for i := range e {
				e[i] = draw()
			}
			if math.Abs(draw()) <= newResidualBand(e).halfWidth(1, .9) {
				held++
			}
		}
		if share := float64(held) / trials; !(share > .875 && share < .93) {
			t.Errorf("%d errors: coverage %.3f at 0.9", m, share)
		}
	}
}

func TestChecksName(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		err  error
		want string
	}{
		{checkAsk("x", []float64{1}, 0, .9, 1), "0 steps"},
		{checkAsk("x", []float64{1}, 1, nan, 1), "level is NaN"},
		{checkAsk("x", []float64{1, math.Inf(1)}, 1, .9, 1), "value 1 of 2 is infinite"},
		{checkAsk("x", []float64{1, -1e101}, 1, .9, 1), "value 1 of 2 is -1e+101"},
		{checkAsk("x", []float64{1, nan}, 1, .9, 2), "1 values that are not gaps; want at least 2"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v, want %q", c.err, c.want)
		}
	}
}
