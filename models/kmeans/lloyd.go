package kmeans

// Symbols (Hamerly 2010): a[i] the cluster of row i; u[i] at least its distance to
// that center; l[i] at most its distance to any other; s[c] half the distance from
// center c to the nearest other. A row with u ≤ max(s, l) keeps its cluster.

import (
	"context"
	"math"
)

type lloyd struct {
	pt      *points
	k       int
	centers [][]float64
	square  []float64 // squared length of each center
	t       []float64 // centers, transposed
	a       []int32
	u, l    []float64
	sums    []float64 // k × p, weighted
	mass    []float64
	moved   []float64 // how far each center went in the last round
	s       []float64
	floor   float64 // mass that only rounding has left
	rounds  int
	inertia float64
}

func newLloyd(pt *points, centers [][]float64) *lloyd {
	k := len(centers)
	y := &lloyd{pt: pt, k: k, square: make([]float64, k), t: make([]float64, k*pt.p), a: make([]int32, pt.n),
		u: make([]float64, pt.n), l: make([]float64, pt.n), sums: make([]float64, k*pt.p), mass: make([]float64, k),
		moved: make([]float64, k), s: make([]float64, k)}
	for _, c := range centers {
		y.centers = append(y.centers, append([]float64(nil), c...))
	}
	for _, w := range pt.weight {
		y.floor += w * 1e-13
	}
	return y
}

// drop gives back all but the centers and the score.
func (y *lloyd) drop() {
	*y = lloyd{k: y.k, centers: y.centers, rounds: y.rounds, inertia: y.inertia}
}

// run goes on until no row changes its cluster, the centers' squared shifts sum to
// at most limit, or the rounds are used up.
func (y *lloyd) run(ctx context.Context, maxRounds int, limit float64) error {
	y.prepare()
	y.pass(ctx, true)
	for y.rounds = 1; y.rounds < maxRounds; y.rounds++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		shift := y.move()
		y.prepare()
		if changed := y.pass(ctx, false); changed == 0 || shift <= limit {
			break
		}
	}
	return ctx.Err()
}

// prepare derives from the centers what a pass needs.
func (y *lloyd) prepare() {
	transpose(y.centers, y.pt.p, y.t)
	for c, center := range y.centers {
		y.square[c] = 0
		for _, v := range center {
			y.square[c] += float64(v * v)
		}
		y.s[c] = math.Inf(1)
	}
	for c := range y.k {
		for d := range c {
			q := 0.0
			for j, v := range y.centers[c] {
				w := v - y.centers[d][j]
				q += float64(w * w)
			}
			half := math.Sqrt(q) / 2
			y.s[c], y.s[d] = min(y.s[c], half), min(y.s[d], half)
		}
	}
}

// pass brings bounds up to date, gives each row its nearest center and keeps the
// sums of the clusters. It returns how many rows changed, and stops midway once ctx is
// done.
func (y *lloyd) pass(ctx context.Context, first bool) int {
	pt, k := y.pt, y.k
	top, second, far := 0.0, 0.0, -1
	for c, v := range y.moved {
		if v > top {
			top, second, far = v, top, c
		} else if v > second {
			second = v
		}
	}
	var sums, mass [parts][]float64
	var changed [parts]int
	pt.over(func(part, lo, hi int) {
		sum, m, z := make([]float64, k*pt.p), make([]float64, k), make([]float64, k)
		n := 0
		for i := lo; i < hi; i++ {
			if (i-lo)%4096 == 4095 && ctx.Err() != nil {
				break
			}
			own := y.a[i]
			if !first {
				y.u[i] += y.moved[own]
				if int(own) == far {
					y.l[i] -= second
				} else {
					y.l[i] -= top
				}
				bound := max(y.s[own], y.l[i])
				if y.u[i] <= bound {
					continue
				}
				y.u[i] = math.Sqrt(max(0, pt.norm[i]-2*pt.dot(i, y.centers[own])+y.square[own]))
				if y.u[i] <= bound {
					continue
				}
			}
			pt.dots(i, k, y.t, z)
			c, best, next := nearest(z, y.square)
			at := int32(c)
			y.u[i] = math.Sqrt(max(0, pt.norm[i]+best))
			y.l[i] = math.Sqrt(max(0, pt.norm[i]+next))
			if at == own && !first {
				continue
			}
			n++
			y.a[i] = at
			w := pt.weight[i]
			m[at] += w
			pt.addTo(i, w, sum[int(at)*pt.p:])
			if !first {
				m[own] -= w
				pt.addTo(i, -w, sum[int(own)*pt.p:])
			}
		}
		sums[part], mass[part], changed[part] = sum, m, n
	})
	total := 0
	for part := range sums {
		for j, v := range sums[part] {
			y.sums[j] += v
		}
		for c, v := range mass[part] {
			y.mass[c] += v
		}
		total += changed[part]
	}
	return total
}

