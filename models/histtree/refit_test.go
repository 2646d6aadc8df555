package histtree

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// A refit is the fit of a view that has these weights: whole ones of which some are 0
// (so that classes come in another order, or not at all), and fractions.
func TestRefitIsFit(t *testing.T) {
	random := newStream(rng.New(12))
	g := func(n int) int { return int(random.below(uint64(n))) }
	for round := range 60 {
		n, k := 30+g(300), 2+g(3)
		tab := small(g, n, k, 6, round%2 == 1, round%3 == 1)
		l := Tree{MinLeaf: float64(g(3)), MaxFeatures: g(4), Smooth: float64(g(2))}
		if round%4 == 0 {
			l.MaxLeaves, l.Criterion = 5, Entropy
		}
		v := tab.View()
		if round%5 == 0 {
			v = v.Take([]int{7, 3, 3, 11, 25, 4, 1, 19, 8, 8, 2})
		}
		refit, err := l.Prepare(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		own, err := v.Weights()
		if err != nil {
			t.Fatal(err)
		}
		for try := range 3 {
			column := make([]float64, n) // by row of the table: the view has some twice
			for r := range column {
				if column[r] = float64(g(3)); try == 2 {
					column[r] = 0.01 + float64(g(1000))/999
				}
			}
			w := make([]float64, v.Rows())
			for i := range w {
				if own != nil && own[i] == 0 {
					column[v.Row(i)] = 0 // left out for good
				}
				w[i] = column[v.Row(i)]
			}
			if sum(w) == 0 {
				continue
			}
			l.Seed = rng.New(uint64(try))
			got, err := refit(context.Background(), w, l.Seed)
			if err != nil {
				t.Fatal(err)
			}
			// The last weight column is the one that a view uses.
			heavy := table.Must(tab.With(table.Float("heavy", "", column).As(table.Weight))).View()
			if rows := v.Index(); rows != nil {
				heavy = heavy.Take(rows)
			}
			want := fitted(t, l, heavy)
			what := fmt.Sprintf("round %d, %d rows, %d classes, weights %d", round, v.Rows(), k, try)
			sameTree(t, what, got.(*Model).trees[0], want.trees[0])
			if !slices.Equal(predicted(t, got, tab.View()).P, predicted(t, want, tab.View()).P) {
				t.Errorf("%s: other scores", what)
			}
		}
	}
}

func TestRefitRefuses(t *testing.T) {
	v := flows(50, 5, 2, rng.New(1)).View()
	refit, err := Tree{}.Prepare(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	w := slices.Repeat([]float64{1}, 50)
	for _, c := range []struct {
		w    []float64
		want string
	}{
		{w[:49], "49 weights"}, {make([]float64, 50), "weight 0"}, {slices.Repeat([]float64{1e308}, 50), "add up to more"},
		{append([]float64{math.NaN()}, w[1:]...), "row 1"}, {append([]float64{-1}, w[1:]...), "row 1"}, {append([]float64{math.Inf(1)}, w[1:]...), "row 1"},
	} {
		if _, err := refit(context.Background(), c.w, rng.Seed{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := refit(ctx, w, rng.Seed{}); err == nil {
		t.Error("cancelled, and a tree came")
	}
	if _, err := (Tree{MaxBins: 1}).Prepare(context.Background(), v); err == nil {
		t.Error("MaxBins of 1: no error")
	}
}
