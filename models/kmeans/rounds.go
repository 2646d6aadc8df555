package kmeans

import (
	"context"
	"math"

	"flowbook/internal/par"
	"flowbook/models/internal/f32"
)

// rounds are Lloyd's, on a source. Each reads it once. Products of rows and centers are
// taken in float32, 8 at a time; where the best two are closer than rounding may
// have moved them, in float64, so that every row gets its nearest center. Distances
// and means are float64.
type rounds struct {
	s       *stream
	k       int
	mean    []float64 // of all rows
	unit    float64
	centers []float64 // by column: centers[j*k+c]
	coef    []float32 // -2 times center c, shifted by the mean, in units: coef[c*p+j]
	bias    []float32 // its squared length
	slack   float64   // errors of scores: slack · (1 + 2·length of the row / longest)
	longest float64
	spaces  []*space // by tile

	sums, mass []float64 // of w(x-c), as centers, and of w
	inertia    float64
	far        float64 // greatest squared distance of a row that has weight, and the row
	farthest   []float64
	passes     int
}

// space is what a tile needs.
type space struct {
	x, score   []float32 // by column; by center
	best, next []float32
	at         []int32
	dist       []float64

	sums, mass []float64
	inertia    float64
	far        float64
	farthest   int
}

func newRounds(s *stream, all *spread, centers [][]float64, base []float64) *rounds {
	p, k := s.plan.Width(), len(centers)
	r := &rounds{s: s, k: k, mean: all.mean, unit: all.unit(), centers: make([]float64, p*k), coef: make([]float32, k*p), bias: make([]float32, k),
		sums: make([]float64, p*k), mass: make([]float64, k), farthest: make([]float64, p), spaces: make([]*space, s.size/tile)}
	for c, center := range centers {
		for j, v := range center {
			r.centers[j*k+c] = v + base[j]
		}
	}
	for t := range r.spaces {
		r.spaces[t] = &space{x: make([]float32, p*tile), score: make([]float32, k*tile), best: make([]float32, tile), next: make([]float32, tile),
			at: make([]int32, tile), dist: make([]float64, tile), sums: make([]float64, p*k), mass: make([]float64, k)}
	}
	return r
}

// from is the centers, counted from a base.
func (r *rounds) from(base []float64) [][]float64 {
	out := make([][]float64, r.k)
	for c := range out {
		out[c] = make([]float64, len(base))
		for j, b := range base {
			out[c][j] = r.centers[j*r.k+c] - b
		}
	}
	return out
}

// enough is the share of the inertia that a round must win for another to follow.
const enough = 1e-5

// run goes on until a round no longer pays.
func (r *rounds) run(ctx context.Context, most int) error {
	before := math.Inf(1)
	for {
		if err := r.pass(ctx); err != nil {
			return err
		}
		if r.passes == most || !(before-r.inertia > enough*r.inertia) {
			return nil
		}
		before = r.inertia
		r.move()
	}
}

// move takes each center to the mean of its rows; one without rows to the row
// farthest from its center.
func (r *rounds) move() {
	for c, m := range r.mass {
		for j, x := range r.farthest {
			at := j*r.k + c
			switch {
			case m > 0:
				r.centers[at] += r.sums[at] / m
			case r.far > 0:
				r.centers[at] = x
			}
		}
		if m == 0 {
			r.far = 0
		}
	}
}

// pass labels all rows and keeps sums, weights and inertia.
func (r *rounds) pass(ctx context.Context) error {
	r.prepare()
	r.passes++
	r.inertia, r.far = 0, 0
	clear(r.sums)
	clear(r.mass)
	return r.s.pass(ctx, "k-means round", func(n int) {
		r.s.tiles(n, r.tile)
		for t, y := range r.spaces[:par.Count(n, tile)] {
			for i, v := range y.sums {
				r.sums[i] += v
			}
			for c, v := range y.mass {
				r.mass[c] += v
			}
			r.inertia += y.inertia
			if y.far > r.far {
				r.far = y.far
				for j := range r.farthest {
					r.farthest[j] = r.s.x[j*r.s.size+t*tile+y.farthest]
				}
			}
		}
	})
}

