package hclust

import (
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
)

// naive merges the nearest pair of clusters, of equals that with the lowest rows, by the
// recurrences of Lance and Williams on the matrix of all distances (squared for Ward).
// Time O(n³).
func naive(x [][]float64, w []float64, linkage Linkage) []Merge {
	g := newGreedy(x, w, linkage)
	for len(g.merges) < len(x)-1 {
		a, b := g.least()
		g.merge(a, b)
	}
	return g.merges
}

// greedy is the state of a naive agglomeration. A cluster lives at its lowest row.
type greedy struct {
	linkage Linkage
	d       [][]float64
	size    []float64
	rows    []int
	cluster []int // id; -1 where there is none
	merges  []Merge
}

func newGreedy(x [][]float64, w []float64, linkage Linkage) *greedy {
	g := &greedy{linkage: linkage}
	for i := range x {
		g.size, g.rows, g.cluster = append(g.size, 1), append(g.rows, 1), append(g.cluster, i)
		if w != nil {
			g.size[i] = w[i]
		}
		g.d = append(g.d, make([]float64, len(x)))
		for j := range i {
			q := 0.0
			for k, v := range x[i] {
				q += (v - x[j][k]) * (v - x[j][k])
			}
			if linkage == Ward {
				q *= 2 * g.size[i] * g.size[j] / (g.size[i] + g.size[j])
			} else {
				q = math.Sqrt(q)
			}
			g.d[i][j], g.d[j][i] = q, q
		}
	}
	return g
}

func (g *greedy) least() (a, b int) {
	a = -1
	for i := range g.d {
		for j := i + 1; j < len(g.d); j++ {
			if g.cluster[i] >= 0 && g.cluster[j] >= 0 && (a < 0 || g.d[i][j] < g.d[a][b]) {
				a, b = i, j
			}
		}
	}
	return a, b
}

func (g *greedy) height(a, b int) float64 {
	if g.linkage == Ward {
		return math.Sqrt(g.d[a][b])
	}
	return g.d[a][b]
}

func (g *greedy) merge(a, b int) {
	c, d := g.cluster[a], g.cluster[b]
	m := Merge{A: min(c, d), B: max(c, d), Height: g.height(a, b), Size: g.rows[a] + g.rows[b]}
	na, nb := g.size[a], g.size[b]
	for k := range g.d {
		if k == a || k == b || g.cluster[k] < 0 {
			continue
		}
		nk, v := g.size[k], 0.0
		switch g.linkage {
		case Ward:
			v = ((nk+na)*g.d[a][k] + (nk+nb)*g.d[b][k] - nk*g.d[a][b]) / (nk + na + nb)
		case Average:
			v = (na*g.d[a][k] + nb*g.d[b][k]) / (na + nb)
		case Complete:
			v = max(g.d[a][k], g.d[b][k])
		case Single:
			v = min(g.d[a][k], g.d[b][k])
		}
		g.d[a][k], g.d[k][a] = v, v
	}
	g.size[a] += nb
	g.rows[a] += g.rows[b]
	g.cluster[a], g.cluster[b] = len(g.d)+len(g.merges), -1
	g.merges = append(g.merges, m)
}

// replay holds merges to what an agglomeration is: each joins two clusters that are there,
// at their distance, and no two others are nearer.
func replay(t *testing.T, what string, x [][]float64, w []float64, linkage Linkage, merges []Merge) {
	t.Helper()
	g := newGreedy(x, w, linkage)
	if len(merges) != len(x)-1 {
		t.Fatalf("%s: %d merges of %d rows", what, len(merges), len(x))
	}
	for i, m := range merges {
		a, b := slices.Index(g.cluster, m.A), slices.Index(g.cluster, m.B)
		if a < 0 || b < 0 || m.A >= m.B {
			t.Fatalf("%s: merge %d of clusters %d and %d", what, i, m.A, m.B)
		}
		p, q := g.least()
		if own, least := g.height(a, b), g.height(p, q); !(math.Abs(own-m.Height) <= 1e-7+1e-9*own) || !(own <= least*(1+1e-9)+1e-7) {
			t.Fatalf("%s: merge %d at height %v; the clusters are %v apart, the nearest %v", what, i, m.Height, own, least)
		}
		g.merge(min(a, b), max(a, b))
		if g.merges[i].Size != m.Size {
			t.Fatalf("%s: merge %d makes %d rows, want %d", what, i, m.Size, g.merges[i].Size)
		}
	}
}

func TestAgainstNaive(t *testing.T) {
	g := rng.New(3).Rand()
	for round := range 30 {
		n, p := 2+g.IntN(90), 1+g.IntN(20)
		x, w := make([][]float64, n), make([]float64, n)
		for i := range x {
			w[i] = 0.1 + g.ExpFloat64()
			for range p {
				x[i] = append(x[i], g.NormFloat64()*float64(1+i%3))
			}
		}
		if round%2 == 0 {
			w = nil
		}
		for _, linkage := range all {
			got, want := fit(t, linkage, x, w).Merges(), naive(x, w, linkage)
			for i, m := range want {
				if !(math.Abs(got[i].Height-m.Height) <= 1e-9*m.Height) {
					t.Fatalf("%v, %d rows: height %d is %v, want %v", linkage, n, i, got[i].Height, m.Height)
				}
				got[i].Height = m.Height
				if got[i] != m {
					t.Fatalf("%v, %d rows: merge %d is %v, want %v", linkage, n, i, got[i], m)
				}
			}
		}
	}
}

// Of equal distances one is taken: the heights that follow may be others than those of
// another choice, but every tree is an agglomeration. Single linkage has one set of heights.
// Complete linkage computes nothing, so that its ties are exact: it takes them as the twin does.
func TestTies(t *testing.T) {
	g := rng.New(4).Rand()
	for range 40 {
		n, p, levels := 2+g.IntN(60), 1+g.IntN(5), 2+g.IntN(3)
		x := make([][]float64, n)
		for i := range x {
			for range p {
				x[i] = append(x[i], float64(g.IntN(levels)))
			}
		}
		for _, linkage := range all {
			merges := fit(t, linkage, x, nil).Merges()
			replay(t, linkage.String(), x, nil, linkage, merges)
			if linkage == Single || linkage == Complete {
				for i, m := range naive(x, nil, linkage) {
					if merges[i].Height != m.Height {
						t.Fatalf("%v: height %d is %v, want %v", linkage, i, merges[i].Height, m.Height)
					}
				}
			}
		}
	}
}
