package plots

import (
	"math"
	"slices"

	"flowbook/internal/exhibit"

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
	Points    int // of the grid; 0 means 256
}

// Exhibit shows the figure.
func (k KDE) Exhibit() exhibit.Exhibit { return k.Figure().Exhibit() }

// Figure draws the densities. Time O(n + points²) for each group.
func (k KDE) Figure() exhibit.Figure {
	s := newSheet("Kernel density", k.Name, k.Title, k.Caption, k.XLabel, k.YLabel, k.Size, 640, 400)
	s.x.scale = k.Scale
	groups, names, rows := cleanGroups(k.Groups, k.Scale, &s.out)
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
			widths[g] = bandwidth(values)
		}
		reach.add(values[0]-3*widths[g], values[len(values)-1]+3*widths[g])
	}
	if reach.any {
		s.fact(rowsOf(names, rows))
		var top span
		grid := evenly(reach.lo, reach.hi, max(16, min(or0(k.Points, 256), 2000)))
		for g, values := range groups {
			if len(values) > 0 {
				d := density(values, grid, widths[g])
				top.add(d...)
				k.draw(s, g, len(groups), names[g], grid, d)
			}
		}
		s.rangeX(k.Scale.inverse(reach.lo), k.Scale.inverse(reach.hi))
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
		p.area(x, zero, d, fill)
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

// bandwidth is Silverman's (1986, eq. 3.31): 0.9·min(s, IQR/1.34)·n^(-1/5); a
// constant sample gets a narrow bump.
func bandwidth(sorted []float64) float64 {
	n := float64(len(sorted))
	var mean, ss float64
	for _, v := range sorted {
		mean += v / n
	}
	for _, v := range sorted {
		ss += float64((v - mean) * (v - mean))
	}
	spread := math.Sqrt(ss / math.Max(1, n-1))
	at := func(q float64) float64 { return sorted[int(q*(n-1))] }
	if iqr := (at(0.75) - at(0.25)) / 1.34; iqr > 0 {
		spread = math.Min(spread, iqr)
	}
	if h := 0.9 * spread * math.Pow(n, -0.2); h > 0 {
		return h
	}
	return math.Max(0.05, math.Abs(sorted[0])/100)
}

// density evaluates the Gaussian kernel density of sorted values on a grid.
func density(sorted, grid []float64, h float64) []float64 {
	d := make([]float64, len(grid))
	for i, g := range grid {
		lo, _ := slices.BinarySearch(sorted, g-6*h)
		for _, v := range sorted[lo:] {
			u := (v - g) / h
			if u > 6 {
				break
			}
			d[i] += math.Exp(-u * u / 2)
		}
		d[i] /= float64(len(sorted)) * h * math.Sqrt(2*math.Pi)
	}
	return d
}
