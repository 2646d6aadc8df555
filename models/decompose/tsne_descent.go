package decompose

import (
	"math"

	"flowbook/internal/par"
	"flowbook/models/internal/f32"
)

// descent moves the points of a map downhill.
//
//	q_ij      1 / (1 + |y_i - y_j|²)
//	y         the points, n × 2
//	gradient  4 Σ_j (p_ij - q_ij/Σq) q_ij (y_i - y_j), n × 2     [1], eq. 5
//
// Forces are summed in float32, each in one order; points move in float64.
type descent struct {
	n           int
	p           *affinities
	p32         []float32 // p.p
	theta2      float32
	y, gradient []float64
	speed       []float64 // the last step, n × 2
	gain        []float64 // factors of the rate [2], n × 2
	y32         []float32
	push        []float32 // Σ_j q_ij² (y_i - y_j), n × 2
	q           []float64 // Σ_j q_ij
	tree        *quadtree
	sights      []sight // of each block of groups
}

const (
	groupBlock = 8
	rowBlock   = 128
	blind      = 1e-7 // Σ_j q_ij below that is not seen beside the 1 of the point itself: a few points thrown far apart
)

func newDescent(p *affinities, y []float64, theta float64) *descent {
	n := len(y) / 2
	d := &descent{n: n, p: p, p32: make([]float32, len(p.p)), theta2: float32(theta * theta), y: y, gradient: make([]float64, 2*n),
		speed: make([]float64, 2*n), gain: make([]float64, 2*n), y32: make([]float32, 2*n), push: make([]float32, 2*n), q: make([]float64, n), tree: newQuadtree(n)}
	for e, v := range p.p {
		d.p32[e] = float32(v)
	}
	for i := range d.gain {
		d.gain[i] = 1
	}
	return d
}

// slope fills the gradient with all p multiplied by exaggeration. It returns Σq, over
// all pairs.
func (d *descent) slope(exaggeration float64) float64 {
	d.tree.build(d.y)
	for i, v := range d.y {
		d.y32[i] = float32(v)
	}
	groups := d.tree.groups
	for len(d.sights) < par.Count(len(groups), groupBlock) {
		d.sights = append(d.sights, sight{})
	}
	par.Blocks(len(groups), groupBlock, func(b, lo, hi int) {
		for _, g := range groups[lo:hi] {
			d.repel(g, &d.sights[b])
		}
	})
	total := 0.0
	for _, v := range d.q {
		total += v
	}
	total = max(total, blind*float64(d.n))
	par.Blocks(d.n, rowBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			x, y := d.attract(i)
			d.gradient[2*i] = 4 * (float64(exaggeration*float64(x)) - float64(d.push[2*i])/total)
			d.gradient[2*i+1] = 4 * (float64(exaggeration*float64(y)) - float64(d.push[2*i+1])/total)
		}
	})
	return total
}

// repel sums what all points do to those of a group, eight of these at a time.
func (d *descent) repel(g group, s *sight) {
	var q, fx, fy, x, y [runSize]float32
	for i, b := range d.tree.body[g.lo:g.hi] {
		x[i], y[i] = b.X, b.Y
	}
	n := (g.hi - g.lo + 7) / 8 * 8
	d.tree.look(g, d.theta2, s)
	f32.Repel(q[:n], fx[:n], fy[:n], x[:n], y[:n], s.near)
	f32.RepelFar(q[:n], fx[:n], fy[:n], x[:n], y[:n], s.far)
	for i, row := range d.tree.row[g.lo:g.hi] {
		d.q[row] = float64(q[i]) - 1 // without the point itself
		d.push[2*row], d.push[2*row+1] = fx[i], fy[i]
	}
}

// attract is Σ_j p_ij q_ij (y_i - y_j).
func (d *descent) attract(i int) (fx, fy float32) {
	xi, yi := d.y32[2*i], d.y32[2*i+1]
	lo, hi := d.p.start[i], d.p.start[i+1]
	col, p := d.p.col[lo:hi], d.p32[lo:hi]
	for e, j := range col {
		dx, dy := xi-d.y32[2*j], yi-d.y32[2*j+1]
		f := p[e] / (float32(dx*dx) + float32(dy*dy) + 1)
		fx += float32(f * dx)
		fy += float32(f * dy)
	}
	return fx, fy
}

// step moves the points against the gradient: on by momentum times the last step, and by
// a rate for each coordinate, which grows while its steps keep their direction [2]. It
// returns the largest coordinate, NaN if there is one.
func (d *descent) step(rate, momentum float64) float64 {
	far := 0.0
	for i, g := range d.gradient {
		if g*d.speed[i] < 0 {
			d.gain[i] += 0.2
		} else {
			d.gain[i] = max(0.01, d.gain[i]*0.8)
		}
		d.speed[i] = float64(momentum*d.speed[i]) - float64(rate*float64(d.gain[i]*g))
		d.y[i] += d.speed[i]
		far = max(far, math.Abs(d.y[i]))
	}
	return far
}

// centre shifts the points to mean 0.
func (d *descent) centre() {
	for c := range 2 {
		sum := 0.0
		for i := c; i < len(d.y); i += 2 {
			sum += d.y[i]
		}
		for i := c; i < len(d.y); i += 2 {
			d.y[i] -= sum / float64(d.n)
		}
	}
}
