package plots

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ramp is a run of colours from 0 to 1.
type ramp []color.NRGBA

// blues and blueRed are ColorBrewer's Blues and RdBu (Brewer 2003): safe for the
// colour-blind; blues also print as a run of greys.
var (
	blues = ramp{{0xf7, 0xfb, 0xff, 0xff}, {0xde, 0xeb, 0xf7, 0xff}, {0xc6, 0xdb, 0xef, 0xff}, {0x9e, 0xca, 0xe1, 0xff},
		{0x6b, 0xae, 0xd6, 0xff}, {0x42, 0x92, 0xc6, 0xff}, {0x21, 0x71, 0xb5, 0xff}, {0x08, 0x51, 0x9c, 0xff}, {0x08, 0x30, 0x6b, 0xff}}
	blueRed = ramp{{0x21, 0x66, 0xac, 0xff}, {0x43, 0x93, 0xc3, 0xff}, {0x92, 0xc5, 0xde, 0xff}, {0xd1, 0xe5, 0xf0, 0xff},
		{0xf7, 0xf7, 0xf7, 0xff}, {0xfd, 0xdb, 0xc7, 0xff}, {0xf4, 0xa5, 0x82, 0xff}, {0xd6, 0x60, 0x4d, 0xff}, {0xb2, 0x18, 0x2b, 0xff}}
	noValue = color.NRGBA{0xdd, 0xdd, 0xdd, 0xff}
)

// at returns the colour at t, held to [0, 1]; NaN has a grey of its own.
func (r ramp) at(t float64) color.NRGBA {
	if math.IsNaN(t) {
		return noValue
	}
	t = math.Min(1, math.Max(0, t)) * float64(len(r)-1)
	i := min(int(t), len(r)-2)
	return mix(r[i], r[i+1], t-float64(i))
}

// barHeight is the room that a colour bar takes above the axes.
const barHeight = 34

// colorBar draws the key of a heat map above the axes, its name to the left.
func colorBar(p pen, r ramp, lo, hi float64, a axis, name string) {
	width := min(p.Max.X-p.Min.X, 240)
	x1 := p.Max.X
	x0 := x1 - width
	y0, y1 := p.Max.Y+24, p.Max.Y+34
	img := image.NewNRGBA(image.Rect(0, 0, 128, 1))
	for i := range 128 {
		img.SetNRGBA(i, 0, r.at(float64(i)/127))
	}
	p.DrawImage(vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}, img)
	rectangle(p.Canvas, vg.Point{X: x0, Y: y0}, vg.Point{X: x1, Y: y1}, nil, frame)
	a.want = 4
	sty := aligned(typeset(noteSize, soft), draw.XCenter, capTop)
	last := vg.Length(math.Inf(-1))
	for _, t := range a.Ticks(lo, hi) {
		x := x0 + vg.Length(a.Normalize(lo, hi, t.Value))*width
		half := sty.Width(t.Label) / 2
		at := min(x, x1+8-half) // the last label stays on the page
		if t.Label == "" || at-half < last+4 {
			continue
		}
		last = at + half
		p.StrokeLine2(draw.LineStyle{Color: frame, Width: 1}, x, y0, x, y0-3)
		p.words(vg.Point{X: at, Y: y0 - 6}, t.Label, sty)
	}
	sty = aligned(typeset(noteSize, soft), draw.XRight, middle)
	p.words(vg.Point{X: x0 - 8, Y: (y0 + y1) / 2}, fit(sty, name, (x0-p.Min.X).Points()+40), sty)
}
