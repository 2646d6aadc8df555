package f32

// Body is a point of a plane, or several that stand for one.
type Body struct{ X, Y, Mass float32 }

// Repel adds to each point (x[i], y[i]) what the bodies do to it under a Cauchy kernel,
// one body after the other:
//
//	q = 1 / (1 + dx² + dy²)    dx, dy from the body to the point
//	z[i] += mass·q             fx[i] += mass·q²·dx             fy[i] += mass·q²·dy
//
// It panics unless the five slices are of one length, and is at its best where that is
// a multiple of eight.
func Repel(z, fx, fy, x, y []float32, bodies []Body) {
	same(len(z), len(x))
	same(len(fx), len(x))
	same(len(fy), len(x))
	same(len(y), len(x))
	if len(bodies) == 0 {
		return
	}
	done := 0
	if fast {
		done = repelFast(z, fx, fy, x, y, bodies)
	}
	repelPlain(z[done:], fx[done:], fy[done:], x[done:], y[done:], bodies)
}

// repelPlain is what the assembly must equal, bit for bit.
func repelPlain(z, fx, fy, x, y []float32, bodies []Body) {
	for i, xi := range x {
		yi, sz, sx, sy := y[i], z[i], fx[i], fy[i]
		for _, b := range bodies {
			dx, dy := xi-b.X, yi-b.Y
			q := 1 / (float32(dx*dx) + float32(dy*dy) + 1)
			m := float32(b.Mass * q)
			sz += m
			m *= q
			sx += float32(m * dx)
			sy += float32(m * dy)
		}
		z[i], fx[i], fy[i] = sz, sx, sy
	}
}

// Cluster stands for many points: its centroid, its mass, and the second moments of the
// points about the centroid, Σ mass·dx² and so on.
type Cluster struct{ X, Y, Mass, XX, XY, YY float32 }

// RepelFar adds to each point what clusters do to it, as Repel does, their shape taken
// into account to second order: with S the moments, t their trace, d = (dx, dy),
//
//	z += mass·q + q²(4q dᵀSd - t)
//	f += q²(mass + q(12q dᵀSd - 2t))·d - 4q³·S d
func RepelFar(z, fx, fy, x, y []float32, clusters []Cluster) {
	same(len(z), len(x))
	same(len(fx), len(x))
	same(len(fy), len(x))
	same(len(y), len(x))
	if len(clusters) == 0 {
		return
	}
	done := 0
	if fast {
		done = repelFarFast(z, fx, fy, x, y, clusters)
	}
	repelFarPlain(z[done:], fx[done:], fy[done:], x[done:], y[done:], clusters)
}

func repelFarPlain(z, fx, fy, x, y []float32, clusters []Cluster) {
	for i, xi := range x {
		yi, sz, sx, sy := y[i], z[i], fx[i], fy[i]
		for _, c := range clusters {
			dx, dy := xi-c.X, yi-c.Y
			q := 1 / (float32(dx*dx) + float32(dy*dy) + 1)
			q2, q4 := float32(q*q), float32(4*q)
			u, v := float32(c.XX*dx)+float32(c.XY*dy), float32(c.XY*dx)+float32(c.YY*dy)
			t := c.XX + c.YY
			h := float32(q4 * (float32(u*dx) + float32(v*dy)))
			sz += float32(c.Mass*q) + float32(q2*(h-t))
			m := float32(q2 * (c.Mass + float32(q*(float32(3*h)-float32(t+t)))))
			w := float32(q4 * q2)
			sx += float32(m*dx) - float32(w*u)
			sy += float32(m*dy) - float32(w*v)
		}
		z[i], fx[i], fy[i] = sz, sx, sy
	}
}
