package plots

import (
	"math"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg/draw"
)

// PrecisionRecall draws precision against recall as steps: between two points
// the precision is that of the higher recall (Davis, Goadrich 2006: the straight
// line between them cannot be reached).
type PrecisionRecall struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size // Auto is square

	Curves     []PRCurve
	Prevalence float64 // share of positive rows, drawn as the line of chance; 0 means none
	Operating  []Operating
}

// PRCurve is one detector: the points of its curve, as metric.PR returns them.
type PRCurve struct {
	Name              string
	Recall, Precision []float64 // of the same length, recall ascending
	AP                float64   // average precision, in the legend; 0 means Σ (R_i - R_{i-1})·P_i
}

// Exhibit shows the figure.
func (r PrecisionRecall) Exhibit() exhibit.Exhibit { return r.Figure().Exhibit() }

// Figure draws the curves. Time O(n).
func (r PrecisionRecall) Figure() exhibit.Figure {
	s := newSheet("Precision-recall curves", r.Name, r.Title, r.Caption, r.XLabel, r.YLabel, r.Size, 520, 520)
	s.grid, s.x.want, s.y.want = gridXY, 5, 5
	for i, c := range r.Curves {
		x, y := s.out.pairs(c.Recall, c.Precision, Linear, Linear)
		if len(x) == 0 {
			continue
		}
		ap := c.AP
		if ap == 0 || math.IsNaN(ap) {
			ap = averagePrecision(x, y)
		}
		sx, sy := stepsBack(x, y)
		curve(s, i, c.Name, "AP "+number(ap, 3), sx, sy)
	}
	if len(s.drawings) > 0 && r.Prevalence > 0 && r.Prevalence <= 1 {
		line := draw.LineStyle{Color: soft, Width: 1, Dashes: dashes[2]}
		s.key(key{name: "chance (prevalence " + number(r.Prevalence, 3) + ")", line: &line})
		s.draw(func(p pen) { p.rule(false, r.Prevalence, line) })
	}
	operating(s, r.Operating)
	s.rangeX(0, 1)
	s.rangeY(0, 1.02)
	s.labelX("recall (true-positive rate)")
	s.labelY("precision")
	return s.figure()
}

func averagePrecision(recall, precision []float64) float64 {
	var ap, before float64
	for i, r := range recall {
		ap += float64((r - before) * precision[i])
		before = r
	}
	return ap
}

// stepsBack turns points into steps at the height of the point to the right,
// from recall 0 on.
func stepsBack(x, y []float64) (sx, sy []float64) {
	before := 0.0
	for i := range x {
		sx, sy = append(sx, before, x[i]), append(sy, y[i], y[i])
		before = x[i]
	}
	return sx, sy
}
