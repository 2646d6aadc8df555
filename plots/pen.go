package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// pen draws values: its x and y turn them into places within the axes.
type pen struct {
	draw.Canvas
	plot *plot.Plot
}

func (p pen) x(v float64) vg.Length { return p.X(bounded(p.plot.X.Norm(v))) }
func (p pen) y(v float64) vg.Length { return p.Y(bounded(p.plot.Y.Norm(v))) }

// bounded keeps far-away places at a distance that still clips correctly.
func bounded(n float64) float64 {
	if math.IsNaN(n) {
		return 0
	}
	return math.Max(-50, math.Min(50, n))
}

func (p pen) at(x, y float64) vg.Point { return vg.Point{X: p.x(x), Y: p.y(y)} }

// box fills and outlines the rectangle between two corners, clipped to the axes.
func (p pen) box(x0, y0, x1, y1 float64, fill, edge color.Color) {
	a, b := p.at(math.Min(x0, x1), math.Min(y0, y1)), p.at(math.Max(x0, x1), math.Max(y0, y1))
	a.X, a.Y = max(a.X, p.Min.X), max(a.Y, p.Min.Y)
	b.X, b.Y = min(b.X, p.Max.X), min(b.Y, p.Max.Y)
	if b.X < a.X || b.Y < a.Y {
		return
	}
	rectangle(p.Canvas, a, b, fill, edge)
}

func rectangle(c draw.Canvas, a, b vg.Point, fill, edge color.Color) {
	path := vg.Path{}
	path.Move(a)
	path.Line(vg.Point{X: b.X, Y: a.Y})
	path.Line(b)
	path.Line(vg.Point{X: a.X, Y: b.Y})
	path.Close()
	if fill != nil {
		c.SetColor(fill)
		c.Fill(path)
	}
	if edge != nil {
		c.SetLineStyle(draw.LineStyle{Color: edge, Width: 1})
		c.Stroke(path)
	}
}

// line strokes a polyline of values, clipped to the axes and thinned to what
// the eye can see.
func (p pen) line(x, y []float64, sty draw.LineStyle) {
	pts := make([]vg.Point, len(x))
	for i := range x {
		pts[i] = p.at(x[i], y[i])
	}
	for _, part := range p.ClipLinesXY(thin(sparse(pts, 0.6), 0.2)) {
		p.StrokeLines(sty, part)
	}
}

// area fills between low and high.
func (p pen) area(x, low, high []float64, col color.Color) {
	pts := make([]vg.Point, 0, 2*len(x))
	for i := range x {
		pts = append(pts, p.at(x[i], high[i]))
	}
	back := make([]vg.Point, 0, len(x))
	for i := len(x) - 1; i >= 0; i-- {
		back = append(back, p.at(x[i], low[i]))
	}
	p.FillPolygon(col, p.ClipPolygonXY(append(thin(sparse(pts, 0.6), 0.2), thin(sparse(back, 0.6), 0.2)...)))
}

// rule draws a line across the axes, at x (upright) or at y.
func (p pen) rule(upright bool, at float64, sty draw.LineStyle) {
	if upright {
		if x := p.x(at); x >= p.Min.X && x <= p.Max.X {
			p.StrokeLine2(sty, x, p.Min.Y, x, p.Max.Y)
		}
	} else if y := p.y(at); y >= p.Min.Y && y <= p.Max.Y {
		p.StrokeLine2(sty, p.Min.X, y, p.Max.X, y)
	}
}

// words writes a short text.
func (p pen) words(at vg.Point, s string, sty text.Style) { p.FillText(sty, at, s) }

// sparse drops points that lie within tol pixels of the last one kept; the ends stay.
func sparse(pts []vg.Point, tol vg.Length) []vg.Point {
	if len(pts) < 3 {
		return pts
	}
	kept := []vg.Point{pts[0]}
	for _, q := range pts[1 : len(pts)-1] {
		if l := kept[len(kept)-1]; max(q.X-l.X, l.X-q.X) > tol || max(q.Y-l.Y, l.Y-q.Y) > tol {
			kept = append(kept, q)
		}
	}
	return append(kept, pts[len(pts)-1])
}

