package kmeans

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"flowbook/internal/par"
)

// litter is the number of children of one generation.
const litter = 8

// barren is the number of generations in turn that may bring nothing better; small data
// can afford more.
func barren(n int) int { return max(3, min(8, 16000/n)) }

// cross mends starts by one another [1]. Centers of two of them are matched, the closest
// first, and one of each pair is taken; every other child then gives up a center, drawn
// evenly, for a row, drawn by its squared distance. Lloyd's rounds settle the child. The
// best of parents and children go on until generations in turn bring no better one. Even
// on rows without clusters, where each start ends elsewhere, that finds in fewer rounds
// what swaps alone do not.
//
// [1] Gribel, Vidal (2019), Pattern Recognition 88, 569-583.
func (c Config) cross(ctx context.Context, part *points, pool []*lloyd, limit float64) ([]*lloyd, error) {
	most := len(pool)
	slices.SortStableFunc(pool, lower)
	for generation, idle := 0, 0; idle < barren(part.n); generation++ {
		before := pool[0].inertia
		children, err := par.Map(ctx, litter, func(ctx context.Context, i int) (*lloyd, error) {
			g := c.Seed.Index("generation", generation).Index("child", i).Rand()
			a, b := pool[g.IntN(len(pool))], pool[g.IntN(len(pool))]
			l := newLloyd(part, mix(a.centers, b.centers, g))
			if i%2 == 1 {
				l.prepare()
				d, _ := l.distances()
				if row := draw(part, d, 1, g); row != nil {
					l.centers[g.IntN(l.k)] = part.rows(row)[0]
				}
			}
			if err := l.run(ctx, c.MaxRounds, limit); err != nil {
				return nil, err
			}
			l.score()
			l.drop()
			l.rounds += max(a.rounds, b.rounds)
			return l, nil
		})
		if err != nil {
			return nil, err
		}
		pool = append(pool, children...)
		slices.SortStableFunc(pool, lower)
		pool = slices.CompactFunc(pool, func(a, b *lloyd) bool { return b.inertia <= a.inertia*(1+1e-6) })
		pool = pool[:min(most, len(pool))]
		if idle++; pool[0].inertia < before*(1-1e-5) {
			idle = 0
		}
	}
	return pool, nil
}

// lower orders by inertia.
func lower(a, b *lloyd) int { return cmp.Compare(a.inertia, b.inertia) }

// mix matches the centers of two parents and takes one of each pair, by a coin.
func mix(a, b [][]float64, g *rand.Rand) [][]float64 {
	type pair struct {
		i, j int
		d    float64
	}
	pairs := make([]pair, 0, len(a)*len(b))
	for i := range a {
		for j := range b {
			q := 0.0
			for l, v := range a[i] {
				d := v - b[j][l]
				q += float64(d * d)
			}
			pairs = append(pairs, pair{i, j, q})
		}
	}
	slices.SortStableFunc(pairs, func(x, y pair) int { return cmp.Compare(x.d, y.d) })
	out := make([][]float64, 0, len(a))
	usedA, usedB := make([]bool, len(a)), make([]bool, len(b))
	for _, q := range pairs {
		if usedA[q.i] || usedB[q.j] {
			continue
		}
		usedA[q.i], usedB[q.j] = true, true
		if g.IntN(2) == 0 {
			out = append(out, a[q.i])
		} else {
			out = append(out, b[q.j])
		}
	}
	return out
}
