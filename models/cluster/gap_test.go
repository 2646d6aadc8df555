package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/kmeans"
)

// kMeans makes the clusterings of the tests.
func kMeans(k int, seed rng.Seed) models.Clusterer {
	return kmeans.Config{K: k, Starts: 3, Seed: seed}
}

// tableOf is rows as a view of features a, b, c…
func tableOf(x Matrix) table.View {
	columns := make([]table.Column, x.P)
	for j := range columns {
		columns[j] = table.Float(string(rune('a'+j)), "", make([]float64, x.Len()))
	}
	return x.view(table.Must(table.New("rows", columns...)).View())
}

func TestGapAgainstNumpy(t *testing.T) {
	var cases []struct {
		X                               [][]float64
		Sets                            [][][]float64
		Lo, Hi, Chosen                  int
		Logw, Expected, Gap, Error, Box []float64
	}
	load(t, "gap.json", &cases)
	for i, c := range cases {
		x := matrix(c.X)
		v := tableOf(x)
		thorough := func(k int, seed rng.Seed) models.Clusterer { return kmeans.Config{K: k, Starts: 50, Seed: seed} }
		g := GapStatistic{Make: thorough, Sets: len(c.Sets)}
		gaps, err := g.over(context.Background(), v, x, c.Lo, c.Hi, func(set int) Matrix { return matrix(c.Sets[set]) })
		if err != nil {
			t.Fatal(err)
		}
		for n, got := range gaps {
			where := fmt.Sprintf("case %d, k=%d: ", i, got.K)
			near(t, where+"log W", got.LogW, c.Logw[n], 1e-9)
			near(t, where+"expected", got.Expected, c.Expected[n], 1e-9)
			near(t, where+"gap", got.Value, c.Gap[n], 1e-9)
			near(t, where+"error", got.Error, c.Error[n], 1e-9)
		}
		if k := ChooseGap(gaps); k != c.Chosen {
			t.Errorf("case %d: %d clusters chosen, want %d", i, k, c.Chosen)
		}
		b, err := newBox(x, Principal)
		if err != nil {
			t.Fatal(err)
		}
		for j, want := range c.Box {
			near(t, fmt.Sprintf("case %d: side %d of the principal box", i, j), b.hi[j]-b.lo[j], want, 1e-9)
		}
	}
}

// blobs are k clouds of n rows far apart.
func blobs(k, n, p int, seed rng.Seed) Matrix {
	g, x := seed.Rand(), Matrix{P: p}
	for c := range k {
		for range n {
			for j := range p {
				v := g.NormFloat64()
				if j == c%p {
					v += 12 * float64(1+c/p)
				}
				x.X = append(x.X, v)
			}
		}
	}
	return x
}

func TestGapFindsClusters(t *testing.T) {
	for _, over := range []Reference{Ranges, Principal} {
		for _, k := range []int{1, 2, 3} {
			v := tableOf(blobs(k, 30, 4, rng.New(3)))
			g := GapStatistic{Make: kMeans, Sets: 5, Over: over, Seed: rng.New(2)}
			gaps, err := g.Run(context.Background(), v, 1, 4)
			if err != nil {
				t.Fatal(err)
			}
			if got := ChooseGap(gaps); got != k {
				t.Errorf("reference %d: %d clusters chosen of %d: %v", over, got, k, gaps)
			}
		}
	}
}

