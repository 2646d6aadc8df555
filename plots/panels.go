package plots

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panelGap is the room between panels in pixels, panelHead that of a panel's title.
const (
	panelGap  = 12
	panelHead = 19
)

// stack draws sheets below one another, of one height and with their y axes in line;
// only the last names the x axis. Titles stand above the panels.
func stack(s *sheet, parts []*sheet) {
	s.panels = func(area draw.Canvas) {
		for i, part := range parts {
			if part.x.bare = i < len(parts)-1; part.x.bare {
				part.p.X.Label.Text = ""
			} else {
				part.p.X.Label.Text = s.p.X.Label.Text
			}
			part.w, part.h = s.w, s.h
		}
		foot := xAxisRoom(s)
		each := ((area.Max.Y - area.Min.Y).Points() - foot) / float64(len(parts))
		left := 0.0
		for _, part := range parts {
			left = math.Max(left, part.yWidth(each-panelGap/2-panelHead-tickLength-tickGap))
		}
		for i, part := range parts {
			part.left = left
			sub := area
			sub.Max.Y = area.Max.Y - vg.Length(float64(i)*each)
			sub.Min.Y = sub.Max.Y - vg.Length(each-panelGap/2)
			if i == len(parts)-1 {
				sub.Min.Y = area.Min.Y
			}
			part.onPanel(sub)
		}
	}
}

// xAxisRoom is what the last panel needs more than the others.
func xAxisRoom(s *sheet) float64 {
	room := tickSize * lineHeight
	if s.p.X.Label.Text != "" {
		room += labelSize + 6
	}
	return room - 2 - panelGap/2
}

// onPanel draws the sheet's title and axes in an area.
func (s *sheet) onPanel(area draw.Canvas) {
	sty := aligned(typeset(tickSize, ink), draw.XLeft, capTop)
	width := (area.Max.X - area.Min.X).Points()
	area.FillText(sty, vg.Point{X: area.Min.X + 2, Y: area.Max.Y}, fit(sty, s.title, width-4))
	area.Max.Y -= panelHead
	s.drawAxes(area)
}

// yWidth is the width of the numbers of the y axis, of a height.
func (s *sheet) yWidth(height float64) (w float64) {
	for _, m := range s.y.marks(s.p.Y.Min, s.p.Y.Max, s.w*0.34, 1, height) {
		w = math.Max(w, m.width())
	}
	return w
}