// prepare derives coefficients from the centers.
func (r *rounds) prepare() {
	p, k := len(r.mean), r.k
	r.longest = 0
	for c := range k {
		length := 0.0
		for j, m := range r.mean {
			v := (r.centers[j*k+c] - m) * r.unit
			r.coef[c*p+j] = float32(-2 * v)
			length += float64(v * v)
		}
		r.bias[c] = float32(length)
		r.longest = max(r.longest, math.Sqrt(length))
	}
	r.slack = 2 * float64(p+4) / (1 << 24) * r.longest
}

// tile works on rows lo ≤ i < hi of the chunk.
func (r *rounds) tile(t, lo, hi int) {
	y, p, k, n := r.spaces[t], len(r.mean), r.k, hi-lo
	for j, m := range r.mean {
		x := y.x[j*tile : j*tile+n]
		for i, v := range r.s.column(j, lo, hi) {
			x[i] = float32((v - m) * r.unit)
		}
	}
	for c, v := range r.bias {
		score := y.score[c*tile : c*tile+n]
		for i := range score {
			score[i] = v
		}
	}
	f32.MulAdd(f32.Matrix{Rows: k, Cols: n, Stride: tile, Data: y.score}, f32.Of(r.coef, k, p), f32.Matrix{Rows: p, Cols: n, Stride: tile, Data: y.x})
	y.nearest(k, n)
	r.distances(y, lo, hi)
	for i, d := range y.dist[:n] {
		// |row| is at most |center| + distance; a float32 of less than 1e-37 has fewer bits.
		length := r.longest + math.Sqrt(d)*r.unit
		if float64(y.next[i]-y.best[i]) <= r.slack*(r.longest+2*length)+1e-36 {
			r.settle(y, lo, i)
		}
	}
	r.add(y, lo, hi)
}

// nearest takes the least score of each row, and the second.
func (y *space) nearest(k, n int) {
	best, next, at := y.best[:n], y.next[:n], y.at[:n]
	copy(best, y.score)
	for i := range next {
		next[i], at[i] = math.MaxFloat32, 0
	}
	for c := 1; c < k; c++ {
		score := y.score[c*tile : c*tile+n]
		for i, v := range score {
			if v < next[i] {
				if v < best[i] {
					next[i], best[i], at[i] = best[i], v, int32(c)
				} else {
					next[i] = v
				}
			}
		}
	}
}

// distances are the squared ones of the rows to their centers.
func (r *rounds) distances(y *space, lo, hi int) {
	dist, at := y.dist[:hi-lo], y.at[:hi-lo]
	clear(dist)
	for j := range r.mean {
		centers := r.centers[j*r.k : (j+1)*r.k]
		for i, v := range r.s.column(j, lo, hi) {
			d := v - centers[at[i]]
			dist[i] += float64(d * d)
		}
	}
}

// settle finds the nearest center of one row in float64, the lower of a tie.
func (r *rounds) settle(y *space, lo, i int) {
	y.dist[i] = math.Inf(1)
	for c := range r.k {
		sum := 0.0
		for j := range r.mean {
			d := r.s.x[j*r.s.size+lo+i] - r.centers[j*r.k+c]
			sum += float64(d * d)
		}
		if sum < y.dist[i] {
			y.dist[i], y.at[i] = sum, int32(c)
		}
	}
}

// add sums up a tile.
func (r *rounds) add(y *space, lo, hi int) {
	at, w := y.at[:hi-lo], r.s.w[lo:hi]
	clear(y.sums)
	clear(y.mass)
	y.inertia, y.far = 0, 0
	for i, d := range y.dist[:hi-lo] {
		y.mass[at[i]] += w[i]
		y.inertia += float64(w[i] * d)
		if d > y.far && w[i] > 0 {
			y.far, y.farthest = d, i
		}
	}
	for j := range r.mean {
		centers, sums := r.centers[j*r.k:(j+1)*r.k], y.sums[j*r.k:(j+1)*r.k]
		for i, v := range r.s.column(j, lo, hi) {
			c := at[i]
			sums[c] += float64(w[i] * (v - centers[c]))
		}
	}
}
