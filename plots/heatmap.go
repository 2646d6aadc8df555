package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatMap draws a matrix as coloured cells, the first row on top.
type HeatMap struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	Rows, Columns []string    // names; missing ones are left blank
	Values        [][]float64 // [row][column]; NaN cells are grey
	Diverging     bool        // blue below zero, red above: correlations, residuals
	Limit         float64     // Diverging: the value of the deepest colours; 0 means the largest |value|. 1 suits correlations
	Scale         Scale       // Log1p for counts that differ by powers of ten (Log is taken as Log1p)
	Unit          string      // what the colour measures, beside the colour bar
	Plain         bool        // no numbers in the cells; they are only there where they fit
	Decimals      int         // of the numbers in the cells; 0 means as many as three digits need
}

// Exhibit shows the figure.
func (h HeatMap) Exhibit() exhibit.Exhibit { return h.Figure().Exhibit() }

// Figure draws the matrix. Above 400 cells they become one embedded picture.
func (h HeatMap) Figure() exhibit.Figure {
	if h.Scale == Log {
		h.Scale = Log1p
	}
	cells := newCells(h.Values)
	s := newSheet("Heat map", h.Name, h.Title, h.Caption, h.XLabel, h.YLabel, h.Size, 640, cells.height(h.Rows, h.Columns))
	s.grid, s.above = gridNone, barHeight
	var reach span
	missing := 0
	for _, row := range cells.values {
		for j, v := range row {
			if math.IsNaN(v) || math.Abs(v) > beyond {
				row[j] = math.NaN()
				missing++
				continue
			}
			reach.add(v)
		}
	}
	if reach.any {
		lo, hi, colors := h.limits(reach)
		a := axis{scale: h.Scale}
		cells.axes(s, h.Rows, h.Columns)
		cells.color = func(i, j int) float64 { return a.Normalize(lo, hi, cells.values[i][j]) }
		if !h.Plain {
			cells.label = func(i, j int) []string { return []string{h.text(cells.values[i][j])} }
		}
		s.draw(func(p pen) {
			cells.draw(p, colors)
			colorBar(p, colors, lo, hi, a, h.Unit)
		})
		s.hint("Values from " + compact(reach.lo) + " to " + compact(reach.hi))
		if missing > 0 {
			s.fact(fmt.Sprintf("Cells without a value (grey): %s of %s", count(missing), count(cells.rows*cells.cols)))
		}
	} else {
		s.out.missing = missing
	}
	return s.figure()
}

// text is the number in a cell; a grey one has none.
func (h HeatMap) text(v float64) string {
	if h.Decimals > 0 && !math.IsNaN(v) {
		return number(v, h.Decimals)
	}
	return brief(v)
}

// limits returns the values at both ends of the colours; a constant matrix gets
// room around it.
func (h HeatMap) limits(reach span) (lo, hi float64, colors ramp) {
	if h.Diverging {
		m := h.Limit
		if !(m > 0) || m > beyond {
			m = math.Max(math.Abs(reach.lo), math.Abs(reach.hi))
		}
		if m == 0 {
			m = 1
		}
		return -m, m, blueRed
	}
	lo, hi = reach.lo, reach.hi
	if lo >= 0 && (lo < 0.3*hi || h.Scale != Linear) {
		lo = 0
	}
	if !(hi-lo > 1e-9*math.Max(math.Abs(lo), math.Abs(hi))) {
		lo, hi = lo-0.5-math.Abs(lo)/10, hi+0.5+math.Abs(hi)/10
	}
	return lo, hi, blues
}

// cells is a matrix being drawn.
type cells struct {
	rows, cols int
	values     [][]float64             // rectangular: short rows are filled with NaN
	color      func(i, j int) float64  // place on the ramp, in [0, 1]
	label      func(i, j int) []string // lines of text; nil for none
}

func newCells(values [][]float64) *cells {
	c := &cells{rows: len(values)}
	for _, row := range values {
		c.cols = max(c.cols, len(row))
	}
	for _, row := range values {
		full := make([]float64, c.cols)
		for j := range full {
			full[j] = at(row, j)
		}
		c.values = append(c.values, full)
	}
	return c
}

