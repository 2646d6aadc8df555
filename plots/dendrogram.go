package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"
	"strings"

	"flowbook/internal/exhibit"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Dendrogram draws the last merges of an agglomerative clustering as a tree that lies on
// its side: leaves at the left, heights to the right. A leaf is a cluster of rows, or one
// row; the thin line left of it ends at the height of its last merge. Equal rows are one leaf.
//
// A cut tells clusters apart by colour and by number, the largest first. Numbers stand where
// the cut meets a cluster's branch.
type Dendrogram struct {
	Name, Title, Caption, XLabel, YLabel string // XLabel names the heights

	Merges   []Merge  // n-1 merges of n rows by height, as in scipy's linkage matrix
	Leaves   int      // leaves shown at most; 0 means 30
	Clusters int      // cut into this many clusters; 0 where Cut is set
	Cut      float64  // cut after all merges up to this height; 0 for none
	Scale    Scale    // Log or Log1p where the last merges dwarf the others
	Names    []string // names of the rows, for leaves of one row; may be empty
	Classes  []string // classes of the rows: leaves name their commonest, a strip shows the shares; may be empty
	Order    []string // classes in the order of the strip; empty: by falling number of rows. After six come all others together
}

// Merge joins two clusters. Clusters 0 … n-1 are the rows; merge i makes cluster n+i.
type Merge struct {
	A, B   int
	Height float64
	Size   int // rows of the cluster that it makes; 0 where it is not known
}

// Exhibit shows the figure.
func (d Dendrogram) Exhibit() exhibit.Exhibit { return d.Figure().Exhibit() }

// Figure draws the tree. Merges that do not make one, or a height that is not a number, below 0
// or infinite, leave no tree to draw: the caption says which. The figure is as tall as its leaves
// need. Time O(n).
func (d Dendrogram) Figure() exhibit.Figure {
	t, trouble := newDendrogram(d.Merges)
	var leaves []int
	if trouble == "" {
		leaves = t.leaves(max(or0(d.Leaves, 30), min(d.Clusters, 60)))
	}
	s := newSheet("Dendrogram", d.Name, d.Title, d.Caption, or(d.XLabel, "height of the merge"), d.YLabel, Auto, 640, math.Max(170, 88+17*float64(len(leaves))))
	s.x.scale, s.grid = d.Scale, gridX
	s.fact(trouble)
	if len(leaves) < 2 {
		return s.figure()
	}
	b := newBranches(t, leaves)
	reach := span{}
	for _, m := range t.merges[t.rows-len(leaves):] {
		reach.add(m.Height)
	}
	top := reach.hi
	s.fact(fmt.Sprintf("The last %s of %s merges of %s rows", count(len(leaves)-1), count(len(t.merges)), count(t.rows)))
	d.cut(s, b)
	if b.cut > 0 && b.cut < top {
		reach.add(b.cut)
	}
	below := 0.0
	if d.Scale == Log {
		below = 0.12
	} else {
		reach.add(0)
	}
	var hi float64
	b.base, hi = reach.padded(d.Scale, below, 0.03)
	s.rangeX(b.base, hi)
	s.draw(b.draw)
	strip := newStrip(d.Classes, d.Order, t, leaves)
	labels := make([]string, len(leaves))
	for i, c := range leaves {
		labels[i] = d.label(t, strip, i, c)
	}
	s.categoriesY(labels)
	for i := range leaves[:min(6, len(leaves))] {
		s.hint(clean(labels[i]))
	}
	if strip.show(s); strip != nil {
		s.fact("A class without a share is that of all rows of its leaf")
	}
	return s.figure()
}

// label is what stands beside leaf i, which is cluster c.
func (d Dendrogram) label(t *dendrogram, s *strip, i, c int) string {
	first, size := t.first[c], t.size[c]
	if size == 1 && first < len(d.Names) {
		return d.Names[first]
	}
	label := count(size) + " rows"
	if size == 1 {
		label = "row " + count(first+1)
	}
	if name, part := s.commonest(i); part == 1 {
		label += ", " + or(clean(name), noName)
	} else if part > 0 {
		label += ", " + or(clean(name), noName) + " " + share(part) + " %"
	}
	return label
}

