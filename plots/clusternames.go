package plots

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// names marks the midst of each group and writes its name beside it, the largest
// first, where no other name stands; a name without a place is left to the legend.
func (p *mapPanel) names(pen pen) {
	order := make([]int, 0, len(p.groups))
	for g := range p.groups {
		if !p.groups[g].grey && len(p.groups) > 1 {
			order = append(order, g)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return p.groups[b].rows - p.groups[a].rows })
	var taken []vg.Rectangle
	for _, g := range order {
		at := pen.at(p.groups[g].x, p.groups[g].y)
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: at.X - 6, Y: at.Y - 6}, Max: vg.Point{X: at.X + 6, Y: at.Y + 6}})
	}
	sty := aligned(typeset(noteSize, ink), draw.XLeft, middle)
	for _, g := range order {
		group := p.groups[g]
		at := pen.at(group.x, group.y)
		marker(pen.Canvas, at, group.look, 6, white)
		marker(pen.Canvas, at, group.look, 4.4, group.ink)
		label := fit(sty, group.name, 90)
		box, ok := freePlace(pen, at, sty.Width(label)+4, taken)
		if !ok {
			continue
		}
		taken = append(taken, box)
		rectangle(pen.Canvas, box.Min, box.Max, faint(white, 0.82), nil)
		pen.words(vg.Point{X: box.Min.X + 2, Y: (box.Min.Y + box.Max.Y) / 2}, label, sty)
	}
}

// freePlace is a box of a width beside a point that touches no other.
func freePlace(p pen, at vg.Point, width vg.Length, taken []vg.Rectangle) (vg.Rectangle, bool) {
	const height = 14
	for _, off := range []vg.Length{0, 14} {
		for _, corner := range []vg.Point{
			{X: at.X + 8, Y: at.Y - height/2 + off}, {X: at.X - 8 - width, Y: at.Y - height/2 + off},
			{X: at.X + 8, Y: at.Y - height/2 - off}, {X: at.X - 8 - width, Y: at.Y - height/2 - off},
			{X: at.X - width/2, Y: at.Y + 8 + off}, {X: at.X - width/2, Y: at.Y - 8 - height - off},
		} {
			box := vg.Rectangle{Min: corner, Max: vg.Point{X: corner.X + width, Y: corner.Y + height}}
			free := box.Min.X >= p.Min.X && box.Max.X <= p.Max.X && box.Min.Y >= p.Min.Y && box.Max.Y <= p.Max.Y
			for _, t := range taken {
				free = free && (box.Max.X <= t.Min.X || box.Min.X >= t.Max.X || box.Max.Y <= t.Min.Y || box.Min.Y >= t.Max.Y)
			}
			if free {
				return box, true
			}
		}
	}
	return vg.Rectangle{}, false
}

// middleRow is the row nearest to the medians of the rows where they are densest: in
// the nine cells, of 20 x 20 that cut the map, that hold most of them. A class in
// several places has its name at one of them and not between.
func middleRow(rows []int, x, y []float64, xs, ys span) int {
	const side = 20
	cell := func(v float64, s span) int {
		return min(int(side*(v-s.lo)/math.Max(s.hi-s.lo, 1/beyond)), side-1)
	}
	var around [side][side]int
	for _, r := range rows {
		i, j := cell(x[r], xs), cell(y[r], ys)
		for di := max(0, i-1); di <= min(side-1, i+1); di++ {
			for dj := max(0, j-1); dj <= min(side-1, j+1); dj++ {
				around[di][dj]++
			}
		}
	}
	ci, cj := 0, 0
	for i := range side {
		for j := range side {
			if around[i][j] > around[ci][cj] {
				ci, cj = i, j
			}
		}
	}
	var dense []int
	var across, along []float64
	for _, r := range rows {
		if i, j := cell(x[r], xs), cell(y[r], ys); max(i-ci, ci-i, j-cj, cj-j) <= 1 {
			dense, across, along = append(dense, r), append(across, x[r]), append(along, y[r])
		}
	}
	slices.Sort(across)
	slices.Sort(along)
	mx, my := across[len(across)/2], along[len(along)/2]
	best, nearest := dense[0], math.Inf(1)
	for _, r := range dense {
		dx, dy := (x[r]-mx)/math.Max(xs.hi-xs.lo, 1/beyond), (y[r]-my)/math.Max(ys.hi-ys.lo, 1/beyond)
		if d := float64(dx*dx) + float64(dy*dy); d < nearest {
			best, nearest = r, d
		}
	}
	return best
}
