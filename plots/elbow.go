package plots

import (
	"fmt"
	"image/color"
	"math"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Elbow draws indices by number of clusters in panels below one another: inertia with
// its elbow, silhouette, gap with error bars. The best value of each index that has a
// direction is marked, and the number chosen stands out in all of them.
type Elbow struct {
	Name, Title, Caption, XLabel string
	Size                         Size // Auto is as high as the panels need

	K      []float64 // numbers of clusters, or another setting, rising
	Panels []Panel
	Chosen float64 // one of K; 0 or NaN means none
}

// Panel is one index.
type Panel struct {
	Name      string
	Better    Direction
	Values    []float64 // one a K; NaN leaves a gap
	Low, High []float64 // whiskers, empty or one a K; a band above 60 values
	Choice    float64   // the K that a rule of its own chooses, marked in place of the best value; 0 means none
}

// Direction says which values of an index are better.
type Direction uint8

const (
	Neither Direction = iota // it has no best value, only a bend: inertia
	Higher
	Lower
)

func (d Direction) String() string {
	return [...]string{"", "higher is better", "lower is better"}[min(int(d), 2)]
}

// Exhibit shows the figure.
func (e Elbow) Exhibit() exhibit.Exhibit { return e.Figure().Exhibit() }

// Figure draws the panels; those without a value are left out.
func (e Elbow) Figure() exhibit.Figure {
	s := newSheet("Indices by number of clusters", e.Name, e.Title, e.Caption, or(e.XLabel, "clusters k"), "", e.Size, 640, 0)
	var parts []*sheet
	var xs span
	marked := false
	for i, panel := range e.Panels {
		part, best := e.panel(panel, i, &xs, &s.out)
		if part == nil {
			continue
		}
		parts = append(parts, part)
		marked = marked || best >= 0
		hint := part.title
		if best >= 0 {
			hint += fmt.Sprintf(": best %s at %s", compact(panel.Values[best]), brief(e.K[best]))
		}
		s.hint(hint)
	}
	if s.h = math.Max(s.h, 62+100*float64(len(parts))); e.Size == Auto && len(parts) == 1 {
		s.h = 240
	}
	if len(parts) == 0 {
		return s.figure()
	}
	whole := true
	for _, k := range e.K {
		whole = whole && (math.IsNaN(k) || math.Abs(k) > beyond || k == math.Trunc(k))
	}
	for _, part := range parts {
		part.x.whole, part.y.want = whole, 3
		part.rangeX(xs.padded(Linear, 0.04, 0.04))
	}
	if marked {
		s.key(key{name: "best, by each index", shape: 3 + 1, color: lookAt(1).color})
	}
	if e.chosen() {
		s.fact("Chosen: " + brief(e.Chosen))
		rule := chosenRule
		s.key(key{name: "chosen, " + brief(e.Chosen), line: &rule})
	}
	stack(s, parts)
	return s.figure()
}

var chosenRule = draw.LineStyle{Color: palette[2], Width: 1.6, Dashes: dashes[1]}

func (e Elbow) chosen() bool {
	for _, k := range e.K {
		if k == e.Chosen && k != 0 && math.Abs(k) <= beyond {
			return true
		}
	}
	return false
}

// panel is the sheet of one index and the place of its best value, -1 for none; nil
// where it has no value.
func (e Elbow) panel(panel Panel, i int, xs *span, out *leftOut) (*sheet, int) {
	title := or(clean(panel.Name), fmt.Sprintf("index %d", i+1))
	if d := panel.Better.String(); d != "" {
		title = fit(typeset(tickSize, ink), title, 400) + ", " + d
	}
	part := newSheet("", "", title, "", "", "", Auto, 640, 0)
	var ys span
	var x, y, low, high []float64
	best, choice := -1, -1
	out.single += max(len(e.K), len(panel.Values)) - min(len(e.K), len(panel.Values))
	for j := range min(len(e.K), len(panel.Values)) {
		k, v := e.K[j], panel.Values[j]
		if !out.keep(k, Linear) || !out.keep(v, Linear) {
			continue
		}
		if best < 0 && panel.Better != Neither || panel.Better == Higher && v > panel.Values[best] || panel.Better == Lower && v < panel.Values[best] {
			best = j
		}
		lo, hi := at(panel.Low, j), at(panel.High, j)
		if !(lo < hi) {
			lo, hi = v, v
		}
		lo, hi = math.Max(lo, -beyond), math.Min(hi, beyond)
		if k == panel.Choice && k != 0 {
			choice = j
		}
		xs.add(k)
		ys.add(v, lo, hi)
		x, y, low, high = append(x, k), append(y, v), append(low, lo), append(high, hi)
	}
	if len(x) == 0 {
		return nil, -1
	}
	if choice >= 0 {
		best = choice
	}
	part.rangeY(ys.padded(Linear, 0.12, 0.12))
	col := lookAt(0).color
	part.draw(func(p pen) {
		if e.chosen() {
			p.rule(true, e.Chosen, chosenRule)
		}
		if len(x) > 60 {
			path := vg.Path{}
			p.area(&path, x, low, high)
			p.fill(path, faint(col, 0.18))
			p.line(x, y, draw.LineStyle{Color: col, Width: 1.8})
		} else {
			p.line(x, y, draw.LineStyle{Color: col, Width: 1.8})
			e.marks(p, x, y, low, high, col)
		}
		if best >= 0 {
			at := p.at(e.K[best], panel.Values[best])
			marker(p.Canvas, at, 3, 6.5, white)
			marker(p.Canvas, at, 3, 5, lookAt(1).color)
		}
	})
	return part, best
}

// marks draws values and whiskers.
func (e Elbow) marks(p pen, x, y, low, high []float64, col color.NRGBA) {
	for j := range x {
		if low[j] < high[j] {
			whisker(p, p.at(x[j], low[j]), p.at(x[j], high[j]), 3, draw.LineStyle{Color: col, Width: 1.2})
		}
	}
	for j := range x {
		marker(p.Canvas, p.at(x[j], y[j]), 0, 2.8, col)
	}
}
