package plots

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// key is one entry of the legend. The legend stands above the axes, so that it
// can never cover data.
type key struct {
	name    string
	line    *draw.LineStyle
	fill    color.Color
	edge    *draw.LineStyle // around fill
	texture int             // of fill, as in bars, where edge is nil
	shape   int             // marker shape + 1; 0 means none
	color   color.Color

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
	if solid, ok := k.fill.(color.NRGBA); ok && k.texture > 0 {
		textured(c, vg.Point{X: x0 + 4, Y: mid - 5.5}, vg.Point{X: x1 - 4, Y: mid + 5.5}, solid, k.texture)
	} else if k.fill != nil {
		a, b := vg.Point{X: x0 + 2, Y: mid - 5.5}, vg.Point{X: x1 - 2, Y: mid + 5.5}
		rectangle(c, a, b, k.fill, nil)
		if k.edge != nil {
			c.StrokeLines(*k.edge, []vg.Point{a, {X: a.X, Y: b.Y}, b, {X: b.X, Y: a.Y}, a})
		}
	}
	if k.line != nil {
		c.StrokeLine2(*k.line, x0, mid, x1, mid)
	}
	if k.shape > 0 {
		marker(c, vg.Point{X: (x0 + x1) / 2, Y: mid}, k.shape-1, 4, k.color)
	}
	c.FillText(aligned(typeset(tickSize, ink), draw.XLeft, middle), vg.Point{X: x1 + 6, Y: mid}, k.name)
}
