package plots

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

// days makes a series with a weekly rhythm and one wild day.
func days(n int) (x, y []float64) {
	r := rng.New(6).Rand()
	for i := range n {
		x = append(x, 1.1517e15+float64(i)*86400e6)
		y = append(y, math.Round(300+120*math.Sin(float64(i)*2*math.Pi/7)+25*r.NormFloat64()))
	}
	y[n-4] = 900
	return x, y
}

func TestFan(t *testing.T) {
	x, y := days(60)
	f := Fan{Name: "fan", Title: "Flows a day", YLabel: "flows", Time: true, X: x, Observed: y, Marks: []Mark{{x[56], "compromised"}}}
	f.Bands = []Band{{Level: 0.5}, {Level: 0.95}}
	for i := 46; i < 60; i++ {
		mean := 300 + 120*math.Sin(float64(i)*2*math.Pi/7)
		f.Ahead, f.Forecast = append(f.Ahead, x[i]), append(f.Forecast, mean)
		for b, z := range []float64{0.674, 1.96} {
			f.Bands[b].Low, f.Bands[b].High = append(f.Bands[b].Low, mean-25*z), append(f.Bands[b].High, mean+25*z)
		}
	}
	outside := 0
	for i, mean := range f.Forecast {
		if math.Abs(y[46+i]-mean) > 25*1.96 {
			outside++
		}
	}
	fig := f.Figure()
	checkSVG(t, "fan", fig)
	if want := fmt.Sprintf("%d of 14 observed values lie outside the 95 %% interval", outside); outside == 0 || !strings.Contains(fig.Caption, want) {
		t.Errorf("caption %q; want %q", fig.Caption, want)
	}
	for _, text := range []string{"observed", "forecast", "95 % interval", "50 % interval", "outside 95 %", "compromised"} {
		if !strings.Contains(string(fig.SVG), text) {
			t.Errorf("the figure does not say %q", text)
		}
	}
	view(t, "fan", fig.SVG)
}

func TestControl(t *testing.T) {
	x, y := days(92)
	c := Control{Name: "control", Title: "Flows a day", YLabel: "flows", Time: true, X: x, Statistic: y, Alarm: make([]bool, 92), Marks: []Mark{{x[88], "IP4 compromised"}}}
	for i := range x {
		center, reach := 300., 300.
		if i < 14 {
			center, reach = math.NaN(), math.NaN()
		}
		c.Center, c.Low, c.High = append(c.Center, center), append(c.Low, center-reach), append(c.High, center+reach)
	}
	c.Alarm[88] = true
	c.High[20] = 1e9 // must not press the rest flat
	fig := c.Figure()
	checkSVG(t, "control", fig)
	if want := "1 alarm in 92 values"; !strings.Contains(fig.Caption, want) {
		t.Errorf("caption %q; want %q", fig.Caption, want)
	}
	if strings.Contains(string(fig.SVG), "100,000") || strings.Contains(string(fig.SVG), "1e") {
		t.Error("one far limit sets the axis")
	}
	view(t, "control", fig.SVG)
}

// view writes a figure to the folder of -figures.
func view(t *testing.T, name string, svg []byte) {
	if *figures != "" {
		if err := os.WriteFile(filepath.Join(*figures, name+".svg"), svg, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A gap is no value, and observed values are found whatever their order.
func TestFactsCountValues(t *testing.T) {
	nan := math.NaN()
	fig := Control{X: []float64{1, 2, 3, 4}, Statistic: []float64{1, nan, 3, 9}, Alarm: []bool{false, false, false, true}}.Figure()
	if want := "1 alarm in 3 values"; !strings.Contains(fig.Caption, want) {
		t.Errorf("caption %q; want %q", fig.Caption, want)
	}
	fig = Fan{X: []float64{4, 3, 2, 1}, Observed: []float64{9, 3, 2, 1}, Ahead: []float64{3, 4}, Forecast: []float64{3, 4},
		Bands: []Band{{Level: 0.9, Low: []float64{2, 3}, High: []float64{4, 5}}}}.Figure()
	if want := "1 of 2 observed values lie outside the 90 % interval"; !strings.Contains(fig.Caption, want) {
		t.Errorf("caption %q; want %q", fig.Caption, want)
	}
}
