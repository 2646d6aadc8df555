package plots

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svg is a vg.Canvas that writes compact SVG.
//
// gonum's vgsvg repeats the style on each element, flips every text and names one
// font without fallback: 300 discs take it 26.0 KB against 4.0 here, 300 bars 22.5
// against 8.2, 300 texts 55.9 against 19.2 (measured). Here the font stack
// stands once on the root, neighbours of one style share a path, coordinates are
// relative with two decimals, and a filled disc is one dot of a round-capped
// stroke. There is no <style>, no clipPath and no id but the root's, so figures
// in one HTML page cannot disturb each other.
//
// One unit is one pixel of the viewBox. vg's y axis points up, SVG's down.
type svg struct {
	w, h  float64
	body  bytes.Buffer
	stack []state

	attr string // style of the path that is being collected
	d    strings.Builder
}

// state is what Push saves. m maps (x, y) to (m[0]x+m[2]y+m[4], m[1]x+m[3]y+m[5]).
type state struct {
	color color.Color
	width vg.Length
	dash  []vg.Length
	m     [6]float64
}

func newSVG(w, h float64) *svg {
	c := &svg{w: w, h: h, stack: []state{{m: [6]float64{1, 0, 0, 1, 0, 0}}}}
	vg.Initialize(c)
	return c
}

func (c *svg) top() *state { return &c.stack[len(c.stack)-1] }

func (c *svg) SetLineWidth(w vg.Length)                  { c.top().width = w }
func (c *svg) SetLineDash(dash []vg.Length, _ vg.Length) { c.top().dash = dash }
func (c *svg) SetColor(col color.Color) {
	if col == nil {
		col = color.Black
	}
	c.top().color = col
}

func (c *svg) Push() { c.stack = append(c.stack, *c.top()) }
func (c *svg) Pop()  { c.stack = c.stack[:len(c.stack)-1] }

func (c *svg) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.concat([6]float64{cos, sin, -sin, cos, 0, 0})
}
func (c *svg) Translate(p vg.Point)   { c.concat([6]float64{1, 0, 0, 1, p.X.Points(), p.Y.Points()}) }
func (c *svg) Scale(x, y float64)     { c.concat([6]float64{x, 0, 0, y, 0, 0}) }
func (c *svg) Size() (w, h vg.Length) { return vg.Length(c.w), vg.Length(c.h) }

func (c *svg) concat(b [6]float64) {
	a := c.top().m
	c.top().m = [6]float64{
		a[0]*b[0] + a[2]*b[1], a[1]*b[0] + a[3]*b[1],
		a[0]*b[2] + a[2]*b[3], a[1]*b[2] + a[3]*b[3],
		a[0]*b[4] + a[2]*b[5] + a[4], a[1]*b[4] + a[3]*b[5] + a[5],
	}
}

// at returns p in hundredths of a pixel, y down.
func (c *svg) at(p vg.Point) (x, y int) {
	m, px, py := c.top().m, p.X.Points(), p.Y.Points()
	return hundredths(m[0]*px + m[2]*py + m[4]), hundredths(c.h - (m[1]*px + m[3]*py + m[5]))
}

func (c *svg) Stroke(p vg.Path) {
	s := c.top()
	if s.width <= 0 || len(p) == 0 {
		return
	}
	attr := ` fill="none"` + paint("stroke", s.color) + ` stroke-width="` + short(s.width.Points()) + `"`
	if len(s.dash) > 0 {
		parts := make([]string, len(s.dash))
		for i, d := range s.dash {
			parts[i] = short(d.Points())
		}
		attr += ` stroke-dasharray="` + strings.Join(parts, ",") + `"`
	} else {
		attr += ` stroke-linejoin="round"`
	}
	c.add(attr, s.color, c.data(p))
}

func (c *svg) Fill(p vg.Path) {
	if len(p) == 0 {
		return
	}
	s := c.top()
	if o, r, ok := disc(p); ok {
		x, y := c.at(o)
		attr := paint("stroke", s.color) + ` stroke-width="` + short(2*r) + `" stroke-linecap="round"`
		c.add(attr, s.color, "M"+fixed(x)+pair(y)+"h0")
		return
	}
	c.add(paint("fill", s.color), s.color, c.data(p))
}

// disc recognises a path that is one full circle.
func disc(p vg.Path) (centre vg.Point, radius float64, ok bool) {
	for _, k := range p {
		switch k.Type {
		case vg.ArcComp:
			if ok || math.Abs(k.Angle) < 2*math.Pi {
				return centre, 0, false
			}
			centre, radius, ok = k.Pos, k.Radius.Points(), true
		case vg.LineComp, vg.CurveComp:
			return centre, 0, false
		}
	}
	return centre, radius, ok
}

// add appends d to the open path if its style is the same and covers what lies
// below it; translucent shapes stay apart, for a path never overlays itself.
func (c *svg) add(attr string, col color.Color, d string) {
	_, _, _, alpha := col.RGBA()
	if attr != c.attr || alpha < 0xffff {
		c.flush()
	}
	c.attr = attr
	c.d.WriteString(d)
}

func (c *svg) flush() {
	if c.d.Len() > 0 {
		fmt.Fprintf(&c.body, "<path%s d=\"%s\"/>\n", c.attr, c.d.String())
	}
	c.d.Reset()
	c.attr = ""
}

