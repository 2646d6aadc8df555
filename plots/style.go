package plots

import (
	"image/color"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Faces with the same widths, so that text measured with Liberation fits in any.
const fontStack = "Liberation Sans, Arial, Helvetica, sans-serif"

// Font sizes in pixels of a figure 640 wide; nothing is smaller than 11.
const (
	labelSize = 13
	tickSize  = 12
	noteSize  = 11
)

var (
	white  = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	ink    = color.NRGBA{0x22, 0x22, 0x22, 0xff} // labels, whiskers
	soft   = color.NRGBA{0x55, 0x55, 0x55, 0xff} // ticks, notes, reference lines
	frame  = color.NRGBA{0x88, 0x88, 0x88, 0xff} // axis lines
	gridly = color.NRGBA{0xe4, 0xe4, 0xe4, 0xff} // grid
)

// palette is Okabe and Ito's (2008), told apart by every common kind of colour
// blindness; its yellow is left out, for it is lost on white, and black last.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x9e, 0x73, 0xff}, // bluish green
	{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x56, 0xb4, 0xe9, 0xff}, // sky blue
	{0x33, 0x33, 0x33, 0xff}, // near black
}

// dashes keep lines apart in print without colour.
var dashes = [][]vg.Length{nil, {7, 3}, {2, 2.5}, {9, 3, 2, 3}, {5, 2}, {12, 3}, {4, 2, 1, 2, 1, 2}}

// look is the appearance of the i-th group: colour, dash and marker change together.
type look struct {
	color color.NRGBA
	dash  []vg.Length
	shape int
}

func lookAt(i int) look {
	return look{palette[i%len(palette)], dashes[(i+i/len(palette))%len(dashes)], i % shapes}
}

// faint returns c with an opacity in [0, 1].
func faint(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(math.Round(255 * opacity))
	return c
}

// mix returns the colour a share t in [0, 1] of the way from a to b.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	part := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + t*(float64(y)-float64(x)))) }
	return color.NRGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xff}
}

// textOn returns black or white, whichever contrasts more with a background
// (relative luminance of WCAG 2.1).
func textOn(bg color.NRGBA) color.NRGBA {
	if luminance(bg) > 0.179 {
		return color.NRGBA{0x11, 0x11, 0x11, 0xff}
	}
	return color.NRGBA{0xff, 0xff, 0xff, 0xff}
}

func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

// typeset returns the style of text of a size.
func typeset(size float64, col color.Color) text.Style {
	return text.Style{
		Color:   col,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(size)},
		XAlign:  draw.XLeft,
		YAlign:  baseline,
		Handler: plot.DefaultTextHandler,
	}
}

// Upright alignments of one line of Liberation Sans, by its baseline and the
// height of its capitals: gonum's own go by ascent and descent, which puts digits
// some pixels above a tick.
const (
	baseline text.YAlignment = -0.085
	middle   text.YAlignment = -0.4055
	capTop   text.YAlignment = -0.726
)

func aligned(s text.Style, x text.XAlignment, y text.YAlignment) text.Style {
	s.XAlign, s.YAlign = x, y
	return s
}

// maxRunes is how much of a text is ever looked at; nothing longer fits a figure.
const maxRunes = 400

// clean makes hostile text harmless to a page and to a layout: bytes that are not
// UTF-8, control and direction characters become "�" or a space, runs of space
// become one, and what is longer than maxRunes is cut.
func clean(s string) string {
	var b strings.Builder
	n, space := 0, true
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			if space {
				continue
			}
			r, space = ' ', true
		case r == utf8.RuneError || unicode.IsControl(r) || r >= 0xfffe || r >= 0xfdd0 && r <= 0xfdef || unicode.Is(unicode.Cf, r):
			r, space = utf8.RuneError, false
		default:
			space = false
		}
		if n++; n > maxRunes {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// fit shortens one line of text to a width, with an ellipsis.
func fit(sty text.Style, s string, width float64) string {
	s = clean(s)
	if sty.Width(s).Points() <= width {
		return s
	}
	runes := []rune(s)
	lo, hi := 0, len(runes)
	for lo < hi { // the longest head that fits with its ellipsis
		mid := (lo + hi + 1) / 2
		if sty.Width(strings.TrimRight(string(runes[:mid]), " ")+"…").Points() <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return strings.TrimRight(string(runes[:lo]), " ") + "…"
}

// wrap breaks text at spaces into at most n lines of a width; the last is shortened.
func wrap(sty text.Style, s string, width float64, n int) []string {
	var lines []string
	rest := strings.Fields(clean(s))
	for len(rest) > 0 {
		if len(lines) == n-1 {
			lines = append(lines, fit(sty, strings.Join(rest, " "), width))
			break
		}
		k := 1
		for k < len(rest) && sty.Width(strings.Join(rest[:k+1], " ")).Points() <= width {
			k++
		}
		lines = append(lines, fit(sty, strings.Join(rest[:k], " "), width))
		rest = rest[k:]
	}
	return lines
}
