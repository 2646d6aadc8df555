package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/rng"
)

// TestRecursionCovers: intervals at 0.9 hold about nine in ten values of the same kind
// that nobody has seen, one step ahead and five, of single series and of pooled ones.
func TestRecursionCovers(t *testing.T) {
	autoregression := func(n int, seed uint64) []float64 {
		g := rng.New(seed).At("coverage").Rand()
		y := make([]float64, n)
		for i := 1; i < n; i++ {
			y[i] = 0.8*y[i-1] + g.NormFloat64()
		}
		return y
	}
	for _, f := range []Forecaster{Lags{Learner: Tree{}, Window: 3}, Lags{Window: 3}, LSTM{Window: 3, Hidden: 6, Epochs: 15}} {
		held := make([]float64, 5)
		count := 0.0
		for seed := range uint64(12) {
			m := fitted(t, f, autoregression(400, seed))
			y := autoregression(400, seed+100)
			var origins []int
			for o := 60; o+5 <= len(y); o += 5 {
				origins = append(origins, o)
			}
			paths, err := m.(Each).ForecastEach(context.Background(), y, origins, 5, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range origins {
				count++
				for h := range held {
					if paths[i].Low[h] <= y[o+h] && y[o+h] <= paths[i].High[h] {
						held[h]++
					}
				}
			}
		}
		for _, h := range []int{0, 4} {
			t.Logf("%s, %d ahead: %.3f of %v", f.Name(), h+1, held[h]/count, count)
			if share := held[h] / count; !(share > 0.86 && share < 0.94) {
				t.Errorf("%s: %.3f of %v values %d steps ahead lie in intervals at 0.9", f.Name(), share, count, h+1)
			}
		}
	}
}

// naivePast is what a history says, by the words of recursion.
func naivePast(r recursion, y []float64) (values []float64, center, spread float64) {
	first := 0
	for math.IsNaN(y[first]) {
		first++
	}
	var filled []float64
	var gap []bool
	for _, v := range y[first:] {
		gap = append(gap, math.IsNaN(v))
		if math.IsNaN(v) {
			filled = append(filled, filled[len(filled)-1])
		} else {
			filled = append(filled, r.level(v))
		}
	}
	for range r.differences {
		for i := 0; i+1 < len(filled); i++ {
			filled[i], gap[i] = filled[i+1]-filled[i], gap[i] || gap[i+1]
		}
		filled, gap = filled[:len(filled)-1], gap[:len(gap)-1]
	}
	var known []float64
	for i, v := range filled {
		if !gap[i] {
			known = append(known, v)
		}
	}
	mean := num.Mean(known)
	for _, v := range known {
		spread += (v - mean) * (v - mean) / float64(len(known))
	}
	return filled, mean, math.Sqrt(spread)
}

// TestPastsAgreeWithTheirTwin, with gaps anywhere, from every origin in one pass; and no
// window asks for a value that is a gap, or is made of one.
func TestPastsAgreeWithTheirTwin(t *testing.T) {
	g := rng.New(8).Rand()
	for trial := range 60 {
		r := recursion{name: "test", window: 1 + g.IntN(4), differences: g.IntN(3), log: g.IntN(2) == 0}
		y := make([]float64, 40)
		for i := range y {
			y[i] = float64(g.IntN(50))
			if g.IntN(4) == 0 || i < trial%4 {
				y[i] = math.NaN()
			}
		}
		var origins []int
		for o := 20; o <= len(y); o += 1 + g.IntN(3) {
			origins = append(origins, o)
		}
		pasts, err := r.pasts(y, origins)
		if err != nil {
			t.Fatal(err)
		}
		for k, o := range origins {
			values, center, spread := naivePast(r, y[:o])
			if !slices.EqualFunc(pasts[k].values, values, func(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }) || pasts[k].start+len(values) != o {
				t.Fatalf("origin %d: values %v from %d on, want %v", o, pasts[k].values, pasts[k].start, values)
			}
			near(t, pasts[k].center, center, 1e-12, "center at %d", o)
			near(t, pasts[k].spread, spread, 1e-12, "spread at %d", o)
		}
		w, err := r.learnable([][]float64{y}, nil)
		if err != nil {
			t.Fatal(err)
		}
		naiveWindows(t, r, w, y, 0, len(y))
		if w, err = r.learnable([][]float64{y}, []int{12}); err != nil {
			t.Fatal(err)
		}
		naiveWindows(t, r, w, y, len(y)-12, len(y)-12)
	}
}

// naiveWindows holds w to the windows of all values from first on that are known, scaled
// by what y[:known] says.
func naiveWindows(t *testing.T, r recursion, w windows, y []float64, first, known int) {
	values, _, _ := naivePast(r, y)
	_, center, spread := naivePast(r, y[:known])
	start, asked := len(y)-len(values), map[int]bool{}
	for i, place := range w.place {
		asked[place] = true
		at := place - start
		near(t, w.next[i]*spread+center, values[at], 1e-9, "value asked for at %d", place)
		for j, v := range w.values[i*r.window : (i+1)*r.window] {
			near(t, v*spread+center, values[at-r.window+j], 1e-9, "value %d before %d", r.window-j, place)
		}
	}
	for place := range y {
		want := place >= max(first, start+r.window) && !slices.ContainsFunc(y[place-r.differences:place+1], math.IsNaN)
		if want != asked[place] {
			t.Errorf("the value at %d is asked for: %v; want %v", place, asked[place], want)
		}
	}
}

// TestRecursionLaws: of both forecasters. Many origins in one pass are each alone; a
// series that is scaled by a power of two has its forecast scaled, also beside the other
// and by what was learnt from both; one that never changes goes on so, and one that rises steadily does, if it is differenced; a gap is
// no reason to fail.
func TestRecursionLaws(t *testing.T) {
	ctx := context.Background()
	ask := func(m Model, y []float64, h int) Path {
		t.Helper()
		p, err := m.Forecast(ctx, y, h, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range slices.Concat(p.Mean, p.Low, p.High) {
			if v-v != 0 {
				t.Fatalf("forecast %v", p)
			}
		}
		return p
	}
	y := weekly(80, 1, 5)
	gaps := slices.Clone(y)
	for _, i := range []int{0, 1, 20, 21, 40, 78, 79} {
		gaps[i] = math.NaN()
	}
	scaled, same, line := make([]float64, 80), slices.Repeat([]float64{0.1}, 80), make([]float64, 80)
	for i, v := range y {
		scaled[i], line[i] = 8*v, 3+2*float64(i)
	}
	for _, f := range []struct{ plain, differenced Forecaster }{
		{LSTM{Epochs: 3, Window: 5, Season: 7}, LSTM{Epochs: 3, Window: 5, Differences: 1}},
		{Lags{Window: 5, Season: 7}, Lags{Window: 5, Differences: 1}},
		{Lags{Learner: Tree{}, Lags: []int{1, 7}}, Lags{Learner: Tree{}, Lags: []int{1, 7}, Differences: 1}},
	} {
		name := f.plain.Name()
		m := fitted(t, f.plain, gaps)
		paths, err := m.(Each).ForecastEach(ctx, gaps, []int{30, 41, 80}, 9, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range []int{30, 41, 80} {
			samePath(t, ask(m, gaps[:o], 9), paths[i], 0, fmt.Sprintf("%s, origin %d", name, o))
		}
		m = fitted(t, f.plain, y)
		a, b := ask(m, y, 9), ask(fitted(t, f.plain, scaled), scaled, 9)
		for k := range a.Mean {
			a.Mean[k], a.Low[k], a.High[k] = 8*a.Mean[k], 8*a.Low[k], 8*a.High[k]
		}
		samePath(t, b, a, 0, name+" of a series scaled")
		both := fitted(t, f.plain, y, scaled)
		a, b = ask(both, y, 9), ask(both, scaled, 9)
		for k := range a.Mean {
			a.Mean[k], a.Low[k], a.High[k] = 8*a.Mean[k], 8*a.Low[k], 8*a.High[k]
		}
		samePath(t, b, a, 0, name+" of a history scaled")
		still := slices.Repeat([]float64{0.1}, 4)
		samePath(t, ask(fitted(t, f.plain, same), same, 4), Path{Mean: still, Low: still, High: still, Level: 0.9}, 0, name+" of a constant series")
		for k, v := range ask(fitted(t, f.differenced, line), line, 4).Mean {
			near(t, v, 3+2*float64(80+k), 1e-9, "%s of a line, step %d", f.differenced.Name(), k+1)
		}
		if _, err := m.Forecast(ctx, y[:4], 1, 0.9); err == nil || !strings.Contains(err.Error(), "4 values") {
			t.Errorf("%s: error %v of a history of 4 values", name, err)
		}
		for _, err := range []error{
			second(m.Forecast(ctx, y, 0, 0.9)), second(m.Forecast(ctx, y, 1, 1)), second(m.Forecast(ctx, []float64{1, math.Inf(1)}, 1, 0.9)), second(m.Forecast(ctx, nil, 1, 0.9)),
			second(f.plain.Fit(ctx, nil)), second(f.plain.Fit(ctx, slices.Repeat([]float64{math.NaN()}, 50))), second(f.plain.Fit(ctx, []float64{1, 1e308, -1e308, 1, 2, 3, 4, 5, 6, 7, 8, 9})),
			second(f.plain.(Pooled).FitAll(ctx, nil)), second(m.(Each).ForecastEach(ctx, y, []int{30, 30}, 1, 0.9)),
		} {
			if err == nil || !strings.HasPrefix(err.Error(), "forecast: ") {
				t.Errorf("%s: error %v", name, err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }
