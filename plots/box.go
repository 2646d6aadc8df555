package plots

import (
	"math"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Box draws a box plot a group, lying, so that names can be long: the box spans
// the quartiles around the median, whiskers reach the furthest value within 1.5
// box lengths of it (Tukey 1977), values beyond are ticks. On log axes box and
// whiskers are those of the logarithms.
type Box struct {
	Name, Title, Caption, XLabel, YLabel string // XLabel names the values
	Size                                 Size

	Groups []Group
	Scale  Scale
	Max    int // groups shown at most, the first ones; 0 means 40
}

// Exhibit shows the figure.
func (b Box) Exhibit() exhibit.Exhibit { return b.Figure().Exhibit() }

// Figure draws the boxes. Time O(n log n).
func (b Box) Figure() exhibit.Figure {
	shown := min(len(b.Groups), or0(b.Max, 40))
	h := 110 + math.Max(26, 46-2*float64(shown))*float64(shown)
	s := newSheet("Box plot", b.Name, b.Title, b.Caption, b.XLabel, b.YLabel, b.Size, 640, math.Max(h, 180))
	s.out.rest, s.out.restNote = len(b.Groups)-shown, "more groups"
	s.x.scale, s.grid = b.Scale, gridX
	groups, names, rows := cleanGroups(b.Groups[:shown], b.Scale, &s.out)
	var reach span
	labels := make([]string, shown)
	for g, values := range groups {
		labels[g] = fit(typeset(tickSize, ink), names[g], s.w*0.2) + " (n = " + count(rows[g]) + ")"
		if len(values) > 0 {
			reach.add(values[0], values[len(values)-1])
			f := fiveOf(values, b.Scale)
			look := lookAt(g)
			if shown > 5 {
				look = lookAt(0)
			}
			s.draw(func(p pen) { f.draw(p, float64(shown-1-g), look, 1500/shown) })
		}
	}
	s.categoriesY(labels)
	if reach.any {
		s.hint(mediansOf(names, groups))
		s.rangeX(reach.padded(b.Scale, 0.03, 0.03))
	}
	s.labelX("value")
	return s.figure()
}

// five is what a box shows, as values.
type five struct {
	low, q1, median, q3, high float64
	beyond                    []float64
}

// fiveOf takes sorted values. Quartiles are of type 7, as everywhere here.
func fiveOf(sorted []float64, scale Scale) five {
	u := make([]float64, len(sorted))
	for i, v := range sorted {
		u[i] = scale.forward(v)
	}
	q1, q2, q3 := num.Quantile(u, 0.25), num.Quantile(u, 0.5), num.Quantile(u, 0.75)
	f := five{low: q1, q1: q1, median: q2, q3: q3, high: q3}
	reach := 1.5 * (q3 - q1)
	first := true
	for i, v := range u {
		switch {
		case v < q1-reach || v > q3+reach:
			f.beyond = append(f.beyond, sorted[i])
		case first:
			f.low, first = math.Min(v, q1), false
			fallthrough
		default:
			f.high = math.Max(v, q3)
		}
	}
	for _, v := range []*float64{&f.low, &f.q1, &f.median, &f.q3, &f.high} {
		*v = scale.inverse(*v)
	}
	return f
}

// draw draws the box at height y; of the values beyond, at most ticks are drawn,
// those that would fall on one another only once.
func (f five) draw(p pen, y float64, l look, ticks int) {
	half := 0.3
	line := draw.LineStyle{Color: l.color, Width: 1.4}
	cap := p.y(y+half*0.5) - p.y(y)
	if f.low < f.q1 {
		p.StrokeLine2(line, p.x(f.low), p.y(y), p.x(f.q1), p.y(y))
	}
	if f.high > f.q3 {
		p.StrokeLine2(line, p.x(f.q3), p.y(y), p.x(f.high), p.y(y))
	}
	for _, v := range []float64{f.low, f.high} {
		p.StrokeLine2(line, p.x(v), p.y(y)-cap, p.x(v), p.y(y)+cap)
	}
	p.box(f.q1, y-half, f.q3, y+half, mix(white, l.color, 0.25), l.color)
	thick := draw.LineStyle{Color: ink, Width: 2.6}
	p.StrokeLine2(thick, p.x(f.median), p.y(y-half), p.x(f.median), p.y(y+half))
	step := math.Max(0.5, (p.Max.X-p.Min.X).Points()/float64(max(ticks, 20)))
	last := math.Inf(-1)
	sty := draw.LineStyle{Color: mix(white, l.color, 0.75), Width: 1}
	for _, v := range f.beyond {
		if x := p.x(v).Points(); x-last >= step {
			p.StrokeLine2(sty, vg.Length(x), p.y(y)-4, vg.Length(x), p.y(y)+4)
			last = x
		}
	}
}
