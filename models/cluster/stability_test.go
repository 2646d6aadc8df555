package cluster

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

func TestStabilityAgainstPython(t *testing.T) {
	var cases []struct {
		Full    []int
		A, B    []*int
		ARI     float64
		Jaccard []float64
	}
	load(t, "stability.json", &cases)
	for i, c := range cases {
		sub := func(labels []*int) []int {
			part := slices.Repeat([]int{out}, len(labels))
			for r, l := range labels {
				if l != nil {
					part[r] = *l
				}
			}
			return part
		}
		a, b := sub(c.A), sub(c.B)
		near(t, fmt.Sprintf("case %d: ARI", i), ARI(shared(a, b)), c.ARI, 1e-9)
		got := jaccard(c.Full, a)
		for k, want := range c.Jaccard {
			near(t, fmt.Sprintf("case %d: Jaccard of cluster %d", i, k), got[k], want, 1e-9)
		}
	}
}

// TestStabilityTellsClustersFromNone: clouds apart come back, one cloud cut in four
// does not, and of two clouds and a wide one cut in two only the two do.
func TestStabilityTellsClustersFromNone(t *testing.T) {
	run := func(x Matrix, k int) Stability {
		s, err := Resampling{Make: kMeans, Seed: rng.New(1)}.Run(context.Background(), tableOf(x), k)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.ARI) != 10 || len(s.Jaccard) != k || !(s.Low <= s.Mean && s.Mean <= s.High) {
			t.Errorf("%v", s)
		}
		return s
	}
	apart := run(blobs(4, 30, 4, rng.New(3)), 4)
	near(t, "stability of clouds apart", apart.Low, 1, 1e-12)
	near(t, "overlap of clouds apart", slices.Min(apart.Jaccard), 1, 1e-12)
	one := run(blobs(1, 120, 4, rng.New(3)), 4)
	if !(one.Mean < 0.8) {
		t.Errorf("one cloud cut in four: %v", one)
	}
	wide := blobs(3, 40, 3, rng.New(3))
	for i := 80; i < 120; i++ { // the last cloud, about (0, 0, 12), becomes four times as wide
		for j := range wide.Row(i) {
			wide.Row(i)[j] *= 4
		}
	}
	mixed := run(wide, 4)
	slices.Sort(mixed.Jaccard)
	if !(mixed.Jaccard[3] > 0.99 && mixed.Jaccard[2] > 0.99 && mixed.Jaccard[0] < 0.75) {
		t.Errorf("two clouds and a wide one: %v", mixed.Jaccard)
	}
}

func TestStabilityAtAnyCores(t *testing.T) {
	v := tableOf(blobs(1, 150, 5, rng.New(3)))
	var want Stability
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got, err := Resampling{Make: kMeans, Pairs: 3, Share: 0.6, Seed: rng.New(2)}.Run(context.Background(), v, 3)
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

func TestStabilityRefuses(t *testing.T) {
	v := tableOf(blobs(2, 10, 2, rng.New(3)))
	for _, c := range []struct {
		r    Resampling
		rows int
		k    int
		want string
	}{
		{Resampling{}, 20, 2, "needs Make"},
		{Resampling{Make: kMeans, Pairs: -2}, 20, 2, "Pairs is -2"},
		{Resampling{Make: kMeans, Share: 0.5}, 20, 2, "Share is 0.5"},
		{Resampling{Make: kMeans, Share: 1}, 20, 2, "Share is 1"},
		{Resampling{Make: kMeans}, 3, 2, "3 rows"},
		{Resampling{Make: kMeans}, 20, 21, "stability of 21 clusters: kmeans"},
		{Resampling{Make: kMeans}, 20, 18, "stability of 18 clusters, 16 of 20 rows: kmeans"},
	} {
		rows := make([]int, c.rows)
		for i := range rows {
			rows[i] = i
		}
		if _, err := c.r.Run(context.Background(), v.Take(rows), c.k); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Resampling{Make: kMeans}).Run(ctx, v, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
