package cluster

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/models"
)

func TestSearch(t *testing.T) {
	x := blobs(3, 40, 3, rng.New(3))
	v := tableOf(x)
	classes := make([]int, v.Rows())
	for i := range classes {
		classes[i] = i / 40
	}
	s := Search{Make: kMeans, Lo: 2, Hi: 5, Sample: 90, Gap: 4, Pairs: 3, Classes: classes, Seed: rng.New(1), Split: "KDDTrain+"}
	tries, err := s.Run(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range []Index{SilhouetteIndex, DaviesBouldinIndex, CalinskiIndex, GapIndex, StabilityIndex, ARIIndex, AMIIndex, VIndex} {
		if got := tries.Best(index); got.K != 3 {
			t.Errorf("%s chooses %d clusters of 3", index.Name, got.K)
		}
	}
	three := tries.List[1]
	near(t, "ARI", three.ARI, 1, 1e-12)
	near(t, "Davies-Bouldin", three.DaviesBouldin, DaviesBouldin(x, three.Labels), 0)
	near(t, "inertia", three.PerRow*120, three.Inertia, 1e-9*three.Inertia)
	near(t, "silhouette", three.Silhouette, Silhouette(x, three.Labels, 90, s.Seed), 0)
	k, values, low, high := tries.Series(GapIndex)
	if !slices.Equal(k, []float64{2, 3, 4, 5}) || values[1] != three.Gap.Value || low[1] != three.Gap.Value-three.Gap.Error || high[1] != three.Gap.Value+three.Gap.Error {
		t.Errorf("series %v %v %v %v", k, values, low, high)
	}
	if _, _, low, _ := tries.Series(SilhouetteIndex); low != nil {
		t.Error("the silhouette has a spread")
	}

	e := tries.Exhibit()
	if want := []string{"k", "inertia", "variance explained", "silhouette", "Davies-Bouldin", "Calinski-Harabasz", "gap", "stability", "ARI", "AMI", "V-measure"}; !slices.Equal(e.Grids[0].Columns, want) {
		t.Errorf("columns %q", e.Grids[0].Columns)
	}
	if len(e.Grids[0].Rows) != 4 || len(e.Measures) != 40 {
		t.Fatalf("%d lines, %d measures", len(e.Grids[0].Rows), len(e.Measures))
	}
	for _, m := range e.Measures {
		rows, level := 120, 0.0
		switch {
		case strings.Contains(m.ID, "/gap/"):
			rows, level = 90, 0.6827
		case strings.Contains(m.ID, "/stability/"):
			rows, level = 90, 0.95
		case strings.Contains(m.ID, "/silhouette/"):
			rows = 90
		}
		if m.Rows != rows || m.Level != level || !strings.HasPrefix(m.ID, "clusters/k-") || !strings.HasSuffix(m.ID, "/kddtrain+") {
			t.Errorf("measure %+v", m)
		}
	}
	if got := e.Grids[0].Caption; got != "120 rows of reference rows; what is costly of a sample of 90 rows; the gap to 4 reference sets with one standard error; "+
		"stability is the mean ARI of 3 pairs of subsamples with the middle 95 % of them; higher is better but for inertia and Davies-Bouldin." {
		t.Errorf("caption %q", got)
	}

	again, err := s.Run(context.Background(), v)
	if err != nil || !reflect.DeepEqual(again.Exhibit(), e) {
		t.Errorf("the same seed gives another outcome (error %v)", err)
	}
}

func TestSearchOfLittle(t *testing.T) {
	v := tableOf(blobs(2, 10, 2, rng.New(3)))
	tries, err := Search{Make: kMeans, Lo: 1, Hi: 3, Pairs: 1}.Run(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	if one := tries.List[0]; !math.IsNaN(one.Silhouette) || !math.IsNaN(one.Gap.Value) || !math.IsNaN(one.Stability.Mean) || !math.IsNaN(one.ARI) {
		t.Errorf("one cluster: %+v", one)
	}
	if got := tries.Best(StabilityIndex).K; got != 2 {
		t.Errorf("%d clusters of 2 are the stablest", got)
	}
	if got := tries.Best(SilhouetteIndex).K; got != 2 {
		t.Errorf("%d clusters of 2", got)
	}
	if got := len(tries.Exhibit().Grids[0].Columns); got != 7 {
		t.Errorf("%d columns", got)
	}
	noise := func(int, rng.Seed) models.Clusterer { return noisy{} }
	tries, err = Search{Make: noise, Lo: 1, Hi: 1}.Run(context.Background(), v)
	if err != nil || len(tries.Exhibit().Measures) != 5 {
		t.Errorf("noise alone: %v (error %v)", tries, err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a best of nothing")
			}
		}()
		tries.Best(SilhouetteIndex)
	}()
	for _, c := range []struct {
		s    Search
		want string
	}{
		{Search{}, "needs Make"},
		{Search{Make: kMeans, Lo: 3, Hi: 2}, "3 to 2"},
		{Search{Make: kMeans, Lo: -1, Hi: 2}, "-1 to 2"},
		{Search{Make: kMeans, Classes: []int{1}}, "1 classes for 20 rows"},
		{Search{Make: kMeans, Lo: 19, Hi: 22}, "21 clusters: kmeans: K is 21"},
		{Search{Make: kMeans, Gap: -1, Pairs: 1, Lo: 20, Hi: 20}, "stability of 20 clusters"},
	} {
		if _, err := c.s.Run(context.Background(), v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Search{Make: kMeans}).Run(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
