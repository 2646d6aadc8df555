package plots

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"

	"flowbook/internal/exhibit"
	"flowbook/internal/rng"

	"gonum.org/v1/plot/vg"
)

// rasterFrom is the number of points from which a cloud becomes a picture: as
// SVG marks they cost some 15 bytes each, and nobody can tell them apart.
const rasterFrom = 1000

// Scatter draws clouds of points. Above a thousand points they are drawn into
// one embedded picture, in shuffled order so that no group hides another.
type Scatter struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	Groups         []Points
	XScale, YScale Scale
	Jitter         float64  // largest shift in pixels, for values that repeat; 0 means none
	Seed           rng.Seed // of jitter and drawing order
}

// Exhibit shows the figure.
func (s Scatter) Exhibit() exhibit.Exhibit { return s.Figure().Exhibit() }

// Figure draws the points. Time O(n).
func (sc Scatter) Figure() exhibit.Figure {
	s := newSheet("Scatter plot", sc.Name, sc.Title, sc.Caption, sc.XLabel, sc.YLabel, sc.Size, 640, 440)
	s.x.scale, s.y.scale, s.grid = sc.XScale, sc.YScale, gridXY
	var names []string
	var rows []int
	var cloud []dot
	var xs, ys span
	for g, group := range sc.Groups {
		x, y := s.out.pairs(group.X, group.Y, sc.XScale, sc.YScale)
		xs.add(x...)
		ys.add(y...)
		for i := range x {
			cloud = append(cloud, dot{x: x[i], y: y[i], group: g})
		}
		name := clean(group.Name)
		if name == "" && len(sc.Groups) > 1 {
			name = fmt.Sprintf("group %d", g+1)
		}
		names, rows = append(names, name), append(rows, len(x))
	}
	if len(cloud) > 0 {
		s.fact(rowsOf(names, rows))
		s.rangeX(xs.padded(sc.XScale, 0.03, 0.03))
		s.rangeY(ys.padded(sc.YScale, 0.04, 0.04))
		raster := len(cloud) > rasterFrom
		for g, name := range names {
			if name != "" {
				l := lookAt(g)
				k := key{name: name, shape: l.shape + 1, color: l.color}
				if raster {
					k.shape = 1
				}
				s.key(k)
			}
		}
		r := sc.Seed.At("scatter").At(exhibit.Slug(sc.Name)).Rand()
		r.Shuffle(len(cloud), func(i, j int) { cloud[i], cloud[j] = cloud[j], cloud[i] })
		s.draw(func(p pen) {
			if raster {
				zoom := 2.0
				if len(cloud) > 10000 {
					zoom = 1.5
				}
				rasterise(p, cloud, sc.Jitter, r, palette, zoom)
				return
			}
			radius := 3.2
			if len(cloud) > 300 {
				radius = 2.4
			}
			for _, d := range cloud {
				l := lookAt(d.group)
				marker(p.Canvas, d.place(p, sc.Jitter, r), l.shape, radius, mix(white, l.color, 0.85))
			}
		})
	}
	s.labelX("x")
	s.labelY("y")
	return s.figure()
}

// dot is one point of a group.
type dot struct {
	x, y  float64
	group int
}

// place is where the dot goes, shifted by at most jitter pixels but kept on the axes.
func (d dot) place(p pen, jitter float64, r *rand.Rand) vg.Point {
	at := p.at(d.x, d.y)
	if jitter > 0 {
		at.X += vg.Length(jitter * (2*r.Float64() - 1))
		at.Y += vg.Length(jitter * (2*r.Float64() - 1))
	}
	at.X = min(max(at.X, p.Min.X), p.Max.X)
	at.Y = min(max(at.Y, p.Min.Y), p.Max.Y)
	return at
}

// rasterise draws the dots into a picture of few colours, of which group i has the
// i-th: each pixel shows the group that came last, in three depths by how many dots
// lie on it. The picture has zoom pixels for one of the page.
func rasterise(p pen, cloud []dot, jitter float64, r *rand.Rand, inks []color.NRGBA, zoom float64) {
	const depths = 3
	w := int((p.Max.X - p.Min.X).Points() * zoom)
	h := int((p.Max.Y - p.Min.Y).Points() * zoom)
	if w < 1 || h < 1 {
		return
	}
	colors := color.Palette{color.NRGBA{0xff, 0xff, 0xff, 0}}
	for _, ink := range inks {
		for _, t := range []float64{0.55, 0.8, 1} {
			colors = append(colors, mix(white, ink, t))
		}
	}
	img := image.NewPaletted(image.Rect(0, 0, w, h), colors)
	hits := make([]uint8, w*h)
	radius := 2.4
	if len(cloud) > 5000 {
		radius = 0.8 * zoom
	}
	for _, d := range cloud {
		at := d.place(p, jitter, r)
		cx, cy := (at.X-p.Min.X).Points()*zoom, (p.Max.Y-at.Y).Points()*zoom
		for y := int(cy - radius); y <= int(cy+radius); y++ {
			for x := int(cx - radius); x <= int(cx+radius); x++ {
				dx, dy := float64(x)+0.5-cx, float64(y)+0.5-cy
				if x < 0 || y < 0 || x >= w || y >= h || float64(dx*dx)+float64(dy*dy) > radius*radius {
					continue
				}
				i := y*w + x
				if hits[i] < 255 {
					hits[i]++
				}
				depth := 0
				if hits[i] > 8 {
					depth = 2
				} else if hits[i] > 2 {
					depth = 1
				}
				img.Pix[i] = uint8(1 + (d.group%len(inks))*depths + depth)
			}
		}
	}
	p.DrawImage(vg.Rectangle{Min: p.Min, Max: vg.Point{X: p.Min.X + vg.Length(float64(w)/zoom), Y: p.Min.Y + vg.Length(float64(h)/zoom)}}, img)
}
