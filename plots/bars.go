package plots

import (
	"fmt"
	"math"
	"strings"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars draws one bar a label and series, in the order given, from zero.
type Bars struct {
	Name, Title, Caption, XLabel, YLabel string // XLabel names the value axis of horizontal bars, YLabel that of vertical ones
	Size                                 Size

	Labels   []string
	Series   []BarSeries
	Vertical bool // bars stand; the default, lying, leaves room for long labels
	Percent  bool // values are shares, shown as percentages
	Plain    bool // no number at the end of each bar; only a single series has them
	Max      int  // labels shown at most, the first ones; 0 means 40
}

// BarSeries is one colour of bars.
type BarSeries struct {
	Name      string
	Values    []float64 // one a label; NaN leaves a gap
	Low, High []float64 // whiskers, empty or one a label
}

// Exhibit shows the figure.
func (b Bars) Exhibit() exhibit.Exhibit { return b.Figure().Exhibit() }

// Figure draws the bars.
func (b Bars) Figure() exhibit.Figure {
	shown := min(len(b.Labels), or0(b.Max, 40))
	labels := b.Labels[:shown]
	h := 400.0
	if !b.Vertical {
		h = 96 + float64(shown)*math.Max(20, 6+13*float64(len(b.Series)))
	}
	s := newSheet("Bar chart", b.Name, b.Title, b.Caption, b.XLabel, b.YLabel, b.Size, 640, math.Max(h, 180))
	s.out.rest, s.out.restNote = len(b.Labels)-shown, "more labels"
	s.x.percent, s.y.percent = b.Percent, b.Percent
	reach := span{any: true} // bars begin at zero
	drawn := false
	for i, series := range b.Series {
		values := make([]float64, shown)
		for j := range values {
			values[j] = math.NaN()
			if j < len(series.Values) && s.out.keep(series.Values[j], Linear) {
				values[j] = series.Values[j]
				reach.add(values[j], at(series.Low, j), at(series.High, j))
				drawn = true
			}
		}
		b.draw(s, i, series, values)
	}
	if !drawn {
		s.drawings = nil
	}
	lo, hi := reach.lo, reach.hi
	room := 0.04
	if b.numbers() {
		room = 0.12
	}
	if lo == hi {
		hi = 1
	}
	if lo < 0 {
		lo -= room * (hi - reach.lo)
	}
	if reach.hi > 0 {
		hi += room * (hi - reach.lo)
	}
	if b.Vertical {
		s.categoriesX(labels)
		s.rangeY(lo, hi)
	} else {
		s.categoriesY(labels)
		s.rangeX(lo, hi)
		s.grid = gridX
	}
	return s.figure()
}

// tell puts the first values of a series into the alternative text.
func (b Bars) tell(s *sheet, name string, values []float64) {
	var parts []string
	for j, v := range values {
		if !math.IsNaN(v) && len(parts) < 6 {
			parts = append(parts, clean(b.Labels[j])+" "+b.text(v))
		}
	}
	if len(parts) > 0 {
		s.hint(strings.TrimPrefix(name+": ", ": ") + strings.Join(parts, ", "))
	}
}

func (b Bars) numbers() bool { return len(b.Series) == 1 && !b.Plain }

// at returns the i-th value, NaN where there is none.
func at(x []float64, i int) float64 {
	if i < len(x) {
		return x[i]
	}
	return math.NaN()
}

func (b Bars) draw(s *sheet, i int, series BarSeries, values []float64) {
	l := lookAt(i)
	k := float64(len(b.Series))
	name := clean(series.Name)
	if len(b.Series) > 1 || name != "" {
		name = or(name, fmt.Sprintf("series %d", i+1))
		s.key(key{name: name, fill: l.color, texture: i})
	}
	b.tell(s, name, values)
	s.draw(func(p pen) {
		numbers := b.numbers() && b.fit(p, values)
		for j, v := range values {
			if math.IsNaN(v) {
				continue
			}
			width := 0.76 / k
			middle := (float64(i)+0.5)*width - 0.38
			pos := float64(j) + middle
			if !b.Vertical {
				pos = float64(len(values)-1-j) - middle
			}
			place := func(along, value float64) (x, y float64) {
				if b.Vertical {
					return along, value
				}
				return value, along
			}
			x0, y0 := place(pos-width*0.47, 0)
			x1, y1 := place(pos+width*0.47, v)
			p.bar(x0, y0, x1, y1, l.color, i)
			end := v
			if lo, hi := at(series.Low, j), at(series.High, j); lo < hi {
				ax, ay := place(pos, lo)
				bx, by := place(pos, hi)
				whisker(p, p.at(ax, ay), p.at(bx, by), 3, draw.LineStyle{Color: ink, Width: 1.2})
				if v >= 0 {
					end = math.Max(end, hi)
				} else {
					end = math.Min(end, lo)
				}
			}
			if numbers {
				x, y := place(pos, end)
				b.number(p, p.at(x, y), v)
			}
		}
		if p.plot.X.Min < 0 && !b.Vertical {
			p.rule(true, 0, draw.LineStyle{Color: frame, Width: 1})
		} else if p.plot.Y.Min < 0 && b.Vertical {
			p.rule(false, 0, draw.LineStyle{Color: frame, Width: 1})
		}
	})
}

// fit reports whether the numbers stand beside each other above upright bars.
func (b Bars) fit(p pen, values []float64) bool {
	room := (p.x(1) - p.x(0)).Points() - 4
	for _, v := range values {
		if b.Vertical && typeset(noteSize, ink).Width(b.text(v)).Points() > room {
			return false
		}
	}
	return true
}

// text is a value as written beside its bar.
func (b Bars) text(v float64) string {
	label := compact(v)
	if b.Percent {
		label = percentage(v)
	}
	return label
}

// number writes the value beyond the end of its bar.
func (b Bars) number(p pen, end vg.Point, v float64) {
	label := b.text(v)
	ax, ay := text.XAlignment(draw.XLeft), text.YAlignment(middle)
	switch {
	case b.Vertical && v >= 0:
		ax, ay = draw.XCenter, baseline
		end.Y += 4
	case b.Vertical:
		ax, ay = draw.XCenter, capTop
		end.Y -= 2
	case v >= 0:
		end.X += 4
	default:
		ax = draw.XRight
		end.X -= 4
	}
	p.words(end, label, aligned(typeset(noteSize, soft), ax, ay))
}

// whisker draws a line from a to b, upright or level, with caps.
func whisker(p pen, a, b vg.Point, cap vg.Length, sty draw.LineStyle) {
	sty.Dashes = nil
	p.StrokeLine2(sty, a.X, a.Y, b.X, b.Y)
	for _, e := range []vg.Point{a, b} {
		if a.X == b.X && a.Y != b.Y {
			p.StrokeLine2(sty, e.X-cap, e.Y, e.X+cap, e.Y)
		} else {
			p.StrokeLine2(sty, e.X, e.Y-cap, e.X, e.Y+cap)
		}
	}
}
