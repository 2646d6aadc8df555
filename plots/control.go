package plots

import (
	"fmt"
	"math"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Control draws a control chart: a statistic value by value, where it should lie, the
// limits beyond which it alarms, the alarms, and known events as upright marks.
type Control struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	X, Statistic      []float64 // of one length, X ascending; a NaN leaves a gap
	Center, Low, High []float64 // as long, or empty; NaN where there is none; limits are drawn where there is a center
	Alarm             []bool
	Marks             []Mark // events
	YScale            Scale
	Time              bool // x is microseconds since 1970, UTC
}

// Exhibit shows the figure.
func (c Control) Exhibit() exhibit.Exhibit { return c.Figure().Exhibit() }

// Figure draws the chart. Time O(n).
func (c Control) Figure() exhibit.Figure {
	s := newSheet("Control chart", c.Name, c.Title, c.Caption, c.XLabel, c.YLabel, c.Size, 640, 320)
	s.y.scale, s.x.time = c.YScale, c.Time
	l := Line{Time: c.Time, YScale: c.YScale, Marks: c.Marks}
	r := l.clean(Series{X: c.X, Y: c.Statistic}, &s.out)
	limits := l.clean(Series{X: c.X, Y: c.Center, Low: c.Low, High: c.High}, &leftOut{})
	var xs, ys span
	xs.add(r.x...)
	ys.add(r.y...)
	if !ys.any {
		return s.figure()
	}
	ys.add(limits.y...)
	if limits.band { // a limit far out would press the values flat
		reach := 0.75 * math.Max(ys.hi-ys.lo, 1e-9*math.Abs(ys.hi))
		for i := range limits.low {
			ys.add(math.Max(limits.low[i], ys.lo-reach), math.Min(limits.high[i], ys.hi+reach))
		}
	}
	value, center := draw.LineStyle{Color: ink, Width: 1.3}, draw.LineStyle{Color: soft, Width: 1.2, Dashes: dashes[1]}
	tint := faint(lookAt(0).color, 0.16)
	s.key(key{name: "value", line: &value})
	if spanOf(limits.y).any {
		s.key(key{name: "center", line: &center})
	}
	if limits.band {
		s.key(key{name: "within the limits", fill: tint})
	}
	var x, y []float64
	for i := range min(len(c.Alarm), len(c.X), len(c.Statistic)) {
		if c.Alarm[i] && (&leftOut{}).keep(c.Statistic[i], c.YScale) && (&leftOut{}).keep(c.X[i], Linear) {
			x, y = append(x, c.X[i]), append(y, c.Statistic[i])
		}
	}
	look := lookAt(1)
	if len(x) > 0 {
		s.key(key{name: "alarm", shape: look.shape + 1, color: look.color})
	}
	noun := "alarms"
	if len(x) == 1 {
		noun = "alarm"
	}
	values := 0
	for _, part := range r.parts() {
		values += len(part.x)
	}
	s.fact(fmt.Sprintf("%s %s in %s values", count(len(x)), noun, count(values)))
	s.draw(func(p pen) {
		if limits.band {
			var shape vg.Path
			for _, part := range limits.parts() {
				p.area(&shape, part.x, part.low, part.high)
			}
			p.fill(shape, tint)
		}
		for _, part := range limits.parts() {
			p.line(part.x, part.y, center)
		}
		for _, part := range r.parts() {
			p.line(part.x, part.y, value)
			l.dots(p, part, look, false)
		}
		for i := range x {
			marker(p.Canvas, p.at(x[i], y[i]), look.shape, 3.8, look.color)
		}
	})
	l.marks(s, &xs)
	s.rangeX(xs.padded(Linear, 0.02, 0.02))
	s.rangeY(ys.padded(c.YScale, 0.05, 0.06))
	return s.figure()
}
