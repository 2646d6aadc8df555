package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Fan draws what was observed, and a forecast of it within intervals, the narrower the
// darker. A value outside the widest interval is marked.
type Fan struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	X, Observed []float64 // a NaN leaves a gap; it may go on beside the forecast
	Ahead       []float64 // x of the forecast
	Forecast    []float64 // mean or median, one a place of Ahead
	Bands       []Band    // intervals of it
	Marks       []Mark    // events
	YScale      Scale
	Time        bool // x is microseconds since 1970, UTC
	FromZero    bool
}

// Band is an interval around a forecast, one entry a place.
type Band struct {
	Level     float64 // the probability that it is to hold the value
	Low, High []float64
}

// Exhibit shows the figure.
func (f Fan) Exhibit() exhibit.Exhibit { return f.Figure().Exhibit() }

// Figure draws the forecast. Time O(n log n).
func (f Fan) Figure() exhibit.Figure {
	s := newSheet("Forecast", f.Name, f.Title, f.Caption, f.XLabel, f.YLabel, f.Size, 640, 340)
	s.x.scale, s.y.scale, s.x.time = Linear, f.YScale, f.Time
	l := Line{Time: f.Time, YScale: f.YScale, Marks: f.Marks}
	seen := l.clean(Series{X: f.X, Y: f.Observed}, &s.out)
	bands := slices.Clone(f.Bands)
	slices.SortStableFunc(bands, func(a, b Band) int { return cmp.Compare(b.Level, a.Level) })
	runs := make([]run, len(bands))
	for i, b := range bands {
		runs[i] = l.clean(Series{X: f.Ahead, Y: f.Forecast, Low: b.Low, High: b.High}, &leftOut{})
	}
	ahead := l.clean(Series{X: f.Ahead, Y: f.Forecast}, &s.out)
	var xs, ys span
	for _, r := range append(slices.Clone(runs), seen, ahead) {
		xs.add(r.x...)
		ys.add(r.y...)
		ys.add(r.low...)
		ys.add(r.high...)
	}
	if !ys.any {
		return s.figure()
	}
	if f.FromZero && f.YScale != Log {
		ys.add(0)
	}
	look, path := lookAt(0), draw.LineStyle{Color: lookAt(1).color, Width: 1.8, Dashes: dashes[1]}
	line := draw.LineStyle{Color: ink, Width: 1.4}
	s.key(key{name: "observed", line: &line})
	if spanOf(ahead.y).any {
		s.key(key{name: "forecast", line: &path})
	}
	for i, b := range bands {
		tint := faint(look.color, 0.16+0.3*float64(i)/float64(max(len(bands), 1)))
		if !runs[i].band {
			continue
		}
		s.key(key{name: fmt.Sprintf("%.4g %% interval", 100*b.Level), fill: tint})
		s.draw(func(p pen) {
			var shape vg.Path
			for _, part := range runs[i].parts() {
				p.area(&shape, part.x, part.low, part.high)
			}
			p.fill(shape, tint)
		})
	}
	s.draw(func(p pen) {
		for _, part := range seen.parts() {
			p.line(part.x, part.y, line)
			l.dots(p, part, look, false)
		}
		for _, part := range ahead.parts() {
			p.line(part.x, part.y, path)
			l.dots(p, part, lookAt(1), false)
		}
	})
	if len(runs) > 0 {
		f.surprises(s, seen, runs[0], bands[0].Level)
	}
	l.marks(s, &xs)
	s.rangeX(xs.padded(Linear, 0.02, 0.02))
	s.rangeY(ys.padded(f.YScale, 0.05, 0.06))
	return s.figure()
}

// surprises marks and counts the observed values outside the widest band.
func (f Fan) surprises(s *sheet, seen, band run, level float64) {
	var x, y []float64
	judged := 0
	place := make(map[float64]int, len(band.x))
	for i, at := range band.x {
		place[at] = i
	}
	for j, at := range seen.x {
		i, found := place[at]
		if !found || math.IsNaN(seen.y[j]) || math.IsNaN(band.y[i]) || !band.band {
			continue
		}
		judged++
		if seen.y[j] < band.low[i] || seen.y[j] > band.high[i] {
			x, y = append(x, at), append(y, seen.y[j])
		}
	}
	if judged == 0 {
		return
	}
	s.fact(fmt.Sprintf("%s of %s observed values lie outside the %.4g %% interval", count(len(x)), count(judged), 100*level))
	if len(x) == 0 {
		return
	}
	look := lookAt(1)
	s.key(key{name: fmt.Sprintf("outside %.4g %%", 100*level), shape: look.shape + 1, color: look.color})
	s.draw(func(p pen) {
		for i := range x {
			marker(p.Canvas, p.at(x[i], y[i]), look.shape, 3.6, look.color)
		}
	})
}
