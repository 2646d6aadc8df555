package monitor

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

type reference struct {
	Name    string
	Y       []float64
	Changes []struct {
		Kind     string
		Shortest int
		At       []int
		Cost     float64
	}
	EWMA struct {
		Z, Reach []float64
		Center   float64
	}
	Robust [][]float64
}

func references(t *testing.T) (all []reference) {
	t.Helper()
	b, err := os.ReadFile("testdata/monitor.json")
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-9*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

func TestChanges(t *testing.T) {
	for _, r := range references(t) {
		for _, want := range r.Changes {
			for _, kind := range []Cost{Mean, MeanVariance, Poisson} {
				if kind.String() != want.Kind {
					continue
				}
				got, err := PELT{Cost: kind, Shortest: want.Shortest}.Changes(r.Y)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.At, want.At) || !near(got.Cost, want.Cost) {
					t.Errorf("%s, %s, shortest %d: changes %v cost %v; want %v, %v", r.Name, want.Kind, want.Shortest, got.At, got.Cost, want.At, want.Cost)
				}
				if len(got.Means) != len(got.At)+1 {
					t.Errorf("%s: %d means of %d changes", r.Name, len(got.Means), len(got.At))
				}
			}
		}
	}
}

func TestEWMA(t *testing.T) {
	for _, r := range references(t) {
		got, err := EWMA{Lambda: 0.3, Width: 2.5, Baseline: 5}.Track(r.Y)
		if err != nil {
			t.Fatal(err)
		}
		for i, z := range r.EWMA.Z {
			at := i + 5
			if !near(got.Statistic[at], z) || !near(got.Center[at], r.EWMA.Center) || !near(got.High[at], r.EWMA.Center+r.EWMA.Reach[i]) || !near(got.Low[at], r.EWMA.Center-r.EWMA.Reach[i]) {
				t.Fatalf("%s: value %d: %v in [%v, %v]; want %v ± %v around %v", r.Name, at, got.Statistic[at], got.Low[at], got.High[at], z, r.EWMA.Reach[i], r.EWMA.Center)
			}
			if out := math.Abs(z-r.EWMA.Center) > r.EWMA.Reach[i]; out != got.Alarm[at] && !near(math.Abs(z-r.EWMA.Center), r.EWMA.Reach[i]) {
				t.Errorf("%s: value %d: alarm %v; want %v", r.Name, at, got.Alarm[at], out)
			}
		}
	}
}

func TestRobustZ(t *testing.T) {
	for _, r := range references(t) {
		got, err := RobustZ{Window: 5, Limit: 3}.Track(r.Y)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range r.Robust {
			if want == nil {
				if !math.IsNaN(got.Score[i]) || got.Alarm[i] {
					t.Errorf("%s: value %d is judged with a window too short", r.Name, i)
				}
				continue
			}
			if !near(got.Center[i], want[0]) || !near(got.High[i]-got.Center[i], want[1]) {
				t.Errorf("%s: value %d: %v up to %v; want %v ± %v", r.Name, i, got.Center[i], got.High[i], want[0], want[1])
			}
		}
	}
}

// Pruning must lose nothing: the cost of the cuts is the least there is.
func TestPELTAgainstAllCuts(t *testing.T) {
	r := rng.New(8).Rand()
	for trial := range 300 {
		n := 2 + r.IntN(28)
		y := make([]float64, n)
		level := 0.0
		for i := range y {
			if r.IntN(7) == 0 {
				level = 6 * r.NormFloat64()
			}
			y[i] = math.Abs(math.Round(level + r.NormFloat64()))
		}
		leastCost(t, PELT{Cost: Cost(trial % 3), Shortest: 2 + r.IntN(3), Penalty: 0.5 + 6*r.Float64()}, y)
	}
	// Nor where variances lie around the least that is allowed, 1e-4 of the whole's spread.
	for range 300 {
		y := make([]float64, 40)
		for i := range y {
			y[i] = 1e-4 * r.NormFloat64() * float64(r.IntN(3))
		}
		y[39], y[38] = 1, 1
		leastCost(t, PELT{Cost: MeanVariance, Shortest: 2, Penalty: 0.1 + r.Float64()}, y)
	}
}

// leastCost checks the cuts of a series against all ways of cutting it.
func leastCost(t *testing.T, p PELT, y []float64) {
	t.Helper()
	n := len(y)
	got, err := p.Changes(y)
	if err != nil {
		t.Fatal(err)
	}
	p, _ = p.defaults()
	s := p.segments(y)
	least := make([]float64, n+1)
	for end := 1; end <= n; end++ {
		least[end] = math.Inf(1)
		for from := 0; from <= end-p.Shortest; from++ {
			least[end] = min(least[end], least[from]+s.cost(from, end)+p.Penalty)
		}
	}
	want := least[n] - p.Penalty
	if n < p.Shortest {
		want = s.cost(0, n)
	}
	if have := got.Cost + float64(len(got.At))*p.Penalty; !near(have, want) {
		t.Errorf("%v, %d values: cost %v at %v; want %v", p.Cost, n, have, got.At, want)
	}
}

