package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Silhouette draws the silhouette widths of rows by cluster, the widest first, with
// the mean of all rows as an upright line (Rousseeuw 1987, figure 2). Rows left of zero
// are nearer to another cluster. Each cluster has its rows at the left and its mean
// width at the right. A cluster takes room by its rows, and a line of text at least.
type Silhouette struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	Clusters []Group // widths in [-1, 1], as cluster.Silhouettes.Clusters returns them
	Max      int     // clusters shown at most, the first ones; 0 means 30
}

// bandRoom is the least height of a cluster in pixels, bandGap what is left free below it.
const (
	bandRoom    = 17
	bandGap     = 4
	aroundBands = 92 // what axes and legend take
)

// Exhibit shows the figure.
func (s Silhouette) Exhibit() exhibit.Exhibit { return s.Figure().Exhibit() }

// Figure draws the widths: at most one step a pixel, however many rows there are.
// Time O(n log n).
func (sl Silhouette) Figure() exhibit.Figure {
	shown := min(len(sl.Clusters), or0(sl.Max, 30))
	s := newSheet("Silhouette plot", sl.Name, sl.Title, sl.Caption, sl.XLabel, sl.YLabel, sl.Size, 640,
		aroundBands+math.Max(300, (bandRoom+bandGap+3)*float64(shown)))
	shown = min(shown, int((s.h-aroundBands)/(bandRoom+bandGap)))
	var bands []band
	var reach span
	all, rows := 0.0, 0
	for i, c := range sl.Clusters {
		kept := s.out.only(c.Values, Linear)
		slices.SortFunc(kept, func(a, b float64) int { return cmp.Compare(b, a) })
		sum := 0.0
		for _, w := range kept {
			sum += w
		}
		all, rows = all+sum, rows+len(kept)
		if i < shown {
			reach.add(kept...)
			bands = append(bands, band{name: or(clean(c.Name), fmt.Sprintf("cluster %d", i+1)), widths: kept, mean: sum / float64(len(kept)), look: lookAt(i)})
		}
	}
	s.out.rest, s.out.restNote, s.grid = len(sl.Clusters)-shown, "more clusters", gridX
	s.labelX("silhouette width")
	s.labelY("cluster (rows)")
	if !reach.any {
		return s.figure()
	}
	mean := all / float64(rows)
	s.fact(fmt.Sprintf("%s rows in %d clusters, mean width %s; numbers at the right are means by cluster", count(rows), len(sl.Clusters), compact(mean)))
	sl.place(s, bands)
	reach.add(0)
	lo, hi := reach.padded(Linear, 0.03, 0.03)
	if reach.lo >= 0 {
		lo = 0
	}
	if reach.hi <= 1 && reach.lo >= -1 {
		lo, hi = math.Max(lo, -1), 1
	}
	s.rangeX(lo, hi)
	rule := draw.LineStyle{Color: ink, Width: 1.4, Dashes: dashes[1]}
	s.key(key{name: "mean of all rows, " + compact(mean), line: &rule})
	s.draw(func(p pen) {
		for _, b := range bands {
			b.draw(p)
		}
		p.rule(true, 0, draw.LineStyle{Color: frame, Width: 1})
		p.rule(true, mean, rule)
	})
	return s.figure()
}

// band is one cluster.
type band struct {
	name      string
	widths    []float64 // falling
	mean      float64
	top, foot float64 // on the y axis, in pixels or so
	look      look
}

// place gives each cluster its room on the y axis, and its labels.
func (sl Silhouette) place(s *sheet, bands []band) {
	total := 0
	for _, b := range bands {
		total += len(b.widths)
	}
	free := math.Max(0, s.h-aroundBands-float64(len(bands))*(bandRoom+bandGap))
	y := 0.0
	for i := range bands {
		b := &bands[i]
		b.top = y
		y -= bandRoom + free*float64(len(b.widths))/float64(total)
		b.foot = y
		y -= bandGap
		label := fit(typeset(tickSize, ink), b.name, 110) + " (" + count(len(b.widths)) + ")"
		s.y.labels, s.y.places = append(s.y.labels, label), append(s.y.places, (b.top+b.foot)/2)
		s.right = math.Max(s.right, typeset(noteSize, ink).Width(compact(b.mean)).Points()+10)
		if i < 6 {
			s.hint(label + ": " + compact(b.mean))
		}
	}
	s.rangeY(y, bandGap)
}

// draw fills the area between zero and the widths.
func (b band) draw(p pen) {
	p.words(vg.Point{X: p.Max.X + 8, Y: p.y((b.top + b.foot) / 2)}, compact(b.mean), aligned(typeset(noteSize, ink), draw.XLeft, middle))
	n := len(b.widths)
	if n == 0 {
		return
	}
	steps := min(n, int(math.Ceil((p.y(b.top) - p.y(b.foot)).Points())))
	pts := []vg.Point{p.at(0, b.top)}
	for i := range steps {
		from, to := i*n/steps, (i+1)*n/steps
		x := b.widths[(from+to)/2]
		y := func(row int) float64 { return b.top + (b.foot-b.top)*float64(row)/float64(n) }
		pts = append(pts, p.at(x, y(from)), p.at(x, y(to)))
	}
	pts = thin(append(pts, p.at(0, b.foot)), 0.3)
	path := vg.Path{}
	for i, q := range p.ClipPolygonXY(pts) {
		if i == 0 {
			path.Move(q)
		} else {
			path.Line(q)
		}
	}
	path.Close()
	p.fill(path, b.look.color)
}
