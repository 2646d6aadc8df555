package plots

import (
	"math"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// KDE draws a Gaussian kernel density of each group.
//
// On log axes the density is that of the logarithm, per decade: the area below
// the curve as drawn is 1. Density is cut at the smallest and largest value plus
// three bandwidths.
type KDE struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	Groups    []Group
	Bandwidth float64 // in units of the axis as drawn (decades on log axes); 0 means Silverman's rule for each group
	Scale     Scale
	Points    int // of the grid; 0 means 512
}

// Exhibit shows the figure.
func (k KDE) Exhibit() exhibit.Exhibit { return k.Figure().Exhibit() }

// Figure draws the densities. Time O(n log n).
func (k KDE) Figure() exhibit.Figure {
	s := newSheet("Kernel density", k.Name, k.Title, k.Caption, k.XLabel, k.YLabel, k.Size, 640, 400)
	s.x.scale = k.Scale
	groups, names, rows := cleanGroups(k.Groups, k.Scale, &s.out)
	medians := mediansOf(names, groups)
	var reach span
	widths := make([]float64, len(groups))
	for g, values := range groups {
		for i, v := range values {
			values[i] = k.Scale.forward(v)
		}
		if len(values) == 0 {
			continue
		}
		if widths[g] = k.Bandwidth; !(widths[g] > 0) || widths[g] > beyond {
			widths[g] = num.Silverman(values)
			if values[0] == values[len(values)-1] { // a constant: a narrow bump
				widths[g] = math.Max(0.05, math.Abs(values[0])/100)
			}
		}
		reach.add(values[0]-3*widths[g], values[len(values)-1]+3*widths[g])
	}
	if reach.any {
		s.fact(rowsOf(names, rows))
		s.hint(medians)
		var top span
		grid := evenly(reach.lo, reach.hi, max(16, min(or0(k.Points, 512), 2000)))
		for g, values := range groups {
			if len(values) > 0 {
				d := num.KDE(values, grid, widths[g])
				top.add(d...)
				k.draw(s, g, len(groups), names[g], grid, d)
			}
		}
		s.rangeX(span{k.Scale.inverse(reach.lo), k.Scale.inverse(reach.hi), true}.padded(k.Scale, 0, 0))
		s.rangeY(0, math.Max(top.hi, 1e-12)*1.05)
	}
	s.labelX("value")
	if k.Scale == Linear {
		s.labelY("density")
	} else {
		s.labelY("density per decade")
	}
	return s.figure()
}

func (k KDE) draw(s *sheet, g, of int, name string, grid, d []float64) {
	l := lookAt(g)
	line := draw.LineStyle{Color: l.color, Width: 2, Dashes: l.dash}
	fill := faint(l.color, 0.12)
	if of > 1 || clean(name) != "" {
		s.key(key{name: name, fill: fill, line: &line})
	}
	x, zero := make([]float64, len(grid)), make([]float64, len(grid))
	for i, u := range grid {
		x[i] = k.Scale.inverse(u)
	}
	s.draw(func(p pen) {
		var below vg.Path
		p.area(&below, x, zero, d)
		p.fill(below, fill)
		p.line(x, d, line)
	})
}

func or0(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// evenly returns n places from lo to hi.
func evenly(lo, hi float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return x
}