// data writes a path. Lines are relative to the rounded point before them, so
// that rounding does not add up.
func (c *svg) data(p vg.Path) string {
	var b strings.Builder
	var x, y, x0, y0 int
	at := c.at
	if len(p) > 100 { // long paths are curves: tenths of a pixel do
		at = func(p vg.Point) (x, y int) {
			x, y = c.at(p)
			return (x + 5) / 10 * 10, (y + 5) / 10 * 10
		}
	}
	line := func(nx, ny int) {
		switch {
		case nx == x && ny == y:
			return
		case ny == y:
			b.WriteString("h" + fixed(nx-x))
		case nx == x:
			b.WriteString("v" + fixed(ny-y))
		default:
			b.WriteString("l" + fixed(nx-x) + pair(ny-y))
		}
		x, y = nx, ny
	}
	for i, k := range p {
		switch k.Type {
		case vg.MoveComp:
			x, y = at(k.Pos)
			x0, y0 = x, y
			b.WriteString("M" + fixed(x) + pair(y))
		case vg.LineComp:
			line(at(k.Pos))
		case vg.CloseComp:
			b.WriteString("z")
			x, y = x0, y0
		case vg.ArcComp: // as chords of at most six degrees: rings are all that is ever drawn
			n := max(1, int(math.Ceil(math.Abs(k.Angle)/(math.Pi/30))))
			for j := 0; j <= n; j++ {
				sin, cos := math.Sincos(k.Start + k.Angle*float64(j)/float64(n))
				q := vg.Point{X: k.Pos.X + k.Radius*vg.Length(cos), Y: k.Pos.Y + k.Radius*vg.Length(sin)}
				if i == 0 && j == 0 {
					x, y = at(q)
					x0, y0 = x, y
					b.WriteString("M" + fixed(x) + pair(y))
					continue
				}
				line(at(q))
			}
		case vg.CurveComp:
			ctl := make([]string, 0, 3)
			for _, q := range append(append([]vg.Point{}, k.Control...), k.Pos) {
				qx, qy := at(q)
				ctl = append(ctl, fixed(qx)+pair(qy))
			}
			b.WriteString([...]string{"L", "Q", "C"}[min(len(k.Control), 2)] + strings.Join(ctl, " "))
			x, y = at(k.Pos)
		}
	}
	return b.String()
}

func (c *svg) FillString(f font.Face, p vg.Point, text string) {
	if f.Font.Size <= 0 || text == "" {
		return
	}
	c.flush()
	x, y := c.at(p)
	fmt.Fprintf(&c.body, `<text x="%s" y="%s"`, fixed(x), fixed(y))
	if m := c.top().m; m[0] != 1 || m[1] != 0 {
		turn := -math.Atan2(m[1], m[0]) * 180 / math.Pi
		fmt.Fprintf(&c.body, ` transform="rotate(%s %s %s)"`, short(turn), fixed(x), fixed(y))
	}
	fmt.Fprintf(&c.body, ` font-size="%s"%s`, short(f.Font.Size.Points()), paint("fill", c.top().color))
	c.body.WriteString(">" + escape(text) + "</text>\n")
}

// DrawImage embeds img as a PNG. A failing encoder would be a bug of ours, for
// it writes to memory.
func (c *svg) DrawImage(r vg.Rectangle, img image.Image) {
	c.flush()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		panic("plots: png: " + err.Error())
	}
	x, y := c.at(vg.Point{X: r.Min.X, Y: r.Max.Y})
	s := r.Size()
	fmt.Fprintf(&c.body, "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" preserveAspectRatio=\"none\" xlink:href=\"data:image/png;base64,%s\"/>\n",
		fixed(x), fixed(y), short(s.X.Points()), short(s.Y.Points()), base64.StdEncoding.EncodeToString(b.Bytes()))
}

// bytes returns the document. id must be a slug; title and alt are any text.
func (c *svg) bytes(id, title, alt string) []byte {
	c.flush()
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" id=\"fig-%s\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\" font-family=%q>\n",
		id, short(c.w), short(c.h), short(c.w), short(c.h), fontStack)
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n", escape(title), escape(alt))
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// paint returns the attributes of a colour for fill or stroke.
func paint(what string, col color.Color) string {
	n := color.NRGBAModel.Convert(col).(color.NRGBA)
	hex := fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
	if hex[1] == hex[2] && hex[3] == hex[4] && hex[5] == hex[6] {
		hex = "#" + hex[1:2] + hex[3:4] + hex[5:6]
	}
	out := " " + what + `="` + hex + `"`
	if n.A < 0xff {
		out += " " + what + `-opacity="` + short(float64(n.A)/255) + `"`
	}
	return out
}

// escape writes text for XML, also inside HTML.
func escape(s string) string { return xmlEscaper.Replace(clean(s)) }

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// hundredths rounds to 0.01; far positions are held where renderers still work.
func hundredths(v float64) int {
	if !(math.Abs(v) < 1e6) {
		v = math.Copysign(1e6, v)
	}
	return int(math.Round(v * 100))
}

// fixed writes hundredths without trailing zeros.
func fixed(h int) string { return short(float64(h) / 100) }

// pair is fixed with the separator that a second coordinate needs.
func pair(h int) string {
	if h < 0 {
		return fixed(h)
	}
	return "," + fixed(h)
}

// short writes v with at most two decimals.
func short(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}