// height keeps cells of big matrices square and those of small ones readable.
func (c *cells) height(rows, columns []string) float64 {
	widest := func(labels []string) (w float64) {
		for _, l := range labels {
			w = math.Max(w, typeset(noteSize, ink).Width(clean(l)).Points())
		}
		return w
	}
	inner := 640 - 50 - math.Min(640*0.34, widest(rows))
	room := inner / math.Max(1, float64(c.cols))
	side := math.Min(56, math.Max(10.2, room))
	below := 16.0
	if upright(widestWord(columns, tickSize), room) {
		below = math.Min(200, widest(columns))
	}
	return math.Min(1000, math.Max(180, 96+below+side*float64(c.rows)))
}

// axes names rows and columns.
func (c *cells) axes(s *sheet, rows, columns []string) {
	full := func(labels []string, n int) []string {
		return append(labels[:min(n, len(labels)):min(n, len(labels))], make([]string, max(0, n-len(labels)))...)
	}
	s.categoriesY(full(rows, c.rows))
	s.categoriesX(full(columns, c.cols))
	s.rangeX(-0.5, float64(c.cols)-0.5)
	s.rangeY(-0.5, float64(c.rows)-0.5)
}

func (c *cells) draw(p pen, colors ramp) {
	w := (p.Max.X - p.Min.X) / vg.Length(c.cols)
	h := (p.Max.Y - p.Min.Y) / vg.Length(c.rows)
	if c.rows*c.cols > 400 {
		c.picture(p, colors)
	} else {
		for i := range c.rows {
			for j := range c.cols {
				a := vg.Point{X: p.Min.X + vg.Length(j)*w, Y: p.Max.Y - vg.Length(i+1)*h}
				rectangle(p.Canvas, a, vg.Point{X: a.X + w, Y: a.Y + h}, colors.at(c.color(i, j)), white)
			}
		}
	}
	rectangle(p.Canvas, p.Min, p.Max, nil, frame)
	if c.label == nil || !c.labelsFit(w.Points(), h.Points()) {
		return
	}
	for i := range c.rows {
		for j := range c.cols {
			mid := vg.Point{X: p.Min.X + (vg.Length(j)+0.5)*w, Y: p.Max.Y - (vg.Length(i)+0.5)*h}
			c.write(p, mid, c.label(i, j), textOn(colors.at(c.color(i, j))))
		}
	}
}

func (c *cells) write(p pen, mid vg.Point, lines []string, col color.NRGBA) {
	sty := aligned(typeset(tickSize, col), draw.XCenter, middle)
	for k, line := range lines {
		at := mid
		at.Y += vg.Length(7.5 * (float64(len(lines)-1) - 2*float64(k)))
		if k == 1 {
			sty.Font.Size = noteSize
		}
		p.words(at, line, sty)
	}
}

// labelsFit reports whether every label has room in a cell of w x h.
func (c *cells) labelsFit(w, h float64) bool {
	sty := typeset(tickSize, ink)
	for i := range c.rows {
		for j := range c.cols {
			lines := c.label(i, j)
			if h < 15*float64(len(lines)) {
				return false
			}
			for _, l := range lines {
				if sty.Width(l).Points() > w-4 {
					return false
				}
			}
		}
	}
	return true
}

// picture draws the cells as one image, each cell a block of pixels so that no
// renderer can blur it by much.
func (c *cells) picture(p pen, colors ramp) {
	block := max(1, min(16, 1200/max(c.rows, c.cols)))
	img := image.NewNRGBA(image.Rect(0, 0, c.cols*block, c.rows*block))
	for i := range c.rows {
		for j := range c.cols {
			col := colors.at(c.color(i, j))
			for y := range block {
				for x := range block {
					img.SetNRGBA(j*block+x, i*block+y, col)
				}
			}
		}
	}
	p.DrawImage(vg.Rectangle{Min: p.Min, Max: p.Max}, img)
}
