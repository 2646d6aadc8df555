package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Height says what the bars of a histogram measure.
type Height uint8

const (
	Count   Height = iota // rows in the bin
	Share                 // share of the group's rows, in [0, 1]: groups of any size compare
	Density               // share per unit of the axis (per decade on log axes): the area is 1
)

// Histogram draws how the values of groups spread over shared bins.
type Histogram struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	Groups  []Group
	Bins    int    // 0 means by Freedman and Diaconis (1981), between 10 and 60; whole numbers of a short range get a bin each
	Scale   Scale  // of the values: bins are equally wide on the axis as drawn
	Height  Height // Count, Share or Density
	YScale  Scale  // Log1p shows rare bins beside frequent ones; Log is taken as Log1p
	Stepped bool   // outlines only, which suits three groups and more
}

// Exhibit shows the figure.
func (h Histogram) Exhibit() exhibit.Exhibit { return h.Figure().Exhibit() }

// Figure draws the histogram. Time O(n log n).
func (h Histogram) Figure() exhibit.Figure {
	s := newSheet("Histogram", h.Name, h.Title, h.Caption, h.XLabel, h.YLabel, h.Size, 640, 400)
	if h.YScale == Log {
		h.YScale = Log1p
	}
	s.x.scale, s.y.scale = h.Scale, h.YScale
	groups, names, rows := cleanGroups(h.Groups, h.Scale, &s.out)
	edges, whole := h.edges(groups)
	s.x.whole, s.y.whole = whole, h.Height == Count
	if len(edges) > 0 {
		s.fact(rowsOf(names, rows))
		s.hint(mediansOf(names, groups))
		s.rangeX(span{h.Scale.inverse(edges[0]), h.Scale.inverse(edges[len(edges)-1]), true}.padded(h.Scale, 0, 0))
		top := span{}
		for g, values := range groups {
			heights := h.heights(values, edges)
			top.add(slices.Max(heights))
			h.draw(s, g, len(groups), names[g], edges, heights)
		}
		if top.hi == 0 {
			top.hi = 1
		}
		top.lo = 0
		_, hi := top.padded(h.YScale, 0, 0.05)
		s.rangeY(0, hi)
	}
	s.labelX("value")
	s.labelY([...]string{"rows", "share of the group's rows", "density"}[min(h.Height, Density)])
	return s.figure()
}

// cleanGroups returns the values of each group that can be drawn, sorted.
func cleanGroups(groups []Group, scale Scale, out *leftOut) (values [][]float64, names []string, rows []int) {
	for i, g := range groups {
		v := out.only(g.Values, scale)
		slices.Sort(v)
		values = append(values, v)
		name := g.Name
		if clean(name) == "" && len(groups) > 1 {
			name = fmt.Sprintf("group %d", i+1)
		}
		names, rows = append(names, name), append(rows, len(v))
	}
	return values, names, rows
}

// mediansOf says the median of each group, for the alternative text.
func mediansOf(names []string, sorted [][]float64) string {
	var parts []string
	for i, values := range sorted {
		if len(values) > 0 && len(parts) < 8 {
			parts = append(parts, strings.TrimSpace(clean(names[i])+" "+compact(num.Quantile(values, 0.5))))
		}
	}
	return "Medians: " + strings.Join(parts, ", ") + "."
}

