package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// dendrogram is a checked list of merges.
type dendrogram struct {
	rows   int
	merges []Merge
	size   []int // by cluster: rows
	first  []int // by cluster: the lowest row
}

// newDendrogram checks that merges make one tree of rising heights; trouble says where
// they do not.
func newDendrogram(merges []Merge) (t *dendrogram, trouble string) {
	n := len(merges) + 1
	t = &dendrogram{rows: n, merges: merges, size: make([]int, n, 2*n-1), first: make([]int, n, 2*n-1)}
	for i := range n {
		t.size[i], t.first[i] = 1, i
	}
	merged := make([]bool, 2*n-1)
	last := 0.0
	for i, m := range merges {
		if m.A < 0 || m.B < 0 || m.A >= n+i || m.B >= n+i || m.A == m.B || merged[m.A] || merged[m.B] {
			return t, fmt.Sprintf("No tree: merge %s joins clusters that are not there", count(i+1))
		}
		if !(m.Height >= last) || m.Height > beyond {
			return t, fmt.Sprintf("No tree: merge %s has a height of %s after %s", count(i+1), compact(m.Height), compact(last))
		}
		last = m.Height
		merged[m.A], merged[m.B] = true, true
		t.size = append(t.size, t.size[m.A]+t.size[m.B])
		t.first = append(t.first, min(t.first[m.A], t.first[m.B]))
	}
	return t, ""
}

func (t *dendrogram) height(c int) float64 {
	if c < t.rows {
		return 0
	}
	return t.merges[c-t.rows].Height
}

// leaves are the clusters that the last merges join, at most so many, part A before part B.
// Merges at height 0 are not among those.
func (t *dendrogram) leaves(most int) []int {
	shown := min(len(t.merges), max(0, most-1))
	for shown > 0 && t.merges[len(t.merges)-shown].Height == 0 {
		shown--
	}
	var out []int
	left := []int{len(t.size) - 1}
	for len(left) > 0 {
		c := left[len(left)-1]
		left = left[:len(left)-1]
		if c < len(t.size)-shown {
			out = append(out, c)
			continue
		}
		m := t.merges[c-t.rows]
		left = append(left, m.B, m.A)
	}
	return out
}

// roots are the clusters after the first merges, by falling size, then by first row.
func (t *dendrogram) roots(merges int) []int {
	merged := make([]bool, t.rows+merges)
	for _, m := range t.merges[:merges] {
		merged[m.A], merged[m.B] = true, true
	}
	var out []int
	for c, gone := range merged {
		if !gone {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b int) int {
		return cmp.Or(cmp.Compare(t.size[b], t.size[a]), cmp.Compare(t.first[a], t.first[b]))
	})
	return out
}

// strip is the classes of the rows of each leaf. A nil strip has none.
type strip struct {
	names  []string         // shown, in order
	counts []map[string]int // by leaf, of all classes
	others bool             // there are more classes
}

const (
	stripClasses = 6
	noName       = "(no name)"
)

func newStrip(classes, order []string, t *dendrogram, leaves []int) *strip {
	classes = classes[:min(len(classes), t.rows)]
	if len(classes) == 0 {
		return nil
	}
	in := make([]int, len(t.size)) // by cluster: its leaf, plus one
	for i, c := range leaves {
		in[c] = i + 1
	}
	for c := len(in) - 1; c >= t.rows; c-- {
		if m := t.merges[c-t.rows]; in[c] > 0 {
			in[m.A], in[m.B] = in[c], in[c]
		}
	}
	s := &strip{counts: make([]map[string]int, len(leaves))}
	for i := range s.counts {
		s.counts[i] = map[string]int{}
	}
	all := map[string]int{}
	for row, class := range classes {
		s.counts[in[row]-1][class]++
		all[class]++
	}
	for _, name := range order {
		if all[name] > 0 && !slices.Contains(s.names, name) {
			s.names = append(s.names, name)
		}
	}
	if len(order) == 0 {
		s.names = slices.SortedFunc(maps.Keys(all), func(a, b string) int {
			return cmp.Or(cmp.Compare(all[b], all[a]), cmp.Compare(a, b))
		})
	}
	s.names = s.names[:min(len(s.names), stripClasses)]
	s.others = len(all) > len(s.names)
	return s
}

// commonest is the most frequent class of a leaf, the first by name of a tie, and its
// share of the rows that have one.
func (s *strip) commonest(leaf int) (name string, part float64) {
	if s == nil {
		return "", 0
	}
	total, most := 0, 0
	for _, class := range slices.Sorted(maps.Keys(s.counts[leaf])) {
		n := s.counts[leaf][class]
		total += n
		if n > most {
			name, most = class, n
		}
	}
	return name, float64(most) / math.Max(1, float64(total))
}

// Classes are greys and hatches, for the colours are the clusters'.
var stripLooks = []struct {
	color   color.NRGBA
	texture int
}{{mix(white, ink, 0.22), 0}, {mix(white, ink, 0.88), 0}, {mix(white, ink, 0.8), 2}, {mix(white, ink, 0.5), 0}, {mix(white, ink, 0.95), 1}, {mix(white, ink, 0.45), 2}}

// show draws the shares of the classes right of the axes, a bar a leaf.
func (s *strip) show(to *sheet) {
	if s == nil {
		return
	}
	const width = 84
	for i, name := range s.names {
		to.key(key{name: or(clean(name), noName), fill: stripLooks[i].color, texture: stripLooks[i].texture})
	}
	if s.others {
		to.key(key{name: "others", fill: noValue})
	}
	to.right = width + 10
	to.draw(func(p pen) {
		for i, counts := range s.counts {
			total := 0
			for _, n := range counts {
				total += n
			}
			if total == 0 {
				continue
			}
			y := p.y(float64(len(s.counts) - 1 - i))
			half := min(5.5, (p.Max.Y-p.Min.Y)/vg.Length(3*len(s.counts)))
			x0 := p.Max.X + 10
			bar := func(n int, look int) {
				x1 := x0 + width*vg.Length(n)/vg.Length(total)
				a, b := vg.Point{X: x0, Y: y - half}, vg.Point{X: x1, Y: y + half}
				if look < 0 {
					rectangle(p.Canvas, a, b, noValue, nil)
				} else if n > 0 {
					textured(p.Canvas, a, b, stripLooks[look].color, stripLooks[look].texture)
				}
				x0 = x1
			}
			rest := total
			for k, name := range s.names {
				bar(counts[name], k)
				rest -= counts[name]
			}
			bar(rest, -1)
		}
	})
}
