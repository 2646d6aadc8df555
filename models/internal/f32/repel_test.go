package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// swarm is n points and m bodies, some of them at one place, and sums begun.
func swarm(g *rand.Rand, n, m int) (all []float32, bodies []Body) {
	all = random(g, 5*n)
	bodies = make([]Body, m)
	for j := range bodies {
		bodies[j] = Body{float32(g.NormFloat64()), float32(3 * g.NormFloat64()), float32(1 + g.IntN(9))}
		if n > 0 && g.IntN(4) == 0 {
			bodies[j].X, bodies[j].Y = all[3*n], all[4*n]
		}
	}
	return all, bodies
}

func TestRepelEqualsPlain(t *testing.T) {
	g := rand.New(rand.NewPCG(9, 1))
	for _, n := range sizes {
		for _, m := range []int{0, 1, 2, 7, 100} {
			all, bodies := swarm(g, n, m)
			both(t, fmt.Sprintf("%d points, %d bodies", n, m), all, func(v []float32) {
				Repel(v[:n], v[n:2*n], v[2*n:3*n], v[3*n:4*n], v[4*n:], bodies)
			})
			clusters := make([]Cluster, m)
			for j, b := range bodies {
				clusters[j] = Cluster{b.X, b.Y, b.Mass, float32(g.ExpFloat64()), float32(g.NormFloat64()), float32(g.ExpFloat64())}
			}
			both(t, fmt.Sprintf("%d points, %d clusters", n, m), all, func(v []float32) {
				RepelFar(v[:n], v[n:2*n], v[2*n:3*n], v[3*n:4*n], v[4*n:], clusters)
			})
		}
	}
}

// TestRepelIsASum compares with sums in float64.
func TestRepelIsASum(t *testing.T) {
	g := rand.New(rand.NewPCG(9, 2))
	const n, m = 19, 50
	all, bodies := swarm(g, n, m)
	x, y := all[3*n:4*n], all[4*n:]
	z, fx, fy := make([]float32, n), make([]float32, n), make([]float32, n)
	Repel(z, fx, fy, x, y, bodies)
	for i := range n {
		var want [3]float64
		for _, b := range bodies {
			dx, dy := float64(x[i])-float64(b.X), float64(y[i])-float64(b.Y)
			q := 1 / (1 + dx*dx + dy*dy)
			want[0] += float64(b.Mass) * q
			want[1] += float64(b.Mass) * q * q * dx
			want[2] += float64(b.Mass) * q * q * dy
		}
		for k, got := range []float32{z[i], fx[i], fy[i]} {
			if !(math.Abs(float64(got)-want[k]) <= 1e-5*(1+math.Abs(want[0]))) {
				t.Errorf("sum %d of point %d is %v, want %v", k, i, got, want[k])
			}
		}
	}
}

// TestClusterStandsForItsPoints: what four points in balance do from afar is what their cluster
// does, but for terms of fourth order: with half the width the error is a sixteenth.
func TestClusterStandsForItsPoints(t *testing.T) {
	x, y := []float32{0}, []float32{0}
	miss := func(width float32) (far, plain float64) {
		bodies := []Body{{3 - width, 2 - width, 1}, {3 + width, 2 + width, 1}, {3 - width/2, 2, 1}, {3 + width/2, 2, 1}}
		var c Cluster
		for _, b := range bodies {
			c.X, c.Y, c.Mass = c.X+b.X*b.Mass/4, c.Y+b.Y*b.Mass/4, c.Mass+b.Mass
		}
		for _, b := range bodies {
			dx, dy := b.X-c.X, b.Y-c.Y
			c.XX, c.XY, c.YY = c.XX+b.Mass*float32(dx*dx), c.XY+b.Mass*float32(dx*dy), c.YY+b.Mass*float32(dy*dy)
		}
		var want, got, rough [3]float32
		Repel(want[:1], want[1:2], want[2:], x, y, bodies)
		RepelFar(got[:1], got[1:2], got[2:], x, y, []Cluster{c})
		Repel(rough[:1], rough[1:2], rough[2:], x, y, []Body{{c.X, c.Y, c.Mass}})
		for k := range want {
			far = max(far, math.Abs(float64(got[k]/want[k]-1)))
			plain = max(plain, math.Abs(float64(rough[k]/want[k]-1)))
		}
		return far, plain
	}
	wide, rough := miss(0.5)
	half, _ := miss(0.25)
	if !(wide < 0.01 && rough > 4*wide && half < wide/12) {
		t.Errorf("errors %v and, of half the width, %v; without moments %v", wide, half, rough)
	}
}

func BenchmarkRepel(b *testing.B) {
	all, bodies := swarm(rand.New(rand.NewPCG(1, 1)), 32, 1000)
	for b.Loop() {
		Repel(all[:32], all[32:64], all[64:96], all[96:128], all[128:], bodies)
	}
	b.ReportMetric(32*1000*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gpairs/s")
}

func BenchmarkRepelFar(b *testing.B) {
	all, bodies := swarm(rand.New(rand.NewPCG(1, 1)), 32, 1000)
	clusters := make([]Cluster, len(bodies))
	for j, c := range bodies {
		clusters[j] = Cluster{c.X, c.Y, c.Mass, 1, 0.5, 2}
	}
	for b.Loop() {
		RepelFar(all[:32], all[32:64], all[64:96], all[96:128], all[128:], clusters)
	}
	b.ReportMetric(32*1000*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gpairs/s")
}
