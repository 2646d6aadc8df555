package plots

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// axes is the frame of a figure, measured before it is drawn.
//
// The scales, ticks and ranges are those of a plot.Plot; its own Draw is not
// used, for it centres the room of a label by its value (half of a log axis
// stays blank), cuts labels that stand on end, and sets digits above their tick.
type axes struct {
	x, y   []mark
	left   float64 // from the edge of the area to the y axis
	bottom float64
	right  float64
	top    float64
	stand  bool // labels of the x axis stand on end
}

// mark is a tick with its lines of text.
type mark struct {
	at    float64
	lines []string // none for a minor tick
	size  float64  // of the font
}

const (
	tickLength = 4
	tickGap    = 3
	lineHeight = 1.15
)

// drawAxes places the axes in the area so that no label is cut, and draws grid,
// axes, labels and then the data.
func (s *sheet) drawAxes(area draw.Canvas) {
	s.p.X.Scale, s.p.Y.Scale = s.x, s.y
	a := s.measure(area)
	inner := area
	inner.Min = vg.Point{X: area.Min.X + vg.Length(a.left), Y: area.Min.Y + vg.Length(a.bottom)}
	inner.Max = vg.Point{X: area.Max.X - vg.Length(a.right), Y: area.Max.Y - vg.Length(a.top)}
	p := pen{inner, s.p}
	a.drawGrid(p, s.grid)
	for _, d := range s.drawings {
		d(p)
	}
	a.draw(p, s, area)
}

// measure finds the room that the axes take. Categories of the y axis are set
// twice: only what stands below the x axis tells how close they are.
func (s *sheet) measure(area draw.Canvas) axes {
	width, height := (area.Max.X - area.Min.X).Points(), (area.Max.Y - area.Min.Y).Points()
	a := s.measured(width, height, height)
	if s.y.labels != nil {
		a = s.measured(width, height, height-a.top-a.bottom)
	}
	return a
}

func (s *sheet) measured(width, height, along float64) axes {
	var a axes
	s.y.want = or0(s.y.want, int(math.Min(8, math.Max(3, height/44))))
	a.y = s.y.marks(s.p.Y.Min, s.p.Y.Max, s.w*0.34, 1, along)
	for _, m := range a.y {
		a.left = math.Max(a.left, m.width())
	}
	a.left = math.Max(a.left, s.left) + tickLength + tickGap
	if s.p.Y.Label.Text != "" {
		a.left += labelSize + 7
	}
	room := width - a.left
	s.x.want = or0(s.x.want, int(math.Min(9, math.Max(3, room/85))))
	if n := len(s.x.labels); n > 0 {
		size := float64(tickSize)
		room /= s.p.X.Max - s.p.X.Min
		if a.stand = upright(widestWord(s.x.labels, size), room); a.stand {
			a.x = s.x.marks(s.p.X.Min, s.p.X.Max, s.h*0.3, 1, room*float64(n))
		} else {
			a.x = s.x.marks(s.p.X.Min, s.p.X.Max, room-6, 2, 1e9)
		}
	} else {
		a.x = s.x.marks(s.p.X.Min, s.p.X.Max, 1e9, 1, 1e9)
	}
	for _, m := range a.x {
		if a.stand {
			a.bottom = math.Max(a.bottom, m.width())
		} else {
			a.bottom = math.Max(a.bottom, m.size*lineHeight*float64(len(m.lines))-2)
		}
		if over := m.width()/2 - (1-s.p.X.Norm(m.at))*(width-a.left); !a.stand && len(m.lines) > 0 {
			a.right = math.Max(a.right, over)
		}
	}
	a.bottom += tickLength + tickGap
	if s.p.X.Label.Text != "" {
		a.bottom += labelSize + 6
	}
	return a
}

// marks returns the ticks in range, their labels fitted to a width in at most n
// lines; along is the room on the axis for all categories.
func (a axis) marks(lo, hi, width float64, n int, along float64) []mark {
	if a.labels == nil {
		var out []mark
		for _, t := range a.Ticks(lo, hi) {
			m := mark{at: t.Value, size: tickSize}
			if t.Label != "" && a.bare {
				m.lines = []string{}
			} else if t.Label != "" {
				m.lines = strings.Split(t.Label, "\n")
			}
			out = append(out, m)
		}
		return out
	}
	size, pitch := float64(tickSize), along/float64(len(a.labels))
	if pitch < 14 { // lines would touch
		size = noteSize
	}
	every := max(1, int(math.Ceil(10.2/pitch)))
	sty := typeset(size, ink)
	out := make([]mark, 0, len(a.labels))
	for i, l := range a.labels {
		m := mark{at: float64(i), size: size}
		if a.places != nil {
			m.at = a.places[i]
		}
		if (len(a.labels)-1-i)%every == 0 {
			m.lines = wrap(sty, l, width, n)
		}
		out = append(out, m)
	}
	return out
}