// edges returns the shared edges of the bins in the space of the axis, none for
// no values, and whether each bin is a whole number.
func (h Histogram) edges(groups [][]float64) (edges []float64, whole bool) {
	var all []float64
	whole = true
	for _, values := range groups {
		for _, v := range values {
			all = append(all, h.Scale.forward(v))
			whole = whole && v == math.Trunc(v)
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	whole = whole && h.Scale == Linear && h.Bins <= 0
	slices.Sort(all)
	lo, hi := all[0], all[len(all)-1]
	bins := h.Bins
	switch {
	case !(hi-lo > 1e-9*math.Max(math.Abs(lo), math.Abs(hi))):
		room := math.Max(0.5, 1e-6*math.Abs(lo))
		if h.Scale == Log1p && lo == 0 {
			return []float64{0, 0.5}, false
		}
		return []float64{lo - room, lo + room}, whole
	case whole && hi-lo <= 60:
		lo, hi = lo-0.5, hi+0.5
		bins = int(hi - lo)
	case bins <= 0:
		whole = false
		iqr := num.Quantile(all, 0.75) - num.Quantile(all, 0.25)
		bins = 30
		if iqr > 0 {
			bins = int(math.Min(60, math.Max(10, math.Ceil((hi-lo)/(2*iqr/math.Cbrt(float64(len(all))))))))
		}
	}
	bins = min(bins, 400)
	edges = make([]float64, bins+1)
	for i := range edges {
		edges[i] = lo + (hi-lo)*float64(i)/float64(bins)
	}
	edges[bins] = hi
	return edges, whole
}

// counts returns how many values lie in each bin; a bin holds its lower edge,
// the last one both.
func (h Histogram) counts(values, edges []float64) []int {
	n := make([]int, len(edges)-1)
	lo, width := edges[0], (edges[len(edges)-1]-edges[0])/float64(len(n))
	for _, v := range values {
		u := h.Scale.forward(v)
		i := min(max(int((u-lo)/width), 0), len(n)-1)
		if i > 0 && u < edges[i] { // rounding of the division
			i--
		} else if i < len(n)-1 && u >= edges[i+1] {
			i++
		}
		n[i]++
	}
	return n
}

func (h Histogram) heights(values, edges []float64) []float64 {
	heights := make([]float64, len(edges)-1)
	for i, n := range h.counts(values, edges) {
		heights[i] = float64(n)
		if h.Height != Count && len(values) > 0 {
			heights[i] /= float64(len(values))
		}
		if h.Height == Density {
			heights[i] /= edges[i+1] - edges[i]
		}
	}
	return heights
}

func (h Histogram) draw(s *sheet, g, of int, name string, edges, heights []float64) {
	l := lookAt(g)
	fill := faint(l.color, 0.75)
	if of == 2 { // one dark, one light: they differ without colour too
		fill = faint(l.color, [...]float64{0.55, 0.18}[g])
	} else if of > 2 || h.Stepped {
		fill = faint(l.color, 0)
	}
	line := draw.LineStyle{Color: l.color, Width: 1.6, Dashes: l.dash}
	if of == 1 {
		line.Width = 1
	}
	if of > 1 || clean(name) != "" {
		k := key{name: name, fill: fill, edge: &line}
		if fill.A == 0 {
			k = key{name: name, line: &line}
		}
		s.key(k)
	}
	at := func(i int) float64 { return h.Scale.inverse(edges[i]) }
	s.draw(func(p pen) {
		for _, run := range runs(heights) {
			outline := []vg.Point{p.at(at(run[0]), 0)}
			for i := run[0]; i < run[1]; i++ {
				outline = append(outline, p.at(at(i), heights[i]), p.at(at(i+1), heights[i]))
			}
			outline = append(outline, p.at(at(run[1]), 0))
			if fill.A > 0 {
				p.FillPolygon(fill, outline)
			}
			if of == 1 { // bars stand apart
				for i := run[0]; i < run[1]; i++ {
					p.StrokeLine2(draw.LineStyle{Color: white, Width: 0.8}, p.x(at(i)), p.y(0), p.x(at(i)), p.y(heights[i]))
				}
			}
			p.StrokeLines(line, outline)
		}
	})
}

// runs returns the ranges of bins that are not empty: outlines along the axis
// would hide one another.
func runs(heights []float64) (out [][2]int) {
	from := -1
	for i := 0; i <= len(heights); i++ {
		filled := i < len(heights) && heights[i] > 0
		if filled && from < 0 {
			from = i
		} else if !filled && from >= 0 {
			out, from = append(out, [2]int{from, i}), -1
		}
	}
	return out
}