// TestReferenceRows: they fill the box and nothing else, and are drawn anew for
// another seed.
func TestReferenceRows(t *testing.T) {
	x := blobs(3, 200, 3, rng.New(3))
	for _, over := range []Reference{Ranges, Principal} {
		b, err := newBox(x, over)
		if err != nil {
			t.Fatal(err)
		}
		set := b.draw(2000, rng.New(1).Rand())
		lo, hi := slices.Repeat([]float64{math.Inf(1)}, 3), slices.Repeat([]float64{math.Inf(-1)}, 3)
		for i := range set.Len() {
			for a := range 3 {
				z := set.Row(i)[a]
				if over == Principal {
					z = 0
					for j, v := range b.axes.Row(a) {
						z += v * (set.Row(i)[j] - b.mean[j])
					}
				}
				lo[a], hi[a] = min(lo[a], z), max(hi[a], z)
			}
		}
		for a := range 3 {
			side := b.hi[a] - b.lo[a]
			if !(lo[a] >= b.lo[a]-1e-9 && hi[a] <= b.hi[a]+1e-9 && hi[a]-lo[a] > 0.99*side) {
				t.Errorf("reference %d, axis %d: rows from %v to %v of a box from %v to %v", over, a, lo[a], hi[a], b.lo[a], b.hi[a])
			}
		}
		if slices.Equal(set.X, b.draw(2000, rng.New(2).Rand()).X) {
			t.Error("another seed draws the same rows")
		}
	}
}

func TestGapAtAnyCores(t *testing.T) {
	v := tableOf(blobs(3, 100, 5, rng.New(3)))
	var want []Gap
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got, err := GapStatistic{Make: kMeans, Sets: 2, Over: Principal, Seed: rng.New(2)}.Run(context.Background(), v, 2, 4)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if procs > 1 && !reflect.DeepEqual(got, want) {
			t.Errorf("%d cores: %v, want %v", procs, got, want)
		}
		want = got
	}
}

func TestGapRefuses(t *testing.T) {
	v := tableOf(blobs(2, 10, 2, rng.New(3)))
	equal := tableOf(Matrix{slices.Repeat([]float64{0.1}, 20), 2})
	noise := func(int, rng.Seed) models.Clusterer { return noisy{} }
	for _, c := range []struct {
		g      GapStatistic
		v      table.View
		lo, hi int
		want   string
	}{
		{GapStatistic{}, v, 1, 2, "needs Make"},
		{GapStatistic{Make: kMeans, Sets: -1}, v, 1, 2, "Sets is -1"},
		{GapStatistic{Make: kMeans, Over: 7}, v, 1, 2, "Over is 7"},
		{GapStatistic{Make: kMeans}, v, 0, 2, "0 to 2 clusters"},
		{GapStatistic{Make: kMeans}, v, 3, 2, "3 to 2 clusters"},
		{GapStatistic{Make: kMeans}, v, 1, 40, "gap statistic of 21 clusters: kmeans: K is 21"},
		{GapStatistic{Make: kMeans}, equal, 1, 1, "all 10 rows are equal"},
		{GapStatistic{Make: kMeans, Over: Principal}, equal, 1, 1, "all 10 rows are equal"},
		{GapStatistic{Make: kMeans}, v.Take(nil), 1, 1, "no rows"},
		{GapStatistic{Make: kMeans, Over: Principal}, v.Take(nil), 1, 1, "no rows"},
		{GapStatistic{Make: noise}, v, 1, 1, "all rows are noise"},
	} {
		if _, err := c.g.Run(context.Background(), c.v, c.lo, c.hi); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (GapStatistic{Make: kMeans}).Run(ctx, v, 1, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// Each row a cluster: log 0.
	gaps, err := GapStatistic{Make: kMeans, Sets: 2}.Run(context.Background(), tableOf(Matrix{[]float64{0, 0, 0, 9, 9}, 1}), 1, 2)
	if err != nil || !math.IsInf(gaps[1].LogW, -1) || !math.IsInf(gaps[1].Value, 1) || ChooseGap(gaps) != 0 {
		t.Errorf("two distinct rows: %v (error %v)", gaps, err)
	}
}

// noisy takes every row for noise.
type noisy struct{}

func (noisy) Name() string { return "noise" }
func (noisy) Cluster(_ context.Context, v table.View) (models.Clustering, error) {
	return models.Clustering{Labels: slices.Repeat([]int{-1}, v.Rows()), Inertia: math.NaN()}, nil
}
