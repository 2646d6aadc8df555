package kmeans

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

var (
	_ dense.Clusterer = Config{}
	_ dense.Clusterer = MiniBatch{}
)

// TestMiniBatchBesideFull says how far above the full inertia it ends, and holds its median
// over seeds to 1.05 of scikit-learn's.
func TestMiniBatchBesideFull(t *testing.T) {
	want := loadPeers(t)
	for _, s := range sets {
		x, w := s.made()
		v, k := tabled(x, w), s.k[0]
		least := want[s.name].Least[0]
		var got models.Clustering
		var ratios []float64
		for seed := range uint64(5) {
			m, err := MiniBatch{K: k, Seed: rng.New(seed)}.Fit(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			got = m.Clustering()
			ratios = append(ratios, got.Inertia/least)
		}
		slices.Sort(ratios)
		t.Logf("%s, k=%d: %.4f of the full inertia; scikit-learn %.4f", s.name, k, ratios, want[s.name].MiniBatch/least)
		if !(ratios[4] <= 1.25 && ratios[2] <= 1.05*want[s.name].MiniBatch/least) {
			t.Errorf("%s: %v of the full inertia, scikit-learn's mini-batches %v", s.name, ratios, want[s.name].MiniBatch/least)
		}
		inertia := 0.0
		for i, row := range x {
			d := math.Inf(1)
			for _, center := range got.Centers {
				d = min(d, square(row, center))
			}
			if w != nil {
				d *= w[i]
			}
			inertia += d
		}
		if !(math.Abs(inertia-got.Inertia) <= 1e-9*inertia) {
			t.Errorf("%s: inertia %v, by hand %v", s.name, got.Inertia, inertia)
		}
	}
}

// TestMiniBatchIsSculley compares one batch with the published loop, row by row.
func TestMiniBatchIsSculley(t *testing.T) {
	pt := &points{n: 6, p: 1, start: []int32{0, 1, 2, 3, 4, 5, 6}, col: make([]int32, 6), val: []float64{1, 2, 9, 4, 8, 3}, weight: []float64{1, 1, 1, 1, 1, 1}}
	pt.measure()
	y := newLloyd(pt, [][]float64{{0}, {10}})
	y.mass = []float64{2, 1}
	_, labels := y.meet(pt)
	y.follow(pt, labels)
	centers, count := []float64{0, 10}, []float64{2, 1}
	for i, v := range pt.val {
		c := labels[i]
		count[c]++
		rate := 1 / count[c]
		centers[c] = (1-rate)*centers[c] + rate*v
	}
	for c, want := range centers {
		if !(math.Abs(y.centers[c][0]-want) <= 1e-12) {
			t.Errorf("center %d is %v, want %v", c, y.centers[c][0], want)
		}
	}
}

func TestMiniBatchReproducible(t *testing.T) {
	v, _ := big(20000)
	var want models.Clustering
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got, err := MiniBatch{K: 7, Seed: rng.New(3)}.Cluster(context.Background(), v)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if want.Labels == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d cores: another clustering", procs)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (MiniBatch{K: 2}).Cluster(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMiniBatchEdges(t *testing.T) {
	same := [][]float64{{1, 2}, {1, 2}, {1, 2}, {3, 4}}
	for _, c := range []struct {
		b    MiniBatch
		x    [][]float64
		w    []float64
		want string
	}{
		{MiniBatch{K: 2}, same, nil, ""},
		{MiniBatch{K: 1, Batch: 1}, same[:1], nil, ""},
		{MiniBatch{K: 2, Batch: 5000}, same, []float64{1, 1, 0, 1e-9}, ""},
		{MiniBatch{K: 3}, same, nil, "has 2 distinct rows"},
		{MiniBatch{K: 2}, same, []float64{1, 1, 1, 0}, "lower K"},
		{MiniBatch{K: 2}, [][]float64{{math.NaN()}, {1}}, nil, "missing"},
		{MiniBatch{}, same, nil, "K is 0"},
		{MiniBatch{K: 2, Batch: -1}, same, nil, "Batch is -1"},
		{MiniBatch{K: 2, Patience: -1}, same, nil, "Patience is -1"},
	} {
		got, err := c.b.Cluster(context.Background(), tabled(c.x, c.w))
		switch {
		case c.want == "" && (err != nil || !(got.Inertia <= 1e-12)):
			t.Errorf("%v: %v, %v", c.b, got, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%v: %v, want an error with %q", c.b, err, c.want)
		}
	}
}