// What a chart says of a value does not change with what comes later, nor with a gap
// put in beside it; and a shift of the mean is seen soon.
func TestTracksLookBackOnly(t *testing.T) {
	r := rng.New(9).Rand()
	y := make([]float64, 60)
	for i := range y {
		y[i] = 20 + r.NormFloat64()
		if i >= 40 {
			y[i] += 8
		}
	}
	for _, chart := range []Chart{RobustZ{}, RobustZ{Log1p: true}, EWMA{}, EWMA{Restart: true}, PELT{}, PELT{Cost: MeanVariance, Recent: 6}, PELT{Log1p: true}} {
		whole, err := chart.Track(y)
		if err != nil {
			t.Fatal(err)
		}
		part, err := chart.Track(y[:45])
		if err != nil {
			t.Fatal(err)
		}
		for i := range part.Score {
			if whole.Alarm[i] != part.Alarm[i] || math.Float64bits(whole.Score[i]) != math.Float64bits(part.Score[i]) {
				t.Errorf("%s: value %d scores %v, and %v without what follows", chart.Name(), i, whole.Score[i], part.Score[i])
			}
			if part.Alarm[i] && i < 40 {
				t.Logf("%s: false alarm at %d, score %v", chart.Name(), i, part.Score[i])
			}
		}
		if !slices.Contains(whole.Alarm[40:48], true) || part.Alarms() > 9 {
			t.Errorf("%s: alarms %v; want one soon after 40", chart.Name(), whole.Alarm)
		}
		gap, err := chart.Track(slices.Insert(slices.Clone(y), 30, math.NaN()))
		if err != nil {
			t.Fatal(err)
		}
		if gap.Alarm[30] || !math.IsNaN(gap.Score[30]) {
			t.Errorf("%s: a gap is judged", chart.Name())
		}
		for i := 31; i < len(gap.Score); i++ {
			if gap.Alarm[i] != whole.Alarm[i-1] {
				t.Errorf("%s: a gap at 30 changes the alarm of value %d", chart.Name(), i)
			}
		}
	}
}

func TestDegenerateSeries(t *testing.T) {
	nan := math.NaN()
	constant := slices.Repeat([]float64{3}, 40)
	jump := append(slices.Clone(constant), 4, 3, 3)
	for _, chart := range []Chart{RobustZ{}, EWMA{}, PELT{}, PELT{Cost: MeanVariance}, PELT{Cost: Poisson}} {
		for name, y := range map[string][]float64{"none": nil, "one": {1}, "two": {1, 2}, "constant": constant, "gaps": {nan, nan, nan}} {
			got, err := chart.Track(y)
			if err != nil || got.Alarms() != 0 || len(got.Score) != len(y) {
				t.Errorf("%s of %s: %d alarms in %d, %v", chart.Name(), name, got.Alarms(), len(got.Score), err)
			}
		}
	}
	got, err := RobustZ{}.Track(jump)
	if err != nil || got.Alarms() != 1 || !math.IsInf(got.Score[40], 1) {
		t.Errorf("a jump of a constant: %v, %v", got.Score[38:], err)
	}
	if c, err := (PELT{}).Changes(constant); err != nil || len(c.At) != 0 || c.Means[0] != 3 {
		t.Errorf("changes of a constant: %v, %v", c, err)
	}
	if c, err := (PELT{}).Changes(nil); err != nil || len(c.At) != 0 {
		t.Errorf("changes of nothing: %v, %v", c, err)
	}
	if c, err := (PELT{}).Changes([]float64{nan, 0, nan, 0.1, 0, nan, nan, 9, 9.1, 9, nan}); err != nil || !slices.Equal(c.At, []int{7}) {
		t.Errorf("changes with gaps: %v, %v; want one at 7", c.At, err)
	}
	for want, f := range map[string]func() error{
		"value 2 is +Inf":          func() error { _, err := RobustZ{}.Track([]float64{1, math.Inf(1)}); return err },
		"value 2 is 1e+200":        func() error { _, err := PELT{}.Changes([]float64{1, 1e200, 3, 4, 5}); return err },
		"log(1+x)":                 func() error { _, err := EWMA{Log1p: true}.Track([]float64{1, -3}); return err },
		"whole numbers":            func() error { _, err := PELT{Cost: Poisson}.Changes([]float64{1, 2.5}); return err },
		"Lambda is 2":              func() error { _, err := EWMA{Lambda: 2}.Track(constant); return err },
		"Baseline is 1":            func() error { _, err := EWMA{Baseline: 1}.Track(constant); return err },
		"longer Baseline":          func() error { _, err := EWMA{Baseline: 3}.Track([]float64{1, nan, 1, 2}); return err },
		"Window is -1":             func() error { _, err := RobustZ{Window: -1}.Track(constant); return err },
		"Limit is NaN":             func() error { _, err := RobustZ{Limit: nan}.Track(constant); return err },
		"Penalty is -1":            func() error { _, err := PELT{Penalty: -1}.Changes(constant); return err },
		"Shortest is 1":            func() error { _, err := PELT{Cost: MeanVariance, Shortest: 1}.Changes(constant); return err },
		"Recent is 1 and Shortest": func() error { _, err := PELT{Recent: 1}.Track(constant); return err },
		"no cost 9":                func() error { _, err := PELT{Cost: 9}.Changes(constant); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one with %q", err, want)
		}
	}
}
