package cluster

import (
	"cmp"
	"context"
	"math"
	"slices"

	"flowbook/internal/par"
)

// pairs holds the distinct rows of a silhouette by cluster and, in the end, each
// one's mean distance within its cluster and to the nearest other.
//
// Rows are kept as what differs from base: x = base + d, d mostly zero, so that
//
//	|x-y|² = |d|² + |e|² - 2 d·e
//
// costs as many products as e has numbers. Where the difference cancels (the result
// is below cancelled times the sum) it is worked out from the rows themselves; elsewhere
// rounding moves a distance by less than 1e-9 of itself.
type pairs struct {
	x        Matrix
	row      []int     // of x, for each distinct row
	weight   []float64 // how many rows are equal to it
	own      []int     // its cluster, rising
	place    []int     // for each row given, the distinct row that it is
	size     []float64 // rows of each cluster
	first    []int     // distinct rows of cluster c: first[c] ≤ i < first[c+1]
	norm     []float64 // |d|²
	start    []int     // entries of row i: start[i] ≤ e < start[i+1]
	col      []int32
	val      []float64
	inner    []float64 // mean distance to the rest of its cluster
	outer    []float64 // least mean distance to another cluster
	distinct int
}

const (
	lanes     = 4    // rows worked on at a time
	tileRows  = 128  // rows of a tile
	bandWidth = 64   // clusters whose sums are held at a time
	cancelled = 1e-6 // share of the squared norms below which a squared distance counts as cancelled
)

// newPairs takes the rows used of x, in the clusters own of k.
func newPairs(x Matrix, used, own []int, k int) *pairs {
	p := &pairs{x: x, place: make([]int, len(used)), size: make([]float64, k), first: make([]int, k+1)}
	order := make([]int, len(used))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(own[a]-own[b], slices.Compare(x.Row(used[a]), x.Row(used[b])), a-b)
	})
	for n, i := range order {
		r, c := used[i], own[i]
		if n == 0 || c != p.own[len(p.own)-1] || !slices.Equal(x.Row(r), x.Row(p.row[len(p.row)-1])) {
			p.row, p.own, p.weight = append(p.row, r), append(p.own, c), append(p.weight, 0)
		}
		p.place[i] = len(p.row) - 1
		p.weight[len(p.row)-1]++
		p.size[c]++
		p.first[c+1] = len(p.row)
	}
	p.distinct = len(p.row)
	p.compact()
	p.inner, p.outer = make([]float64, p.distinct), make([]float64, p.distinct)
	for i := range p.outer {
		p.outer[i] = math.Inf(1)
	}
	return p
}

// compact stores what differs from the base.
func (p *pairs) compact() {
	base := make([]float64, p.x.P)
	par.Do(p.x.P, func(j int) { base[j] = p.base(j) })
	p.norm, p.start = make([]float64, p.distinct), make([]int, p.distinct+1)
	for i, r := range p.row {
		for j, v := range p.x.Row(r) {
			if d := v - base[j]; d != 0 {
				p.col, p.val = append(p.col, int32(j)), append(p.val, d)
				p.norm[i] += float64(d * d)
			}
		}
		p.start[i+1] = len(p.val)
	}
}

// base is the value that at least half of a sample of the rows have in column j,
// else the column's mean.
func (p *pairs) base(j int) float64 {
	const most = 1023
	var seen []float64
	for i := 0; i < p.distinct; i += max(1, p.distinct/most) {
		seen = append(seen, p.x.Row(p.row[i])[j])
	}
	slices.Sort(seen)
	if v := seen[len(seen)/2]; 2*countOf(seen, v) >= len(seen) {
		return v
	}
	sum := 0.0
	for _, r := range p.row {
		sum += p.x.Row(r)[j] / float64(p.distinct)
	}
	return sum
}

// countOf is how often v is in sorted values.
func countOf(sorted []float64, v float64) int {
	lo, _ := slices.BinarySearch(sorted, v)
	hi, _ := slices.BinarySearch(sorted, math.Nextafter(v, math.Inf(1)))
	return hi - lo
}

// width is the silhouette of a distinct row.
func (p *pairs) width(i int) float64 {
	a, b := p.inner[i], p.outer[i]
	if p.size[p.own[i]] == 1 || a == b { // also where both are 0
		return 0
	}
	return (b - a) / max(a, b)
}

// run works through the bands of clusters, two at a time.
func (p *pairs) run(ctx context.Context) error {
	k := len(p.size)
	task := par.Track(ctx, "silhouette", par.Count(k, bandWidth)*(par.Count(k, bandWidth)+1)/2)
	defer task.Done()
	for a := 0; a < k; a += bandWidth {
		for b := a; b < k; b += bandWidth {
			if err := p.between(ctx, p.band(a), p.band(b)); err != nil {
				return err
			}
			task.Add(1)
		}
	}
	return nil
}

// band is a run of clusters and the sums of distances to the clusters of another.
type band struct {
	lo, hi int       // distinct rows
	c, k   int       // clusters c … c+k-1
	other  int       // clusters of the other band
	sum    []float64 // row × other
}

func (p *pairs) band(c int) *band {
	to := min(c+bandWidth, len(p.size))
	return &band{lo: p.first[c], hi: p.first[to], c: c, k: to - c}
}

func (b *band) tiles() int { return par.Count(b.hi-b.lo, tileRows) }

