package plots

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ROC draws receiver operating characteristics, with the diagonal of chance.
type ROC struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size // Auto is square

	Curves    []ROCCurve
	Operating []Operating // where a threshold puts a detector, marked on the curves
}

// ROCCurve is one detector: the points of its curve, as metric.ROC returns them.
type ROCCurve struct {
	Name     string
	FPR, TPR []float64 // of the same length, ascending, in [0, 1]; (0, 0) and (1, 1) are added where they lack
	AUC      float64   // shown in the legend; 0 means by the trapezoid rule
}

// Operating is a marked point of a curve.
type Operating struct {
	Label string
	X, Y  float64 // FPR and TPR, or recall and precision
	Curve int     // index of the curve whose colour it takes
}

// Exhibit shows the figure.
func (r ROC) Exhibit() exhibit.Exhibit { return r.Figure().Exhibit() }

// Figure draws the curves. Time O(n).
func (r ROC) Figure() exhibit.Figure {
	s := newSheet("ROC curves", r.Name, r.Title, r.Caption, r.XLabel, r.YLabel, r.Size, 520, 520)
	s.grid, s.x.want, s.y.want = gridXY, 5, 5
	for i, c := range r.Curves {
		x, y := c.points(&s.out)
		if len(x) == 0 {
			continue
		}
		auc := c.AUC
		if auc == 0 || math.IsNaN(auc) {
			auc = trapezoid(x, y)
		}
		curve(s, i, c.Name, "AUC "+number(auc, 3), x, y)
	}
	if len(s.drawings) > 0 {
		diagonal := draw.LineStyle{Color: soft, Width: 1, Dashes: dashes[2]}
		s.key(key{name: "chance", line: &diagonal})
		s.drawings = slices.Insert(s.drawings, 0, func(p pen) { p.line([]float64{0, 1}, []float64{0, 1}, diagonal) })
	}
	operating(s, r.Operating)
	s.rangeX(0, 1)
	s.rangeY(0, 1.02)
	s.labelX("false-positive rate")
	s.labelY("true-positive rate (recall)")
	return s.figure()
}

// points returns the curve from (0, 0) to (1, 1).
func (c ROCCurve) points(out *leftOut) (x, y []float64) {
	x, y = out.pairs(c.FPR, c.TPR, Linear, Linear)
	if len(x) == 0 {
		return nil, nil
	}
	if x[0] != 0 || y[0] != 0 {
		x, y = slices.Insert(x, 0, 0), slices.Insert(y, 0, 0)
	}
	if n := len(x) - 1; x[n] != 1 || y[n] != 1 {
		x, y = append(x, 1), append(y, 1)
	}
	return x, y
}

func trapezoid(x, y []float64) float64 {
	var area float64
	for i := 1; i < len(x); i++ {
		area += float64((x[i] - x[i-1]) * (y[i] + y[i-1]) / 2)
	}
	return area
}

// curve adds a line with its legend entry.
func curve(s *sheet, i int, name, score string, x, y []float64) {
	name = or(clean(name), fmt.Sprintf("curve %d", i+1))
	s.hint(name + ": " + score)
	name = fit(typeset(tickSize, ink), name, s.w*0.6) + " (" + score + ")"
	l := lookAt(i)
	line := draw.LineStyle{Color: l.color, Width: 2, Dashes: l.dash}
	s.key(key{name: name, line: &line})
	s.draw(func(p pen) { p.line(x, y, line) })
}

// operating adds marked points, each with its label on the side that has room.
func operating(s *sheet, points []Operating) {
	if len(s.drawings) == 0 {
		return
	}
	for _, o := range points {
		if !s.out.keep(o.X, Linear) || !s.out.keep(o.Y, Linear) {
			continue
		}
		l := lookAt(max(o.Curve, 0))
		s.draw(func(p pen) {
			at := p.at(o.X, o.Y)
			marker(p.Canvas, at, 0, 6, white)
			marker(p.Canvas, at, 0, 4.5, l.color)
			sty := aligned(typeset(noteSize, ink), draw.XLeft, capTop)
			label := fit(sty, o.Label, 180)
			at.X, at.Y = at.X+8, at.Y-5
			if w := sty.Width(label); at.X+w > p.Max.X {
				at.X -= w + 16
			}
			if at.Y-14 < p.Min.Y {
				at.Y += vg.Length(24)
			}
			if label != "" {
				rectangle(p.Canvas, vg.Point{X: at.X - 2, Y: at.Y - 14}, vg.Point{X: at.X + sty.Width(label) + 2, Y: at.Y}, faint(white, 0.8), nil)
			}
			p.words(at, label, sty)
		})
	}
}
