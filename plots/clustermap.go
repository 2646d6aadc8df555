package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/rng"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ClusterMap draws rows in two dimensions (principal components, t-SNE) coloured by
// cluster or class, with the name of each group where its rows are densest; two
// colourings of the same rows stand side by side. Above a thousand rows they are drawn
// into an embedded picture, in shuffled order; of more than six thousand, all panels
// together, so many are drawn by the seed.
//
// Up to fifteen groups have a colour and a marker of their own, the largest ones; the
// rest and noise are grey.
type ClusterMap struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	X, Y       []float64   // of the same length; a row with NaN in either is missing
	Colourings []Colouring // one, or two side by side
	Seed       rng.Seed    // of drawing order and rows
}

// Colouring puts each row into a group.
type Colouring struct {
	Title  string   // "clusters", "classes"
	Labels []int    // a group a row, 0 …; below 0 is noise
	Names  []string // of the groups; "" and those missing are numbered from 1
}

const (
	mapGroups = 15
	mapRows   = 6000
)

// mapInks are the palette and colours of Tol's muted scheme (2021) that differ from
// it; grey for noise and the rest is last.
var mapInks = append(slices.Clone(palette),
	color.NRGBA{0x33, 0x22, 0x88, 0xff}, // indigo
	color.NRGBA{0x99, 0x99, 0x33, 0xff}, // olive
	color.NRGBA{0x88, 0x22, 0x55, 0xff}, // wine
	color.NRGBA{0x44, 0xaa, 0x99, 0xff}, // teal
	color.NRGBA{0xcc, 0x66, 0x77, 0xff}, // rose
	color.NRGBA{0x11, 0x77, 0x33, 0xff}, // green
	color.NRGBA{0xaa, 0x44, 0x99, 0xff}, // purple
	color.NRGBA{0xc8, 0xb4, 0x50, 0xff}, // sand, a shade darker for white paper
	color.NRGBA{0xb4, 0xb4, 0xb4, 0xff}, // grey
)

// Exhibit shows the figure.
func (m ClusterMap) Exhibit() exhibit.Exhibit { return m.Figure().Exhibit() }

// Figure draws the rows. Time O(n log n).
func (m ClusterMap) Figure() exhibit.Figure {
	s := newSheet("Cluster map", m.Name, m.Title, m.Caption, or(m.XLabel, "first dimension"), or(m.YLabel, "second dimension"), m.Size, 640, 0)
	colourings := m.Colourings[:min(2, len(m.Colourings))]
	if len(colourings) == 0 {
		colourings = []Colouring{{}}
	}
	var xs, ys span
	parts := make([]*mapPanel, len(colourings))
	rows := m.rows(s, colourings, &xs, &ys)
	drawn := rows
	if limit := mapRows / len(parts); len(rows) > limit {
		s.fact(fmt.Sprintf("%s of %s rows drawn", count(limit), count(len(rows))))
		drawn = rows[:limit]
	}
	keys := 0
	for i, c := range colourings {
		parts[i] = newMapPanel(c, rows, m.X, m.Y, xs, ys)
		parts[i].keys = layKeys(parts[i].legend(), s.w/float64(len(colourings))-2*margin)
		keys = max(keys, len(parts[i].keys))
	}
	if s.h == 0 {
		s.h = 400 / math.Sqrt(float64(len(parts)))
	}
	s.h += float64(keys)*keyHeight + 20
	if len(rows) == 0 {
		return s.figure()
	}
	for i, part := range parts {
		s.fact(part.fact())
		part.s = newSheet("", "", colourings[i].Title, "", s.p.X.Label.Text, s.p.Y.Label.Text, Auto, s.w, s.h)
		part.s.grid, part.s.x.want, part.s.y.want = gridXY, 4, 5
		part.s.rangeX(xs.padded(Linear, 0.03, 0.03))
		part.s.rangeY(ys.padded(Linear, 0.04, 0.04))
		if i > 0 {
			part.s.p.Y.Label.Text, part.s.y.bare = "", true
		}
		part.draw(m, drawn)
	}
	s.panels = func(area draw.Canvas) { beside(area, parts, keys) }
	return s.figure()
}