// tile is the rows of the i-th tile.
func (b *band) tile(i int) (lo, hi int) {
	lo = b.lo + i*tileRows
	return lo, min(lo+tileRows, b.hi)
}

// between adds up the distances between the rows of two bands, or within one. In
// each round a tile meets at most one other, so that tiles work side by side and
// sums are added in the order of the rounds.
func (p *pairs) between(ctx context.Context, a, b *band) error {
	if a.c == b.c {
		b = a
	}
	a.prepare(b.k)
	if a != b {
		b.prepare(a.k)
	}
	n := max(a.tiles(), b.tiles())
	for round := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		par.Do(a.tiles(), func(i int) {
			j := (round - i + n) % n
			if j < b.tiles() && (a != b || i <= j) {
				p.meet(a, b, i, j)
			}
		})
	}
	p.settle(a, b)
	if a != b {
		p.settle(b, a)
	}
	return nil
}

func (b *band) prepare(other int) {
	b.other, b.sum = other, make([]float64, (b.hi-b.lo)*other)
}

// settle turns sums into means.
func (p *pairs) settle(a, b *band) {
	for i := a.lo; i < a.hi; i++ {
		for c, sum := range a.sum[(i-a.lo)*b.k : (i-a.lo+1)*b.k] {
			if n := p.size[b.c+c]; b.c+c != p.own[i] {
				p.outer[i] = min(p.outer[i], sum/n)
			} else if n > 1 {
				p.inner[i] = sum / (n - 1)
			}
		}
	}
}

// meet adds the distances between two tiles to the sums of both; a tile that meets
// itself sees each pair twice and adds for the left row only.
func (p *pairs) meet(a, b *band, ti, tj int) {
	lo, hi := a.tile(ti)
	z := make([][lanes]float64, p.x.P)
	for i := lo; i < hi; {
		c := p.own[i]
		n := min(lanes, hi-i, p.first[c+1]-i) // rows of one cluster
		for l := range n {
			for e := p.start[i+l]; e < p.start[i+l+1]; e++ {
				z[p.col[e]][l] = p.val[e]
			}
		}
		p.strip(a, b, i, n, tj, z, a == b && ti == tj)
		for e := p.start[i]; e < p.start[i+n]; e++ {
			z[p.col[e]] = [lanes]float64{}
		}
		i += n
	}
}

// strip adds the distances of n rows from i, of one cluster and written to z side by
// side, to those of a tile.
func (p *pairs) strip(a, b *band, i, n, tj int, z [][lanes]float64, same bool) {
	var norm, weight [lanes]float64
	copy(norm[:], p.norm[i:i+n])
	copy(weight[:], p.weight[i:i+n])
	lo, hi := b.tile(tj)
	var dot [tileRows][lanes]float64
	p.dots(dot[:hi-lo], z, lo)
	own := p.own[i] - a.c
	for j := lo; j < hi; {
		c := p.own[j]
		from, end := j, min(hi, p.first[c+1])
		var s0, s1, s2, s3 float64
		for ; j < end; j++ {
			d, m, w := &dot[j-lo], p.norm[j], p.weight[j]
			m0, m1, m2, m3 := norm[0]+m, norm[1]+m, norm[2]+m, norm[3]+m
			d0, d1, d2, d3 := m0-2*d[0], m1-2*d[1], m2-2*d[2], m3-2*d[3]
			if d0 <= cancelled*m0 || d1 <= cancelled*m1 || d2 <= cancelled*m2 || d3 <= cancelled*m3 {
				*d = [lanes]float64{d0, d1, d2, d3}
				p.exact(d, i, n, j)
				d0, d1, d2, d3 = d[0], d[1], d[2], d[3]
			}
			d0, d1, d2, d3 = math.Sqrt(d0), math.Sqrt(d1), math.Sqrt(d2), math.Sqrt(d3)
			s0 += float64(w * d0)
			s1 += float64(w * d1)
			s2 += float64(w * d2)
			s3 += float64(w * d3)
			d[0] = (float64(weight[0]*d0) + float64(weight[1]*d1)) + (float64(weight[2]*d2) + float64(weight[3]*d3))
		}
		sum := [lanes]float64{s0, s1, s2, s3}
		for l, s := range sum[:n] {
			a.sum[(i+l-a.lo)*a.other+c-b.c] += s
		}
		if !same {
			for j := from; j < end; j++ {
				b.sum[(j-b.lo)*b.other+own] += dot[j-lo][0]
			}
		}
	}
}

// exact works out squared distances to row j that cancelled.
func (p *pairs) exact(d *[lanes]float64, i, n, j int) {
	for l := range n {
		if d[l] <= cancelled*(p.norm[i+l]+p.norm[j]) {
			d[l] = distance2(p.x.Row(p.row[i+l]), p.x.Row(p.row[j]))
		}
	}
}

// dots multiplies the rows in z with those from lo.
func (p *pairs) dots(dot, z [][lanes]float64, lo int) {
	from := p.start[lo]
	for i := range dot {
		to := p.start[lo+i+1]
		val, col := p.val[from:to], p.col[from:to]
		col = col[:len(val)]
		from = to
		var s0, s1, s2, s3 float64
		for e, v := range val {
			q := &z[col[e]]
			s0 += float64(v * q[0])
			s1 += float64(v * q[1])
			s2 += float64(v * q[2])
			s3 += float64(v * q[3])
		}
		dot[i] = [lanes]float64{s0, s1, s2, s3}
	}
}
