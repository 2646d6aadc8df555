package plots

import (
	"image/color"
	"math"
	"slices"

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

// bar fills the rectangle between two corners in the texture of a series: full,
// tinted, hatched, so that series differ in print without colour too.
func (p pen) bar(x0, y0, x1, y1 float64, col color.NRGBA, texture int) {
	a, b := p.at(math.Min(x0, x1), math.Min(y0, y1)), p.at(math.Max(x0, x1), math.Max(y0, y1))
	a.X, a.Y = max(a.X, p.Min.X), max(a.Y, p.Min.Y)
	b.X, b.Y = min(b.X, p.Max.X), min(b.Y, p.Max.Y)
	if b.X >= a.X && b.Y >= a.Y {
		textured(p.Canvas, a, b, col, texture)
	}
}

func textured(c draw.Canvas, a, b vg.Point, col color.NRGBA, texture int) {
	switch texture % 3 {
	case 0:
		rectangle(c, a, b, col, nil)
		return
	case 1:
		rectangle(c, a, b, mix(white, col, 0.45), col)
		return
	}
	rectangle(c, a, b, mix(white, col, 0.12), col)
	const gap = 5 // of the hatch: lines x + y = k
	for k := math.Ceil((a.X+a.Y).Points()/gap) * gap; k < (b.X + b.Y).Points(); k += gap {
		lo := math.Max(a.X.Points(), k-b.Y.Points())
		hi := math.Min(b.X.Points(), k-a.Y.Points())
		if hi > lo {
			c.StrokeLine2(draw.LineStyle{Color: col, Width: 1}, vg.Length(lo), vg.Length(k-lo), vg.Length(hi), vg.Length(k-hi))
		}
	}
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
	for _, part := range p.ClipLinesXY(few(pts)) {
		p.StrokeLines(sty, part)
	}
}

// area adds the shape between low and high to path, clipped to the axes.
func (p pen) area(path *vg.Path, x, low, high []float64) {
	over, under := make([]vg.Point, len(x)), make([]vg.Point, len(x))
	for i := range x {
		over[i] = p.at(x[i], high[i])
		under[i] = p.at(x[i], low[i])
	}
	under = few(under)
	slices.Reverse(under)
	for i, q := range p.ClipPolygonXY(append(few(over), under...)) {
		if i == 0 {
			path.Move(q)
		} else {
			path.Line(q)
		}
	}
	path.Close()
}

// fill fills a path.
func (p pen) fill(path vg.Path, col color.Color) {
	p.SetColor(col)
	p.Fill(path)
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

// few is thin and sparse together, after columns where points are many.
func few(pts []vg.Point) []vg.Point {
	if len(pts) > 1200 {
		pts = columns(pts)
	}
	return thin(sparse(pts, 0.6), 0.2)
}

// columns keeps, of the points in each pixel column, the first, the last, the
// lowest and the highest: the line looks the same (Jugel et al. 2014, M4).
func columns(pts []vg.Point) []vg.Point {
	var kept []vg.Point
	for from := 0; from < len(pts); {
		low, high, to := from, from, from
		for to < len(pts) && math.Floor(pts[to].X.Points()) == math.Floor(pts[from].X.Points()) {
			if pts[to].Y < pts[low].Y {
				low = to
			}
			if pts[to].Y > pts[high].Y {
				high = to
			}
			to++
		}
		last := -1
		for _, i := range []int{from, min(low, high), max(low, high), to - 1} {
			if i > last {
				kept = append(kept, pts[i])
				last = i
			}
		}
		from = to
	}
	return kept
}

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