// rows returns the rows that can be drawn, in drawing order, and their range.
func (m ClusterMap) rows(s *sheet, colourings []Colouring, xs, ys *span) []int {
	n := min(len(m.X), len(m.Y))
	longest := max(len(m.X), len(m.Y))
	for _, c := range colourings {
		if c.Labels != nil || len(m.Colourings) > 0 {
			n, longest = min(n, len(c.Labels)), max(longest, len(c.Labels))
		}
	}
	s.out.single = longest - n
	var rows []int
	for i := range n {
		if s.out.keep(m.X[i], Linear) && s.out.keep(m.Y[i], Linear) {
			rows = append(rows, i)
			xs.add(m.X[i])
			ys.add(m.Y[i])
		}
	}
	r := m.Seed.At("cluster map").At(exhibit.Slug(m.Name)).Rand()
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// mapPanel is one colouring.
type mapPanel struct {
	s      *sheet
	groups []mapGroup // by size, the largest first; noise and the rest at the end
	of     []int      // group of each row
	keys   [][]key
}

type mapGroup struct {
	name string
	rows int
	x, y float64 // a row in their midst, where they are densest
	ink  color.NRGBA
	look int  // marker
	grey bool // noise and the rest: no name in their midst
}

func newMapPanel(c Colouring, rows []int, x, y []float64, xs, ys span) *mapPanel {
	size := map[int]int{}
	label := func(row int) int {
		if row < len(c.Labels) {
			return max(c.Labels[row], -1)
		}
		return 0
	}
	for _, r := range rows {
		size[label(r)]++
	}
	var names []int
	for l := range size {
		if l >= 0 {
			names = append(names, l)
		}
	}
	slices.SortFunc(names, func(a, b int) int { return cmp.Or(size[b]-size[a], a-b) })
	p := &mapPanel{}
	coloured := min(len(names), mapGroups)
	place := map[int]int{}
	shown := slices.Sorted(slices.Values(names[:coloured])) // by label, so that a class keeps its colour
	for g, l := range shown {
		name := fmt.Sprint(l + 1)
		if l < len(c.Names) && clean(c.Names[l]) != "" {
			name = clean(c.Names[l])
		}
		place[l] = g
		p.groups = append(p.groups, mapGroup{name: name, ink: mapInks[g], look: g})
	}
	if rest := len(names) - coloured; rest > 0 {
		for _, l := range names[coloured:] {
			place[l] = len(p.groups)
		}
		p.groups = append(p.groups, mapGroup{name: fmt.Sprintf("%d smaller groups", rest), ink: mapInks[mapGroups], grey: true})
	}
	if size[-1] > 0 {
		place[-1] = len(p.groups)
		p.groups = append(p.groups, mapGroup{name: "noise", ink: mapInks[mapGroups], grey: true, look: 5})
	}
	members := make([][]int, len(p.groups))
	p.of = make([]int, len(x))
	for _, r := range rows {
		p.of[r] = place[label(r)]
		members[p.of[r]] = append(members[p.of[r]], r)
	}
	for g := range p.groups {
		r := middleRow(members[g], x, y, xs, ys)
		p.groups[g].rows, p.groups[g].x, p.groups[g].y = len(members[g]), x[r], y[r]
	}
	return p
}

func (p *mapPanel) legend() (keys []key) {
	for _, g := range p.groups {
		keys = append(keys, key{name: fit(typeset(tickSize, ink), g.name, 150), shape: g.look%shapes + 1, color: g.ink})
	}
	return keys
}

// fact says how many rows the groups have.
func (p *mapPanel) fact() string {
	var names []string
	var rows []int
	for _, g := range p.groups {
		names, rows = append(names, g.name), append(rows, g.rows)
	}
	return rowsOf(names, rows)
}

func (p *mapPanel) draw(m ClusterMap, rows []int) {
	cloud := make([]dot, len(rows))
	for i, r := range rows {
		cloud[i] = dot{x: m.X[r], y: m.Y[r], group: p.of[r]}
	}
	var inks []color.NRGBA
	for _, g := range p.groups {
		inks = append(inks, g.ink)
	}
	p.s.draw(func(pen pen) {
		if len(m.Colourings)*len(cloud) > rasterFrom {
			rasterise(pen, cloud, 0, nil, inks, 1.5)
		} else {
			p.marks(pen, cloud)
		}
		p.names(pen)
	})
}

// marks draws the dots as markers, by groups in four rounds: paths of one colour are
// short, and no group hides another.
func (p *mapPanel) marks(pen pen, cloud []dot) {
	const rounds = 4
	for round := range rounds {
		part := cloud[len(cloud)*round/rounds : len(cloud)*(round+1)/rounds]
		for i, g := range p.groups {
			for _, d := range part {
				if d.group == i {
					marker(pen.Canvas, d.place(pen, 0, nil), g.look, 2.5, mix(white, g.ink, 0.85))
				}
			}
		}
	}
}

// beside draws the panels side by side, each below its title and legend.
func beside(area draw.Canvas, parts []*mapPanel, keys int) {
	first := parts[0].s.yWidth((area.Max.Y - area.Min.Y).Points()) + labelSize + 7 // more than the others need
	each := ((area.Max.X - area.Min.X).Points() - first - panelGap*float64(len(parts)-1)) / float64(len(parts))
	x := area.Min.X
	for i, part := range parts {
		sub := area
		sub.Min.X = x
		sub.Max.X = x + vg.Length(each)
		if i == 0 {
			sub.Max.X += vg.Length(first)
		}
		x = sub.Max.X + panelGap
		y := area.Max.Y
		if part.s.title != "" {
			y -= panelHead
		}
		for _, row := range part.keys {
			for _, k := range row {
				k.x += sub.Min.X.Points() - margin
				k.draw(sub, y.Points())
			}
			y -= keyHeight
		}
		width := (sub.Max.X - sub.Min.X).Points() - 4
		sty := aligned(typeset(labelSize, ink), draw.XLeft, capTop)
		if title := fit(sty, part.s.title, width); title != "" {
			sub.FillText(sty, vg.Point{X: sub.Min.X + 2, Y: area.Max.Y}, title)
		}
		part.s.p.X.Label.Text = fit(sty, part.s.p.X.Label.Text, width-40)
		sub.Max.Y = area.Max.Y - vg.Length(float64(keys)*keyHeight+panelHead)
		part.s.drawAxes(sub)
	}
}
