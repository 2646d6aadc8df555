package dbscan

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// naive is DBSCAN as its definition reads: all distances, then clusters from the lowest
// core row on. Labels are those of Result.
func naive(eps float64, minPoints int, x [][]float64, w []float64) (labels []int, core []bool) {
	n := len(x)
	near := make([][]int, n)
	core = make([]bool, n)
	for i := range x {
		held := 0.0
		for j := range x {
			s := 0.0
			for k, v := range x[i] {
				d := v - x[j][k]
				s += float64(d * d)
			}
			if s <= float64(eps*eps) {
				near[i] = append(near[i], j)
				held += weightOf(w, j)
			}
		}
		core[i] = held >= float64(minPoints)*(1-1e-12)
	}
	cluster := slices.Repeat([]int{noise}, n)
	for i := range x {
		if !core[i] || cluster[i] != noise {
			continue
		}
		cluster[i] = i
		for todo := []int{i}; len(todo) > 0; {
			at := todo[0]
			todo = todo[1:]
			for _, j := range near[at] {
				if cluster[j] == noise {
					if cluster[j] = i; core[j] {
						todo = append(todo, j)
					}
				}
			}
		}
	}
	mass := make([]float64, n)
	for i, c := range cluster {
		if c != noise {
			mass[c] += weightOf(w, i)
		}
	}
	labels = make([]int, n)
	for i, c := range cluster {
		if labels[i] = noise; c != noise {
			labels[i] = 0
			for d := range cluster {
				if d != c && cluster[d] == d && (mass[d] > mass[c] || mass[d] == mass[c] && d < c) {
					labels[i]++
				}
			}
		}
	}
	return labels, core
}

