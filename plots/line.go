package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Line draws series with optional bands, and events as upright marks: daily
// counts, a share by decile with its interval, a fitted curve.
type Line struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	Series         []Series
	Marks          []Mark // upright lines at x, named above the axes
	Levels         []Mark // level lines at y: thresholds, base rates
	XScale, YScale Scale
	Time           bool     // x is microseconds since 1970, UTC, as in table.Table
	Percent        bool     // y is a share, shown as a percentage
	Step           bool     // each value holds until the next x
	Dots           bool     // mark the points of lines of up to 120; bands of 30 points and fewer become whiskers
	Labels         []string // names of the places x = 0, 1, …, in place of numbers
	FromZero       bool     // the y axis includes zero
}

// Exhibit shows the figure.
func (l Line) Exhibit() exhibit.Exhibit { return l.Figure().Exhibit() }

// Figure draws the series. Time O(n).
func (l Line) Figure() exhibit.Figure {
	s := newSheet("Line chart", l.Name, l.Title, l.Caption, l.XLabel, l.YLabel, l.Size, 640, 360)
	s.x.scale, s.y.scale, s.x.time, s.y.percent = l.XScale, l.YScale, l.Time, l.Percent
	var xs, ys span
	whole := true // x: clusters, days, rows
	for i, series := range l.Series {
		run := l.clean(series, &s.out)
		for j := range run.x {
			xs.add(run.x[j])
			whole = whole && run.x[j] == math.Trunc(run.x[j])
			if !math.IsNaN(run.y[j]) {
				ys.add(run.y[j], run.low[j], run.high[j])
			}
		}
		l.draw(s, i, series, run)
		if own := spanOf(run.y); own.any {
			s.hint(strings.TrimPrefix(clean(series.Name)+": ", ": ") + count(len(run.x)) + " points, from " + compact(own.lo) + " to " + compact(own.hi))
		}
	}
	if !ys.any {
		s.drawings, s.keys = nil, nil
		return s.figure()
	}
	for i, m := range l.Levels {
		if s.out.keep(m.At, l.YScale) {
			ys.add(m.At)
			l.level(s, m, i)
		}
	}
	if l.FromZero && l.YScale != Log {
		ys.add(0)
	}
	s.x.whole = whole && !l.Time
	l.marks(s, &xs)
	pad := 0.02
	if l.Dots {
		pad = 0.04
	}
	s.rangeX(xs.padded(l.XScale, pad, pad))
	if len(l.Labels) > 0 {
		s.categoriesX(l.Labels)
	}
	below := 0.05
	if ys.lo == 0 && l.YScale != Log {
		below = 0
	}
	s.rangeY(ys.padded(l.YScale, below, 0.06))
	return s.figure()
}

// run is a cleaned series: all of one length, NaN in y where the line breaks,
// low and high equal to y where there is no band.
type run struct {
	x, y, low, high []float64
	band            bool
}

func (l Line) clean(series Series, out *leftOut) run {
	n := min(len(series.X), len(series.Y))
	out.single += max(len(series.X), len(series.Y)) - n
	var r run
	for i := range n {
		if !out.keep(series.X[i], l.XScale) {
			continue
		}
		y, low, high := math.NaN(), math.NaN(), math.NaN()
		if out.keep(series.Y[i], l.YScale) {
			y = series.Y[i]
			low, high = y, y
			if a, b := at(series.Low, i), at(series.High, i); a <= b {
				if l.YScale == Log && a <= 0 {
					a = y
				}
				low, high = math.Max(a, -beyond), math.Min(b, beyond)
				r.band = true
			}
		}
		r.x, r.y = append(r.x, series.X[i]), append(r.y, y)
		r.low, r.high = append(r.low, low), append(r.high, high)
	}
	return r
}

// parts splits a run where y is NaN.
func (r run) parts() []run {
	var out []run
	from := 0
	for i := 0; i <= len(r.y); i++ {
		if i == len(r.y) || math.IsNaN(r.y[i]) {
			if i > from {
				out = append(out, run{r.x[from:i], r.y[from:i], r.low[from:i], r.high[from:i], r.band})
			}
			from = i + 1
		}
	}
	return out
}

// steps repeats each value up to the next x.
func (r run) steps() run {
	out := run{band: r.band}
	for i := range r.x {
		if i > 0 {
			out.x, out.y = append(out.x, r.x[i]), append(out.y, r.y[i-1])
			out.low, out.high = append(out.low, r.low[i-1]), append(out.high, r.high[i-1])
		}
		out.x, out.y = append(out.x, r.x[i]), append(out.y, r.y[i])
		out.low, out.high = append(out.low, r.low[i]), append(out.high, r.high[i])
	}
	return out
}