// nearest returns the index, the lower of a tie, and the value of the least of
// square - 2z, and the value of the second.
func nearest(z, square []float64) (at int, best, next float64) {
	best, next = math.Inf(1), math.Inf(1)
	square = square[:len(z)]
	for c, v := range z {
		if d := square[c] - 2*v; d < best {
			best, next, at = d, best, c
		} else if d < next {
			next = d
		}
	}
	return at, best, next
}

// exact takes the sums anew, without what rounding has left in them, and the
// centers to their means.
func (y *lloyd) exact() {
	clear(y.sums)
	clear(y.mass)
	for i, a := range y.a {
		w := y.pt.weight[i]
		y.mass[a] += w
		y.pt.addTo(i, w, y.sums[int(a)*y.pt.p:])
	}
	y.move()
}

// addTo adds w times row i.
func (pt *points) addTo(i int, w float64, sum []float64) {
	for e := pt.start[i]; e < pt.start[i+1]; e++ {
		sum[pt.col[e]] += float64(w * pt.val[e])
	}
}

// move takes each center to the mean of its rows and returns the sum of the
// squared shifts. A cluster without weight gets the farthest row.
func (y *lloyd) move() float64 {
	for c, m := range y.mass {
		if !(m > y.floor) {
			y.relocate(c)
		}
	}
	total := 0.0
	for c, center := range y.centers {
		q := 0.0
		for j := range center {
			v := y.sums[c*y.pt.p+j] / y.mass[c]
			d := v - center[j]
			q += float64(d * d)
			center[j] = v
		}
		y.moved[c] = math.Sqrt(q)
		total += q
	}
	return total
}

// relocate gives cluster c the row farthest from its center, the first of a tie,
// out of a cluster that keeps another.
func (y *lloyd) relocate(c int) {
	pt := y.pt
	rows := make([]int, y.k)
	for i, a := range y.a {
		if pt.weight[i] > 0 {
			rows[a]++
		}
	}
	far, at := -1.0, -1
	for i, a := range y.a {
		if rows[a] < 2 || pt.weight[i] == 0 {
			continue
		}
		if d := pt.norm[i] - 2*pt.dot(i, y.centers[a]) + y.square[a]; d > far {
			far, at = d, i
		}
	}
	if at < 0 { // no rows to spare: the center stays
		y.mass[c] = 1
		copy(y.sums[c*pt.p:(c+1)*pt.p], y.centers[c])
		return
	}
	own := int(y.a[at])
	w := pt.weight[at]
	y.mass[own] -= w
	pt.addTo(at, -w, y.sums[own*pt.p:])
	y.a[at] = int32(c)
	y.mass[c] = w
	clear(y.sums[c*pt.p : (c+1)*pt.p])
	pt.addTo(at, w, y.sums[c*pt.p:])
	y.u[at], y.l[at] = math.Inf(1), 0 // its bounds are void
}

// score sets the inertia: the weighted squared distances to the nearest centers.
func (y *lloyd) score() {
	var sums [parts]float64
	y.pt.over(func(part, lo, hi int) {
		sum := 0.0
		for i := lo; i < hi; i++ {
			a := y.a[i]
			d := y.pt.norm[i] - 2*y.pt.dot(i, y.centers[a]) + y.square[a]
			sum += float64(y.pt.weight[i] * max(0, d))
		}
		sums[part] = sum
	})
	y.inertia = 0
	for _, v := range sums {
		y.inertia += v
	}
}
