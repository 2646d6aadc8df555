package plots

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"flowbook/internal/exhibit"
)

// sheet is a figure in the making: words, axes, drawings, and what was left out.
type sheet struct {
	name, title, caption string
	kind                 string // what the alternative text begins with: "histogram"
	facts                []string
	w, h                 float64
	p                    *plot.Plot
	x, y                 axis
	xs, ys               span
	keys                 []key
	out                  leftOut
	grid                 gridLines
	framed               bool    // leave the range as it is: no padding
	right                float64 // room kept free at the right, for a colour bar
	above                float64 // room kept free above the axes, for names of marks
	drawings             []drawing
}

type gridLines uint8

const (
	gridY gridLines = iota
	gridX
	gridXY
	gridNone
)

// drawing draws on the area within the axes.
type drawing func(pen)

// newSheet prepares a sheet of the size, or of w x h where the size is Auto.
func newSheet(kind, name, title, caption, xlabel, ylabel string, size Size, w, h float64) *sheet {
	switch size {
	case Standard:
		w, h = 640, 400
	case Wide:
		w, h = 640, 260
	case Square:
		w, h = 520, 520
	case Tall:
		w, h = 640, 640
	}
	s := &sheet{name: name, title: title, caption: caption, kind: kind, w: w, h: h, p: plot.New()}
	for _, a := range []*plot.Axis{&s.p.X, &s.p.Y} {
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: frame, Width: 1}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 4
		a.Label.Padding = 5
	}
	s.p.BackgroundColor = nil
	s.p.X.Label.TextStyle = aligned(typeset(labelSize, ink), draw.XCenter, draw.YBottom)
	s.p.Y.Label.TextStyle = aligned(typeset(labelSize, ink), draw.XCenter, draw.YBottom)
	s.p.X.Tick.Label = aligned(typeset(tickSize, soft), draw.XCenter, draw.YTop)
	s.p.Y.Tick.Label = aligned(typeset(tickSize, soft), draw.XRight, draw.YCenter)
	s.p.X.Label.Text = fit(s.p.X.Label.TextStyle, xlabel, w*0.72)
	s.p.Y.Label.Text = fit(s.p.Y.Label.TextStyle, ylabel, h*0.66)
	return s
}

func (s *sheet) draw(d drawing)        { s.drawings = append(s.drawings, d) }
func (s *sheet) fact(f string)         { s.facts = append(s.facts, f) }
func (s *sheet) key(k key)             { s.keys = append(s.keys, k) }
func (s *sheet) labelX(label string)   { s.p.X.Label.Text = or(s.p.X.Label.Text, label) }
func (s *sheet) labelY(label string)   { s.p.Y.Label.Text = or(s.p.Y.Label.Text, label) }
func (s *sheet) rangeX(lo, hi float64) { s.p.X.Min, s.p.X.Max = lo, hi }
func (s *sheet) rangeY(lo, hi float64) { s.p.Y.Min, s.p.Y.Max = lo, hi }

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// categoriesY puts one label beside each of the positions 0, 1, … of the y
// axis, the first on top.
func (s *sheet) categoriesY(labels []string) {
	sty := aligned(typeset(tickSize, ink), draw.XRight, draw.YCenter)
	s.p.Y.Tick.Label = sty
	s.p.Y.Tick.Length = 0
	ticks := make(plot.ConstantTicks, len(labels))
	for i, l := range labels {
		ticks[i] = plot.Tick{Value: float64(len(labels) - 1 - i), Label: or(fit(sty, l, s.w*0.34), " ")}
	}
	s.p.Y.Tick.Marker = ticks
	s.rangeY(-0.6, float64(len(labels))-0.4)
}

// categoriesX puts labels below the positions 0, 1, … of the x axis: wrapped, or
// upright where they would be too narrow to read.
func (s *sheet) categoriesX(labels []string) {
	sty := aligned(typeset(tickSize, ink), draw.XCenter, draw.YTop)
	room := (s.w - 110 - s.right) / math.Max(1, float64(len(labels)))
	widest := 0.0
	for _, l := range labels {
		for _, word := range strings.Fields(clean(l)) {
			widest = math.Max(widest, sty.Width(word).Points())
		}
	}
	upright := widest > room-4 && room < 70
	if upright {
		sty.Rotation = math.Pi / 2
		sty.XAlign, sty.YAlign = draw.XRight, draw.YCenter
	}
	s.p.X.Tick.Label = sty
	s.p.X.Tick.Length = 0
	ticks := make(plot.ConstantTicks, len(labels))
	for i, l := range labels {
		flat := sty
		flat.Rotation = 0
		label := fit(flat, l, s.h*0.3)
		if !upright {
			label = strings.Join(wrap(sty, l, room-6, 2), "\n")
		}
		ticks[i] = plot.Tick{Value: float64(i), Label: or(label, " ")}
	}
	s.p.X.Tick.Marker = ticks
	s.rangeX(-0.6, float64(len(labels))-0.4)
}