func tabled(x [][]float64, w []float64) table.View {
	var columns []table.Column
	for j := range x[0] {
		v := make([]float64, len(x))
		for i := range v {
			v[i] = x[i][j]
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	if w != nil {
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	return table.Must(table.New("generated", columns...)).View()
}

func fit(t testing.TB, c Config, v table.View) Result {
	t.Helper()
	r, err := c.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// random draws rows of some kind: clouds, grids full of ties at Eps, copies, flags,
// tails, far origins where dot products cancel.
func random(round int) (eps float64, x [][]float64, w []float64) {
	g := rng.New(11).Index("round", round).Rand()
	n, p := 1+g.IntN(500), 1+g.IntN(9)
	eps = []float64{0.1, 0.3, 1, 3}[g.IntN(4)]
	x = make([][]float64, n)
	for i := range x {
		x[i] = make([]float64, p)
		c := float64(g.IntN(5))
		for j := range x[i] {
			v := g.NormFloat64()
			switch (round + j%2) % 7 {
			case 0:
				v = 0.1 * float64(g.IntN(12)) // ties at .1, .3
			case 1:
				v = 4*c + v/2
			case 2:
				v = float64(g.IntN(2))
			case 3:
				v = math.Exp(3 * v)
			case 4:
				v = 1e8 + 0.1*math.Round(10*v) + c
			case 5:
				v = 0.25*math.Round(v) + 10*c
			}
			x[i][j] = v
		}
	}
	if round%3 == 1 { // copies
		for i := range x {
			x[i] = slices.Clone(x[g.IntN(1+n/2)])
		}
	}
	if round%4 == 2 {
		w = make([]float64, n)
		for i := range w {
			w[i] = 0.5 * float64(g.IntN(5))
		}
	}
	return eps, x, w
}

// crowd draws rows with more neighbours than are noted, of which few have weight, and
// some clusters for them to be at the border of.
func crowd(round int) (minPoints int, x [][]float64, w []float64) {
	g := rng.New(14).Index("round", round).Rand()
	x, w = make([][]float64, 400), make([]float64, 400)
	for i := range x {
		x[i] = []float64{3 * float64(g.IntN(3)) * g.Float64(), 0.4 * g.NormFloat64()}
		if g.IntN(8) == 0 {
			w[i] = 1
		}
	}
	if round%12 == 5 {
		return 70 + g.IntN(150), x, nil
	}
	return 2 + g.IntN(30), x, w
}

func TestNaive(t *testing.T) {
	clusters, cores, borders := 0, 0, 0
	for round := range 300 {
		eps, x, w := random(round)
		minPoints := 1 + round%8
		if round%6 == 5 {
			minPoints, x, w = crowd(round)
		}
		got := fit(t, Config{Eps: eps, MinPoints: minPoints}, tabled(x, w))
		labels, core := naive(eps, minPoints, x, w)
		if !slices.Equal(got.Labels, labels) || !slices.Equal(got.Core, core) {
			t.Fatalf("round %d: %d rows of %d, Eps %v, MinPoints %d: labels\n%v, core %v; want\n%v, core %v", round, len(x), len(x[0]), eps, minPoints, got.Labels, got.Core, labels, core)
		}
		clusters += got.K
		for i, c := range core {
			if c {
				cores++
			} else if labels[i] != noise {
				borders++
			}
		}
	}
	if clusters < 1000 || cores < 10000 || borders < 1000 {
		t.Errorf("%d clusters, %d core rows, %d at borders: too few to mean much", clusters, cores, borders)
	}
}

// TestSweep: points that meet all others in blocks count the same neighbours as those
// that walk the tree.
func TestSweep(t *testing.T) {
	cores, noted := 0, 0
	for round := range 200 {
		eps, x, w := random(round)
		if round%10 == 9 { // beyond what float32 can square, and what it can tell apart
			for i := range x {
				for j := range x[i] {
					x[i][j] *= 1e20
				}
			}
			eps *= 1e20
		}
		count := func(swept bool) (out []*region) {
			v := tabled(x, w)
			bound, weights, err := bind(context.Background(), dense.Identity(v), v)
			if err != nil {
				t.Fatal(err)
			}
			m := &model{ctx: context.Background(), weights: weights, eps2: eps * eps, enough: enough(1 + round%8)}
			parts, err := m.split(bound)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range parts {
				g, err := m.region(p)
				if err != nil {
					t.Fatal(err)
				}
				work := g.cell
				if swept {
					work = newSweep(g).cell
				}
				for at, n := range g.tree.Nodes {
					if n.Left == 0 {
						if err := work(context.Background(), int32(at)); err != nil {
							t.Fatal(err)
						}
					}
				}
				out = append(out, g)
			}
			return out
		}
		swept := count(true)
		for i, g := range count(false) {
			if !slices.Equal(g.core, swept[i].core) {
				t.Fatalf("round %d: core points %v, swept %v", round, g.core, swept[i].core)
			}
			for a, near := range g.around {
				slices.Sort(near)
				slices.Sort(swept[i].around[a])
				if noted += len(near); !slices.Equal(near, swept[i].around[a]) {
					t.Fatalf("round %d: neighbours %v, swept %v", round, near, swept[i].around[a])
				}
				if g.core[a] {
					cores++
				}
			}
		}
	}
	if cores < 5000 || noted < 5000 {
		t.Errorf("%d core points, %d neighbours: too few to mean much", cores, noted)
	}
}

// TestTies: rows at Eps from one another but for rounding, which depends on the order
// in which the squared tenths are added.
func TestTies(t *testing.T) {
	g := rng.New(12).Rand()
	torn := 0
	for round := range 1000 {
		p, tenths := 9+g.IntN(8), 4+g.IntN(4)
		eps := []float64{0.4, 0.5, 0.6, 0.7}[tenths-4]
		row := func() (d []int, squares int) {
			d = make([]int, p)
			for j := range d {
				d[j] = g.IntN(4)
				squares += d[j] * d[j]
			}
			return d, squares
		}
		origin, _ := row()
		var x [][]float64
		for n := 2 + g.IntN(4) + round%100/99*200; len(x) < n; {
			d, squares := row()
			if len(x) == 0 {
				d = make([]int, p)
			} else if squares != tenths*tenths {
				continue
			}
			line := make([]float64, p)
			for j := range line {
				line[j] = 0.1 * float64(origin[j]+d[j])
			}
			x = append(x, line)
		}
		labels, core := naive(eps, 2, x, nil)
		got := fit(t, Config{Eps: eps, MinPoints: 2}, tabled(x, nil))
		if !slices.Equal(got.Labels, labels) || !slices.Equal(got.Core, core) {
			t.Fatalf("round %d: labels %v, want %v", round, got.Labels, labels)
		}
		plain := 0.0
		for j, v := range x[0] {
			d := v - x[1][j]
			plain += float64(d * d)
		}
		pad := make([]float64, (4-p%4)%4)
		if lanes := squared(append(x[0], pad...), append(x[1], pad...), math.Inf(1)); (lanes <= float64(eps*eps)) != (plain <= float64(eps*eps)) {
			torn++
		}
	}
	if torn < 50 {
		t.Errorf("%d pairs hang on the order of adding: too few to mean much", torn)
	}
}
