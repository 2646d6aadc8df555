package plots

import (
	"math"
	"slices"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Dots draws estimates with their intervals, one a line, as leaderboards and
// forest plots do, and writes the numbers at the right.
type Dots struct {
	Name, Title, Caption, XLabel, YLabel string // XLabel names the estimate
	Size                                 Size

	Rows      []Estimate
	Scale     Scale     // Log for odds ratios
	Reference []float64 // upright lines: 1 for odds ratios, 0 for differences, a baseline's score
	Percent   bool      // estimates are shares, shown as percentages
	Plain     bool      // no numbers at the right
	Max       int       // rows shown at most, the first ones; 0 means 40
}

// Estimate is one line of Dots.
type Estimate struct {
	Label     string
	Group     string // colour and marker; "" for all alike
	Value     float64
	Low, High float64 // interval; both 0 or NaN means none, an infinite end is an arrow
}

func (e Estimate) interval() bool { return e.Low <= e.High && (e.Low != 0 || e.High != 0) }

// Exhibit shows the figure.
func (d Dots) Exhibit() exhibit.Exhibit { return d.Figure().Exhibit() }

// Figure draws the estimates. Ends of intervals further than two decades from
// every estimate of a log axis are arrows: they would squeeze all else.
func (d Dots) Figure() exhibit.Figure {
	shown := min(len(d.Rows), or0(d.Max, 40))
	var rows []Estimate
	var reach span
	var out leftOut
	for _, e := range d.Rows[:shown] {
		if out.keep(e.Value, d.Scale) {
			rows = append(rows, e)
			reach.add(e.Value)
		}
	}
	s := newSheet("Estimates with intervals", d.Name, d.Title, d.Caption, d.XLabel, d.YLabel, d.Size, 640, math.Max(170, 92+21*float64(len(rows))))
	out.rest, out.restNote = len(d.Rows)-shown, "more rows"
	s.out, s.grid, s.x.scale, s.x.percent = out, gridX, d.Scale, d.Percent
	if len(rows) == 0 {
		return s.figure()
	}
	d.stretch(&reach, rows)
	s.rangeX(reach.padded(d.Scale, 0.04, 0.04))
	labels, numbers := make([]string, len(rows)), make([]string, len(rows))
	var groups []string
	for i, e := range rows {
		labels[i], numbers[i] = e.Label, d.number(e)
		if e.Group != "" && !slices.Contains(groups, e.Group) {
			groups = append(groups, e.Group)
		}
		if w := typeset(noteSize, ink).Width(numbers[i]).Points() + 10; !d.Plain && w > s.right {
			s.right = w
		}
	}
	s.categoriesY(labels)
	for i := range rows[:min(6, len(rows))] {
		s.hint(clean(labels[i]) + ": " + numbers[i])
	}
	for g, name := range groups {
		l := lookAt(g)
		s.key(key{name: name, shape: l.shape + 1, color: l.color})
	}
	s.draw(func(p pen) {
		for _, r := range d.Reference {
			if !math.IsNaN(d.Scale.forward(r)) {
				p.rule(true, r, draw.LineStyle{Color: soft, Width: 1.2, Dashes: dashes[1]})
			}
		}
		for i, e := range rows {
			y := p.y(float64(len(rows) - 1 - i))
			d.draw(p, e, y, lookAt(max(0, slices.Index(groups, e.Group))))
			if !d.Plain {
				p.words(vg.Point{X: p.Max.X + 8, Y: y}, numbers[i], aligned(typeset(noteSize, ink), draw.XLeft, middle))
			}
		}
	})
	return s.figure()
}

// stretch widens the range to intervals and references that are not absurdly far.
func (d Dots) stretch(reach *span, rows []Estimate) {
	lo, hi := -beyond, beyond
	if d.Scale == Log {
		lo, hi = reach.lo/100, reach.hi*100
	}
	held := func(v float64) float64 { return math.Max(lo, math.Min(hi, v)) }
	for _, e := range rows {
		if e.interval() {
			for _, v := range []float64{e.Low, e.High} {
				if !math.IsInf(v, 0) {
					reach.add(held(v))
				}
			}
		}
	}
	for _, r := range d.Reference {
		if !math.IsInf(r, 0) && !math.IsNaN(r) && (d.Scale != Log || r > 0) {
			reach.add(held(r))
		}
	}
}

func (d Dots) number(e Estimate) string {
	write := compact
	if d.Percent {
		write = func(v float64) string { return number(100*v, 1) }
	}
	s := write(e.Value)
	if d.Percent {
		s = share(e.Value) + " %"
	}
	if e.interval() {
		s += " [" + write(e.Low) + ", " + write(e.High) + "]"
	}
	return s
}

func (d Dots) draw(p pen, e Estimate, y vg.Length, l look) {
	if e.interval() {
		sty := draw.LineStyle{Color: l.color, Width: 1.8}
		low, high := e.Low, e.High
		if d.Scale == Log {
			low = math.Max(low, math.SmallestNonzeroFloat64)
		}
		a, b := p.x(low), p.x(high)
		if a < p.Min.X {
			arrow(p, p.Min.X+2, y, -1, l)
			a = p.Min.X + 4
		}
		if b > p.Max.X {
			arrow(p, p.Max.X-2, y, 1, l)
			b = p.Max.X - 4
		}
		p.StrokeLine2(sty, a, y, b, y)
	}
	marker(p.Canvas, vg.Point{X: p.x(e.Value), Y: y}, l.shape, 4.4, l.color)
}

// arrow marks an interval that goes on beyond the axis.
func arrow(p pen, x, y, way vg.Length, l look) {
	p.FillPolygon(l.color, []vg.Point{{X: x, Y: y}, {X: x - way*7, Y: y + 4.5}, {X: x - way*7, Y: y - 4.5}})
}
