package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

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