// thin drops points that lie within tol pixels of the line through their
// neighbours (Reumann and Witkam 1974: a corridor that follows the last kept
// segment). Time O(n).
func thin(pts []vg.Point, tol float64) []vg.Point {
	if len(pts) < 3 {
		return pts
	}
	kept := []vg.Point{pts[0]}
	from, next := pts[0], pts[1]
	for i := 2; i < len(pts); i++ {
		dx, dy := (next.X - from.X).Points(), (next.Y - from.Y).Points()
		length := math.Hypot(dx, dy)
		px, py := (pts[i].X - from.X).Points(), (pts[i].Y - from.Y).Points()
		off := math.Hypot(px, py)
		ahead := true
		if length > 0 {
			off = math.Abs(dx*py-dy*px) / length
			qx, qy := (pts[i].X - pts[i-1].X).Points(), (pts[i].Y - pts[i-1].Y).Points()
			ahead = dx*qx+dy*qy >= 0
		}
		if off > tol || !ahead {
			from = pts[i-1]
			if from != kept[len(kept)-1] {
				kept = append(kept, from)
			}
			next = pts[i]
		}
	}
	return append(kept, pts[len(pts)-1])
}

// shapes is how many marker shapes there are.
const shapes = 6

// marker draws the shape of a group around a place.
func marker(c draw.Canvas, at vg.Point, shape int, r float64, fill color.Color) {
	c.SetColor(fill)
	R := vg.Length(r)
	if shape%shapes == 0 {
		path := vg.Path{}
		path.Move(vg.Point{X: at.X + R, Y: at.Y})
		path.Arc(at, R, 0, 2*math.Pi)
		c.Fill(path)
		return
	}
	corners := [...][]vg.Point{
		1: {{X: -.88, Y: -.88}, {X: .88, Y: -.88}, {X: .88, Y: .88}, {X: -.88, Y: .88}},
		2: {{X: -1.1, Y: -.8}, {X: 1.1, Y: -.8}, {X: 0, Y: 1.2}},
		3: {{X: 0, Y: -1.3}, {X: 1.3, Y: 0}, {X: 0, Y: 1.3}, {X: -1.3, Y: 0}},
		4: {{X: -1.1, Y: .8}, {X: 1.1, Y: .8}, {X: 0, Y: -1.2}},
		5: {{X: -.4, Y: -1.2}, {X: .4, Y: -1.2}, {X: .4, Y: -.4}, {X: 1.2, Y: -.4}, {X: 1.2, Y: .4}, {X: .4, Y: .4},
			{X: .4, Y: 1.2}, {X: -.4, Y: 1.2}, {X: -.4, Y: .4}, {X: -1.2, Y: .4}, {X: -1.2, Y: -.4}, {X: -.4, Y: -.4}},
	}[shape%shapes]
	path := vg.Path{}
	for i, k := range corners {
		pt := vg.Point{X: at.X + R*k.X, Y: at.Y + R*k.Y}
		if i == 0 {
			path.Move(pt)
		} else {
			path.Line(pt)
		}
	}
	path.Close()
	c.Fill(path)
}

// key is one entry of the legend. The legend stands above the axes, so that it
// can never cover data.
type key struct {
	name  string
	line  *draw.LineStyle
	fill  color.Color
	edge  color.Color
	shape int // marker shape + 1; 0 means none
	color color.Color

	x float64 // set by layKeys
}

const (
	keyHeight = 18
	keyIcon   = 24
)

// layKeys places entries in rows of a width.
func layKeys(keys []key, width float64) [][]key {
	sty := typeset(tickSize, ink)
	var rows [][]key
	x := 0.0
	for _, k := range keys {
		k.name = fit(sty, k.name, width-keyIcon-8)
		w := keyIcon + 6 + sty.Width(k.name).Points() + 16
		if len(rows) == 0 || x+w-16 > width {
			rows, x = append(rows, nil), 0
		}
		k.x = margin + x
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
		x += w
	}
	return rows
}

// draw draws an entry of which the upper edge is y.
func (k key) draw(c draw.Canvas, y float64) {
	mid := vg.Length(y - keyHeight/2 + 1)
	x0, x1 := vg.Length(k.x), vg.Length(k.x+keyIcon)
	if k.fill != nil || k.edge != nil {
		rectangle(c, vg.Point{X: x0 + 4, Y: mid - 5.5}, vg.Point{X: x1 - 4, Y: mid + 5.5}, k.fill, k.edge)
	}
	if k.line != nil {
		c.StrokeLine2(*k.line, x0, mid, x1, mid)
	}
	if k.shape > 0 {
		marker(c, vg.Point{X: (x0 + x1) / 2, Y: mid}, k.shape-1, 4, k.color)
	}
	c.FillText(aligned(typeset(tickSize, ink), draw.XLeft, middle), vg.Point{X: x1 + 6, Y: mid}, k.name)
}
