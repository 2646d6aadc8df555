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
	kind                 string   // what the alternative text begins with: "Histogram"
	facts                []string // sentences for the caption
	hints                []string // sentences for the alternative text only
	w, h                 float64
	p                    *plot.Plot
	x, y                 axis
	keys                 []key
	out                  leftOut
	grid                 gridLines
	right                float64                // room kept free right of the axes: a colour bar, numbers
	above                float64                // room kept free above the axes: names of marks
	left                 float64                // least room for the numbers of the y axis: panels that stand under one another
	panels               func(area draw.Canvas) // draws sheets of its own in place of the axes
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

const margin = 10

// newSheet prepares a sheet of the size, or of w x h where the size is Auto.
func newSheet(kind, name, title, caption, xlabel, ylabel string, size Size, w, h float64) *sheet {
	switch size {
	case Standard:
		w, h = 640, 400
	case Wide:
		w, h = 640, 280
	case Square:
		w, h = 520, 520
	case Tall:
		w, h = 640, 640
	}
	s := &sheet{name: name, title: title, caption: caption, kind: kind, w: w, h: h, p: plot.New()}
	s.p.X.Label.Text, s.p.Y.Label.Text = clean(xlabel), clean(ylabel)
	return s
}

func (s *sheet) draw(d drawing)        { s.drawings = append(s.drawings, d) }
func (s *sheet) fact(f string)         { s.facts = append(s.facts, f) }
func (s *sheet) hint(h string)         { s.hints = append(s.hints, h) }
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
	s.y.labels = make([]string, len(labels))
	for i, l := range labels {
		s.y.labels[len(labels)-1-i] = l
	}
	s.rangeY(-0.6, float64(len(labels))-0.4)
}

// categoriesX puts labels below the positions 0, 1, … of the x axis.
func (s *sheet) categoriesX(labels []string) {
	s.x.labels = append([]string{}, labels...)
	s.rangeX(-0.6, float64(len(labels))-0.4)
}

// figure lays the sheet out and writes it. The title is not drawn: the page
// sets it below the figure, and the document carries it as <title>. Where there
// is nothing to draw the figure says so.
func (s *sheet) figure() exhibit.Figure {
	name := or(exhibit.Slug(s.name), "figure")
	title := clean(or(s.title, or(s.name, s.kind)))
	keys := s.keys
	empty := len(s.drawings) == 0 && s.panels == nil
	if empty {
		keys, s.h = nil, math.Min(s.h, 160)
	}
	rows := layKeys(keys, s.w-2*margin)
	s.h += float64(max(0, len(rows)-1)) * keyHeight

	page := newSVG(s.w, s.h)
	c := draw.NewCanvas(page, vg.Length(s.w), vg.Length(s.h))
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	y := s.h - 6
	for _, row := range rows {
		for _, k := range row {
			k.draw(c, y)
		}
		y -= keyHeight
	}
	area := c
	area.Min = vg.Point{X: margin, Y: margin - 2}
	area.Max = vg.Point{X: vg.Length(s.w - margin - s.right), Y: vg.Length(y - 6 - s.above)}
	if empty {
		drawEmpty(area)
	} else if s.panels != nil {
		s.panels(area)
	} else {
		s.drawAxes(area)
	}

	alt := sentences(append(append([]string{s.kind + ": " + title}, s.facts...), s.hints...)...)
	return exhibit.Figure{
		Name:    name,
		Title:   clean(s.title),
		Caption: sentences(append(append([]string{clean(s.caption)}, s.facts...), s.out.notes()...)...),
		Alt:     alt,
		SVG:     page.bytes(name, title, alt),
	}
}

func drawEmpty(area draw.Canvas) {
	sty := draw.LineStyle{Color: gridly, Width: 1}
	area.StrokeLines(sty, []vg.Point{area.Min, {X: area.Max.X, Y: area.Min.Y}, area.Max, {X: area.Min.X, Y: area.Max.Y}, area.Min})
	area.FillText(aligned(typeset(labelSize, soft), draw.XCenter, middle), area.Center(), "no data")
}

// upright reports whether labels this wide must stand on end to fit room pixels each.
func upright(widest, room float64) bool { return widest > room-4 && room < 70 }

// widestWord is the width of the longest piece of a label that wrapping leaves whole.
func widestWord(labels []string, size float64) (w float64) {
	sty := typeset(size, ink)
	for _, l := range labels {
		for _, word := range strings.Fields(clean(l)) {
			w = math.Max(w, sty.Width(word).Points())
		}
	}
	return w
}