// cut finds the clusters, if they can be shown, and draws the line that makes them.
func (d Dendrogram) cut(s *sheet, b *branches) {
	t := b.tree
	at, done := d.Cut, 0 // merges before the cut
	switch {
	case d.Clusters > 0:
		done = max(0, t.rows-d.Clusters)
		if done > 0 && done < len(t.merges) {
			at = d.between(t.merges[done-1].Height, t.merges[done].Height)
		}
	case d.Cut > 0:
		for done < len(t.merges) && t.merges[done].Height <= d.Cut {
			done++
		}
	default:
		return
	}
	clusters := t.roots(done)
	if len(clusters) > len(b.leaves) {
		s.fact(fmt.Sprintf("The cut into %s clusters lies below the leaves shown", count(len(clusters))))
		return
	}
	var sizes []string
	for k, c := range clusters {
		b.number[c], b.color[c] = k+1, palette[k%len(palette)]
		if k < 8 {
			sizes = append(sizes, count(t.size[c]))
		} else if k == 8 {
			sizes = append(sizes, "…")
		}
	}
	if len(clusters) > len(palette) {
		b.recolor()
	}
	if len(clusters) == 1 || !(at > 0) {
		return
	}
	b.cut = at
	s.fact(fmt.Sprintf("Cut at %s into %d clusters of %s rows", compact(at), len(clusters), strings.Join(sizes, ", ")))
	sty := typeset(noteSize, ink)
	label := fmt.Sprintf("cut at %s: %d clusters", compact(at), len(clusters))
	half := sty.Width(label) / 2
	s.above = 18
	s.draw(func(p pen) {
		x := p.x(at)
		p.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.2, Dashes: dashes[4]}, x, p.Min.Y, x, p.Max.Y+4)
		x = min(max(x, margin+half), p.Max.X+4-half)
		p.words(vg.Point{X: x, Y: p.Max.Y + 7}, label, aligned(sty, draw.XCenter, baseline))
	})
}

// between is a height between two merges: in the middle, but on a log axis at most a
// factor of two below the upper one.
func (d Dendrogram) between(below, above float64) float64 {
	hi := d.Scale.forward(above)
	half := (hi - d.Scale.forward(below)) / 2
	if d.Scale == Log {
		half = math.Min(half, math.Log10(2))
	}
	return d.Scale.inverse(hi - half)
}

// branches is the tree as it is drawn.
type branches struct {
	tree   *dendrogram
	leaves []int
	place  map[int]float64 // by cluster shown: its place on the y axis
	number map[int]int     // by cluster on the cut, from 1
	color  map[int]color.NRGBA
	cut    float64 // 0 for none
	base   float64 // height at which leaves end
}

func newBranches(t *dendrogram, leaves []int) *branches {
	b := &branches{tree: t, leaves: leaves, place: map[int]float64{}, number: map[int]int{}, color: map[int]color.NRGBA{}}
	for i, c := range leaves {
		b.place[c] = float64(len(leaves) - 1 - i)
	}
	for c := len(t.size) - len(leaves) + 1; c < len(t.size); c++ {
		m := t.merges[c-t.rows]
		b.place[c] = (b.place[m.A] + b.place[m.B]) / 2
	}
	return b
}

// recolor gives clusters their colours from top to bottom, so that neighbours differ where
// there are more clusters than colours.
func (b *branches) recolor() {
	clusters := slices.SortedFunc(maps.Keys(b.number), func(c, d int) int { return cmp.Compare(b.place[d], b.place[c]) })
	for k, c := range clusters {
		b.color[c] = palette[k%len(palette)]
	}
}

func (b *branches) draw(p pen) {
	top := len(b.tree.size) - 1
	b.branch(p, top, b.height(top), draw.LineStyle{Color: soft, Width: 1.2})
}

// branch draws what lies below cluster c up to the height of its parent, in the parent's
// style unless it is a cluster of its own.
func (b *branches) branch(p pen, c int, parent float64, sty draw.LineStyle) {
	at, y, number := b.height(c), p.y(b.place[c]), b.number[c]
	m, inner := b.children(c)
	if !inner {
		p.StrokeLine2(draw.LineStyle{Color: frame, Width: 0.8}, p.x(b.base), y, p.x(at), y)
	}
	if number > 0 && b.cut > 0 {
		p.StrokeLine2(sty, p.x(b.cut), y, p.x(parent), y)
		parent = b.cut
	}
	if number > 0 {
		sty = draw.LineStyle{Color: b.color[c], Width: 1.8}
	}
	p.StrokeLine2(sty, p.x(at), y, p.x(parent), y)
	if inner {
		p.StrokeLine2(sty, p.x(at), p.y(b.place[m.A]), p.x(at), p.y(b.place[m.B]))
		b.branch(p, m.A, at, sty)
		b.branch(p, m.B, at, sty)
	}
	if number > 0 && b.cut > 0 {
		b.badge(p, vg.Point{X: p.x(b.cut), Y: y}, number, b.color[c])
	}
}

// height is where cluster c is drawn.
func (b *branches) height(c int) float64 { return math.Max(b.base, b.tree.height(c)) }

// children is the merge that made cluster c, if that is shown.
func (b *branches) children(c int) (Merge, bool) {
	if c < len(b.tree.size)-len(b.leaves)+1 {
		return Merge{}, false
	}
	return b.tree.merges[c-b.tree.rows], true
}

// badge writes a cluster's number on its branch.
func (b *branches) badge(p pen, at vg.Point, number int, col color.NRGBA) {
	marker(p.Canvas, at, 0, 8, col)
	marker(p.Canvas, at, 0, 6.8, white)
	p.words(at, fmt.Sprint(number), aligned(typeset(noteSize, ink), draw.XCenter, middle))
}
