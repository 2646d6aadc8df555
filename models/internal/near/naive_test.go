package near

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// neighbor is a Hit without its place.
type neighbor struct {
	row     int
	squared float64
}

// naive looks at every point and sorts them all.
func naive(s *Space, weights []float64, k float64, train, rows table.View) [][]neighbor {
	read := func(v table.View) *Points {
		r, err := s.plan.Bind("near", v)
		if err != nil {
			panic(err)
		}
		p, err := s.points(context.Background(), r, 0, r.Len())
		if err != nil {
			panic(err)
		}
		return p
	}
	from, to := read(train), read(rows)
	out := make([][]neighbor, rows.Rows())
	for i := range out {
		all := make([]neighbor, train.Rows())
		for j := range all {
			all[j] = neighbor{j, s.squared(to, i, from, j)}
		}
		slices.SortStableFunc(all, func(a, b neighbor) int { return cmp.Compare(a.squared, b.squared) })
		held := 0.0
		for _, n := range all {
			if w := weight(weights, n.row); w > 0 && held < k {
				out[i] = append(out[i], n)
				held += w
			}
		}
	}
	return out
}

// squared adds up in the order of search.
func (s *Space) squared(p *Points, i int, q *Points, j int) float64 {
	var sum [4]float64
	for k, a := range p.Levels(i) {
		if b := q.Levels(j)[k]; a != b {
			sum[0] += s.cost[k][a] + s.cost[k][b]
		}
	}
	for k, a := range p.Numbers(i) {
		d := a - q.Numbers(j)[k]
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
		train, k := v.Take(half), float64(1+g.IntN(9))
		weights, err := train.Weights()
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Scaled("near", train, weights, Scaling(round%3))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := Plant(context.Background(), "near", plan, train, weights, k)
		if err != nil {
			t.Fatal(err)
		}
		got := make([][]neighbor, n)
		collect := func(i int, hits []Hit) {
			for _, h := range hits {
				got[i] = append(got[i], neighbor{int(h.Row), h.Squared})
			}
		}
		if err := tree.Nearest(context.Background(), "near", v, k, collect); err != nil {
			t.Fatal(err)
		}
		want := naive(tree.Space, weights, k, train, v)
		for i, line := range got {
			if !slices.Equal(line, want[i]) {
				t.Fatalf("round %d, row %d: %v, want %v", round, i, line, want[i])
			}
		}
		own := make([][]neighbor, len(tree.Index))
		err = tree.Mutual(context.Background(), "near", k, func(at int, hits []Hit) {
			for _, h := range hits {
				own[at] = append(own[at], neighbor{int(h.Row), h.Squared})
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for at, row := range tree.Index {
			if !slices.Equal(own[at], want[2*row]) {
				t.Fatalf("round %d, point %d: %v, want %v", round, at, own[at], want[2*row])
			}
		}
	}
}