const margin = 10

// figure lays the sheet out and writes it. Where nothing was drawn it says so.
func (s *sheet) figure() exhibit.Figure {
	empty := len(s.drawings) == 0
	title := or(s.title, s.name)
	heading := wrap(bold(typeset(titleSize, ink)), s.title, s.w-2*margin, 2)
	keys := s.keys
	if empty {
		keys = nil
	}
	rows := layKeys(keys, s.w-2*margin)
	s.h += float64(max(0, len(rows)-1)) * keyHeight

	page := newSVG(s.w, s.h)
	c := draw.NewCanvas(page, vg.Length(s.w), vg.Length(s.h))
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	y := s.h - margin
	for _, line := range heading {
		sty := bold(typeset(titleSize, ink))
		c.FillText(aligned(sty, draw.XLeft, draw.YTop), vg.Point{X: margin, Y: vg.Length(y)}, line)
		y -= titleSize + 4
	}
	if len(heading) > 0 {
		y -= 4
	}
	for _, row := range rows {
		for _, k := range row {
			k.draw(c, y)
		}
		y -= keyHeight
	}
	if len(rows) > 0 {
		y -= 2
	}
	area := c
	area.Min = vg.Point{X: margin, Y: margin - 2}
	area.Max = vg.Point{X: vg.Length(s.w - margin - 4 - s.right), Y: vg.Length(y - 4 - s.above)}
	if empty {
		s.drawEmpty(area)
	} else {
		s.drawAxes(area)
	}

	alt := sentences(append([]string{strings.TrimSpace(s.kind + ": " + clean(title))}, s.facts...)...)
	return exhibit.Figure{
		Name:    or(exhibit.Slug(s.name), "figure"),
		Title:   s.title,
		Caption: sentences(append([]string{s.caption}, append(s.facts[:len(s.facts):len(s.facts)], s.out.notes()...)...)...),
		Alt:     alt,
		SVG:     page.bytes(or(exhibit.Slug(s.name), "figure"), or(title, s.kind), alt),
	}
}

// drawAxes lets gonum place the axes, then draws the grid and what was added.
func (s *sheet) drawAxes(area draw.Canvas) {
	if s.p.X.Tick.Length > 0 {
		s.p.X.Tick.Marker = s.x
	}
	if s.p.Y.Tick.Length > 0 {
		s.p.Y.Tick.Marker = s.y
	}
	s.p.X.Scale, s.p.Y.Scale = s.x, s.y
	if s.x.want == 0 {
		s.x.want = 6
	}
	s.p.Add(plotter(func(c draw.Canvas, p *plot.Plot) { s.drawGrid(newPen(c, p)) }))
	for _, d := range s.drawings {
		s.p.Add(plotter(func(c draw.Canvas, p *plot.Plot) { d(newPen(c, p)) }))
	}
	s.p.Draw(area)
}

func (s *sheet) drawGrid(p pen) {
	sty := draw.LineStyle{Color: gridly, Width: 1}
	if s.grid == gridX || s.grid == gridXY {
		for _, t := range p.plot.X.Tick.Marker.Ticks(p.plot.X.Min, p.plot.X.Max) {
			if x := p.x(t.Value); t.Label != "" && x > p.Min.X+1 && x <= p.Max.X {
				p.StrokeLine2(sty, x, p.Min.Y, x, p.Max.Y)
			}
		}
	}
	if s.grid == gridY || s.grid == gridXY {
		for _, t := range p.plot.Y.Tick.Marker.Ticks(p.plot.Y.Min, p.plot.Y.Max) {
			if y := p.y(t.Value); t.Label != "" && y > p.Min.Y+1 && y <= p.Max.Y {
				p.StrokeLine2(sty, p.Min.X, y, p.Max.X, y)
			}
		}
	}
}

func (s *sheet) drawEmpty(area draw.Canvas) {
	sty := draw.LineStyle{Color: gridly, Width: 1}
	area.StrokeLines(sty, []vg.Point{area.Min, {X: area.Max.X, Y: area.Min.Y}, area.Max, {X: area.Min.X, Y: area.Max.Y}, area.Min})
	area.FillText(aligned(typeset(titleSize, soft), draw.XCenter, draw.YCenter), area.Center(), "no data")
}

// plotter makes a function a plot.Plotter.
type plotter func(draw.Canvas, *plot.Plot)

func (f plotter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }
