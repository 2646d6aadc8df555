package neighbors

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// naive looks at every training row and sorts them all.
func naive(m *Model, train, rows table.View) [][]Neighbor {
	read := func(v table.View) *points {
		r, err := m.plan.Bind("neighbors", v)
		if err != nil {
			panic(err)
		}
		p, err := m.space.points(context.Background(), r, 0, r.Len())
		if err != nil {
			panic(err)
		}
		return p
	}
	from, to := read(train), read(rows)
	weights, _ := train.Weights()
	out := make([][]Neighbor, rows.Rows())
	for i := range out {
		all := make([]Neighbor, train.Rows())
		for j := range all {
			all[j] = Neighbor{j, m.space.squared(to, i, from, j)}
		}
		slices.SortStableFunc(all, func(a, b Neighbor) int { return cmp.Compare(a.Squared, b.Squared) })
		held := 0.0
		for _, n := range all {
			if w := weight(weights, n.Row); w > 0 && held < m.k {
				out[i] = append(out[i], n)
				held += w
			}
		}
	}
	return out
}

// squared adds up in the order of search.
func (s *space) squared(p *points, i int, q *points, j int) float64 {
	var sum [4]float64
	for k, a := range p.levels(i) {
		if b := q.levels(j)[k]; a != b {
			sum[0] += s.cost[k][a] + s.cost[k][b]
		}
	}
	for k, a := range p.numbers(i) {
		d := a - q.numbers(j)[k]
		sum[k%4] += float64(d * d)
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3])
}

// Whatever the rows, the tree finds what looking at all of them finds.
func TestTreeIsExact(t *testing.T) {
	g := rng.New(5).Rand()
	for round := range 40 {
		n, p := 1+g.IntN(700), g.IntN(10)
		columns := []table.Column{}
		for j := range p {
			x := make([]float64, n)
			for i := range x {
				switch x[i] = g.NormFloat64(); (round + j) % 5 {
				case 0:
					x[i] = math.Round(x[i]) // many ties
				case 1:
					x[i] = math.Exp(8 * x[i]) // a tail that is cut off row by row
				case 3:
					x[i] *= 1e20 // beyond what float32 can square
				case 2:
					x[i] = math.Ldexp(1, -i) // each row half as far out as the one before
				}
			}
			columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", x))
		}
		for j := range 1 + round%3 {
			s := make([]string, n)
			for i := range s {
				if s[i] = fmt.Sprintf("s%03d", int(math.Abs(g.NormFloat64())*[]float64{1, 3, 90}[j])); g.IntN(20) == 0 {
					s[i] = ""
				}
			}
			columns = append(columns, table.Text(fmt.Sprintf("s%d", j), s))
		}
		class := make([]string, n)
		for i := range class {
			class[i] = []string{"a", "b"}[g.IntN(2)]
		}
		columns = append(columns, table.Text("class", class).As(table.Label))
		if round%4 == 3 {
			w := make([]float64, n)
			for i := range w {
				w[i] = float64(g.IntN(4)) / 2
			}
			columns = append(columns, table.Float("w", "", w).As(table.Weight))
		}
		v := table.Must(table.New("random", columns...)).View()
		half := make([]int, (n+1)/2)
		for i := range half {
			half[i] = 2 * i
		}
		m := fit(t, KNN{K: 1 + g.IntN(9), Scale: Scaling(round % 3)}, v.Take(half))
		want := naive(m, v.Take(half), v)
		for i, line := range neighbors(t, m, v) {
			if !slices.Equal(line, want[i]) {
				t.Fatalf("round %d, row %d: %v, want %v", round, i, line, want[i])
			}
		}
	}
}

// Numbers that are infinite in float32 are compared in float64: of 200 rows left
// of the question the 50 last are nearest.
func TestBeyondFloat32(t *testing.T) {
	x := make([]float64, 200)
	for i := range x {
		x[i] = -1e40 * (1.2 - float64(i)/1000)
	}
	m := fit(t, KNN{K: 50, Scale: Raw}, line(x, strings.Repeat("ab", 100)))
	for i, near := range neighbors(t, m, line(slices.Repeat([]float64{1e-3}, 20), strings.Repeat("a", 20))) {
		for j, n := range near {
			if n.Row != 199-j {
				t.Fatalf("row %d, neighbour %d is %d, want %d", i, j, n.Row, 199-j)
			}
		}
	}
}