func (l Line) draw(s *sheet, i int, series Series, r run) {
	look := lookAt(i)
	line := draw.LineStyle{Color: look.color, Width: 1.8, Dashes: look.dash}
	whiskers := l.Dots && len(r.x) <= 30
	if len(l.Series) > 1 || clean(series.Name) != "" {
		k := key{name: or(clean(series.Name), fmt.Sprintf("series %d", i+1)), line: &line}
		if l.Dots {
			k.shape, k.color = look.shape+1, look.color
		}
		if r.band && !whiskers {
			k.fill = faint(look.color, 0.2)
		}
		s.key(k)
	}
	s.draw(func(p pen) {
		parts := r.parts()
		if l.Step {
			for i := range parts {
				parts[i] = parts[i].steps()
			}
		}
		if r.band && !whiskers {
			var band vg.Path
			for _, part := range parts {
				p.area(&band, part.x, part.low, part.high)
			}
			p.fill(band, faint(look.color, 0.2))
		}
		for _, part := range parts {
			p.line(part.x, part.y, line)
			l.dots(p, part, look, whiskers)
		}
	})
}

// dots draws the points of a run with their whiskers, and one that stands alone
// between gaps in any case: it has no line to be seen by.
func (l Line) dots(p pen, r run, look look, whiskers bool) {
	for j := range r.x {
		at := p.at(r.x[j], r.y[j])
		if whiskers && r.low[j] < r.high[j] {
			whisker(p, p.at(r.x[j], r.low[j]), p.at(r.x[j], r.high[j]), 4, draw.LineStyle{Color: look.color, Width: 1.4})
		}
		switch {
		case l.Dots && len(r.x) <= 120:
			marker(p.Canvas, at, look.shape, 3.6, look.color)
		case len(r.x) == 1:
			marker(p.Canvas, at, 0, 1.5, look.color)
		}
	}
}

// level draws a threshold; its name stands in the legend.
func (l Line) level(s *sheet, m Mark, i int) {
	sty := draw.LineStyle{Color: soft, Width: 1.2, Dashes: dashes[1+i%(len(dashes)-1)]}
	if clean(m.Label) != "" {
		s.key(key{name: m.Label, line: &sty})
	}
	s.draw(func(p pen) { p.rule(false, m.At, sty) })
}

// marks draws the events, their names in up to three rows above the axes. A
// name that finds no room is left to the line below it.
func (l Line) marks(s *sheet, xs *span) {
	var marks []Mark
	for _, m := range l.Marks {
		if s.out.keep(m.At, l.XScale) {
			marks = append(marks, m)
			xs.add(m.At)
		}
	}
	if len(marks) == 0 {
		return
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
	sty := typeset(noteSize, ink)
	labels, widths := make([]string, len(marks)), make([]float64, len(marks))
	for i, m := range marks {
		labels[i] = fit(sty, m.Label, 150)
		widths[i] = sty.Width(labels[i]).Points()
	}
	// How many rows the names need is guessed from about where the axis will be.
	guess := axis{scale: l.XScale}
	places := make([]float64, len(marks))
	for i, m := range marks {
		places[i] = 60 + (s.w-70)*guess.Normalize(xs.lo, math.Max(xs.hi, math.Nextafter(xs.lo, beyond)), m.At)
	}
	rows, _ := stagger(places, widths, 12, 3)
	s.above = 14*float64(rows) + 4
	s.draw(func(p pen) {
		for i, m := range marks {
			places[i] = math.Min(math.Max(p.x(m.At).Points(), p.Min.X.Points()-20+widths[i]/2), p.Max.X.Points()+4-widths[i]/2)
		}
		_, row := stagger(places, widths, 6, rows)
		height := func(i int) vg.Length { return p.Max.Y + vg.Length(4+14*row[i]) }
		for i, m := range marks {
			top := p.Max.Y
			if row[i] >= 0 {
				top = height(i)
			}
			p.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.2, Dashes: dashes[4]}, p.x(m.At), p.Min.Y, p.x(m.At), top)
		}
		for i, label := range labels {
			if row[i] >= 0 && label != "" { // white below, for lines of the rows above may pass
				a := vg.Point{X: vg.Length(places[i] - widths[i]/2), Y: height(i) + 2}
				rectangle(p.Canvas, vg.Point{X: a.X - 1, Y: a.Y - 2}, vg.Point{X: a.X + vg.Length(widths[i]) + 1, Y: a.Y + 10}, white, nil)
				p.words(a, label, sty)
			}
		}
	})
}

// stagger puts names centred at ascending places into at most n rows without
// overlap; row is -1 for a name that finds no room.
func stagger(places, widths []float64, gap float64, n int) (rows int, row []int) {
	ends := make([]float64, n)
	row = make([]int, len(places))
	for k := range ends {
		ends[k] = math.Inf(-1)
	}
	for i, at := range places {
		row[i] = -1
		for k := range ends {
			if at-widths[i]/2 >= ends[k]+gap {
				ends[k], row[i] = at+widths[i]/2, k
				rows = max(rows, k+1)
				break
			}
		}
	}
	return max(rows, 1), row
}