func (m mark) width() (w float64) {
	for _, l := range m.lines {
		w = math.Max(w, typeset(m.size, ink).Width(l).Points())
	}
	return w
}

func (a axes) drawGrid(p pen, grid gridLines) {
	sty := draw.LineStyle{Color: gridly, Width: 1}
	for _, m := range a.x {
		if x := p.x(m.at); (grid == gridX || grid == gridXY) && m.lines != nil && x > p.Min.X+1 && x <= p.Max.X+1 {
			p.StrokeLine2(sty, x, p.Min.Y, x, p.Max.Y)
		}
	}
	for _, m := range a.y {
		if y := p.y(m.at); (grid == gridY || grid == gridXY) && m.lines != nil && y > p.Min.Y+1 && y <= p.Max.Y+1 {
			p.StrokeLine2(sty, p.Min.X, y, p.Max.X, y)
		}
	}
}

func (a axes) draw(p pen, s *sheet, area draw.Canvas) {
	line := draw.LineStyle{Color: frame, Width: 1}
	if s.grid != gridNone {
		p.StrokeLines(line, []vg.Point{{X: p.Min.X, Y: p.Max.Y}, p.Min, {X: p.Max.X, Y: p.Min.Y}})
	}
	last := math.Inf(-1)
	for _, m := range a.x {
		x := p.x(m.at)
		if x < p.Min.X-0.01 || x > p.Max.X+0.01 {
			continue
		}
		if s.x.labels == nil {
			p.StrokeLine2(line, x, p.Min.Y, x, p.Min.Y-m.tick())
		}
		y := p.Min.Y - tickLength - tickGap
		if a.stand {
			sty := aligned(typeset(m.size, ink), draw.XRight, middle)
			sty.Rotation = math.Pi / 2
			p.words(vg.Point{X: x, Y: y + 2}, strings.Join(m.lines, " "), sty)
			continue
		}
		if m.lines == nil || x.Points()-m.width()/2 < last+5 {
			continue // a label that would touch the one before it
		}
		last = x.Points() + m.width()/2
		for k, l := range m.lines {
			p.words(vg.Point{X: x, Y: y - vg.Length(float64(k)*m.size*lineHeight)}, l, aligned(typeset(m.size, s.x.ink()), draw.XCenter, capTop))
		}
	}
	below := math.Inf(-1)
	for _, m := range a.y {
		y := p.y(m.at)
		if y < p.Min.Y-0.01 || y > p.Max.Y+0.01 {
			continue
		}
		if s.y.labels == nil {
			p.StrokeLine2(line, p.Min.X, y, p.Min.X-m.tick(), y)
		}
		if m.lines == nil || s.y.labels == nil && y.Points()-below < m.size+1 {
			continue
		}
		below = y.Points()
		p.words(vg.Point{X: p.Min.X - tickLength - tickGap, Y: y}, strings.Join(m.lines, " "), aligned(typeset(m.size, s.y.ink()), draw.XRight, middle))
	}
	a.name(p, s, area)
}

func (m mark) tick() vg.Length {
	if m.lines == nil {
		return tickLength / 2
	}
	return tickLength
}

// ink is the colour of the labels: categories are data, numbers are not.
func (a axis) ink() color.NRGBA {
	if a.labels != nil {
		return ink
	}
	return soft
}

// name writes the axis labels, in the middle of their axis where they fit so.
func (a axes) name(p pen, s *sheet, area draw.Canvas) {
	sty := aligned(typeset(labelSize, ink), draw.XCenter, baseline)
	if label := fit(sty, s.p.X.Label.Text, s.w-2*margin); label != "" {
		half := sty.Width(label) / 2
		x := (p.Min.X + p.Max.X) / 2
		x = min(max(x, half+margin), vg.Length(s.w)-half-margin)
		p.words(vg.Point{X: x, Y: area.Min.Y + 3}, label, sty)
	}
	if label := fit(sty, s.p.Y.Label.Text, (area.Max.Y - area.Min.Y).Points()); label != "" {
		half := sty.Width(label) / 2
		y := (p.Min.Y + p.Max.Y) / 2
		y = min(max(y, area.Min.Y+half), area.Max.Y-half)
		sty.Rotation = math.Pi / 2
		p.words(vg.Point{X: area.Min.X + labelSize - 3, Y: y}, label, sty)
	}
}
