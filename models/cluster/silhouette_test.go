package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/rng"
	"flowbook/models/encode"
)

func TestWidthsAgainstScikitLearn(t *testing.T) {
	for _, r := range references(t) {
		if r.Widths == nil {
			continue
		}
		s, err := Widths(context.Background(), matrix(r.X), r.Labels, 0, rng.Seed{})
		if err != nil || len(s.Widths) != len(r.Widths) {
			t.Fatalf("%s: %d widths (error %v), want %d", r.Name, len(s.Widths), err, len(r.Widths))
		}
		for i, w := range s.Widths {
			near(t, fmt.Sprintf("%s: width of row %d", r.Name, s.Rows[i]), w, r.Widths[i], 1e-9)
		}
		labels, widths := s.Clusters()
		total := 0
		for c, l := range labels {
			total += len(widths[c])
			if i := slices.Index(s.Labels, l); widths[c][0] != s.Widths[i] {
				t.Errorf("%s: cluster %d begins with %v, want %v", r.Name, l, widths[c][0], s.Widths[i])
			}
		}
		if total != len(s.Rows) || !slices.IsSorted(labels) {
			t.Errorf("%s: clusters %v hold %d of %d rows", r.Name, labels, total, len(s.Rows))
		}
	}
}

// flows are rows like encoded connections: mostly zeros, some alike or nearly so,
// and dense columns where asked for; k clusters of sizes that differ.
func flows(n, dense, k int, seed rng.Seed) (Matrix, []int) {
	g := seed.Rand()
	x, labels := Matrix{P: 20 + dense}, make([]int, n)
	for i := range n {
		row := make([]float64, x.P)
		row[g.IntN(10)] = 1
		for j := 10; j < 20; j++ {
			if g.IntN(4) == 0 {
				row[j] = float64(g.IntN(3)) / 2
			}
		}
		for j := range dense {
			row[20+j] = g.NormFloat64()
		}
		if i > 10 && g.IntN(3) == 0 {
			copy(row, x.Row(g.IntN(i)))
			if g.IntN(2) == 0 {
				row[12] += 1e-7
			}
		}
		x.X = append(x.X, row...)
		if labels[i] = int(float64(k) * g.Float64() * g.Float64()); g.IntN(9) == 0 {
			labels[i] = -1
		}
	}
	return x, labels
}

func TestWidthsAgainstNaive(t *testing.T) {
	for _, c := range []struct{ n, dense, k int }{{700, 0, 3}, {700, 0, 40}, {400, 5, 90}, {300, 2, 250}, {9, 1, 3}, {3, 0, 2}} {
		for draw := range 3 {
			x, labels := flows(c.n, c.dense, c.k, rng.New(7).Index("draw", draw))
			s, err := Widths(context.Background(), x, labels, 0, rng.Seed{})
			if err != nil {
				t.Fatal(err)
			}
			want := naiveWidths(x, labels)
			for i, r := range s.Rows {
				if !math.IsNaN(s.Widths[i]) || slices.Max(labels) > 0 {
					near(t, fmt.Sprintf("%v: width of row %d", c, r), s.Widths[i], want[r], 1e-9)
				}
			}
		}
	}
}

// TestWidthsOfTightClusters: two clusters close together and small beside their
// distance from the base, where products cancel all but some digits.
func TestWidthsOfTightClusters(t *testing.T) {
	for _, size := range []float64{1e-2, 1e-4, 1e-6, 1e-8} {
		g, x, labels := rng.New(4).Rand(), Matrix{P: 3}, []int{}
		for i := range 90 {
			c := i % 3
			for j := range 3 {
				v := size * g.Float64()
				if c > 0 {
					v += 1 + size*float64(c*j)
				}
				x.X = append(x.X, v)
			}
			labels = append(labels, c)
		}
		s, err := Widths(context.Background(), x, labels, 0, rng.Seed{})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range naiveWidths(x, labels) {
			near(t, fmt.Sprintf("size %g: width of row %d", size, i), s.Widths[i], want, 1e-9)
		}
	}
}

func TestWidthsAtAnyCores(t *testing.T) {
	x, labels := flows(1500, 1, 90, rng.New(2))
	before := slices.Clone(x.X)
	var want Silhouettes
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got, err := Widths(context.Background(), x, labels, 0, rng.Seed{})
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if procs > 1 && !slices.Equal(got.Widths, want.Widths) {
			t.Errorf("%d cores give other widths", procs)
		}
		want = got
	}
	if !slices.Equal(before, x.X) {
		t.Error("the rows were changed")
	}
}

func TestSample(t *testing.T) {
	r := references(t)[1]
	x := matrix(r.X)
	seed := rng.New(4)
	s, err := Widths(context.Background(), x, r.Labels, 50, seed)
	if err != nil || len(s.Rows) != 50 || !slices.IsSorted(s.Rows) || len(slices.Compact(slices.Clone(s.Rows))) != 50 {
		t.Fatalf("rows %v (error %v)", s.Rows, err)
	}
	part, labels := Matrix{P: x.P}, []int{}
	for _, i := range s.Rows {
		part.X, labels = append(part.X, x.Row(i)...), append(labels, r.Labels[i])
	}
	if !slices.Equal(labels, s.Labels) {
		t.Error("labels are not those of the rows")
	}
	near(t, "the rows drawn, alone", Silhouette(part, labels, 0, seed), s.Mean(), 1e-12)
	if Silhouette(x, r.Labels, 50, rng.New(5)) == s.Mean() {
		t.Error("another seed draws the same rows")
	}
	near(t, "a limit that is not reached", Silhouette(x, r.Labels, 5000, seed), *r.Silhouette, 1e-9)
}

func TestWidthsHearTheContext(t *testing.T) {
	x, labels := flows(300, 0, 4, rng.New(2))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Widths(ctx, x, labels, 0, rng.Seed{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// kdd is the first n rows of KDDTrain+, one-hot and scaled to [0, 1].
func kdd(t testing.TB, n int) Matrix {
	t.Helper()
	train := nslkddtest.View(t, "KDDTrain+")
	fitted, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(context.Background(), train)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	encoded, err := fitted.Transform(context.Background(), train.Take(rows))
	if err != nil {
		t.Fatal(err)
	}
	x, err := Rows(encoded.View())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// bySum labels rows in a way that scikit-learn's reference can repeat: by half the
// sum of their numbers, rounded down.
func bySum(x Matrix) []int {
	labels := make([]int, x.Len())
	for i := range labels {
		sum := 0.0
		for _, v := range x.Row(i) {
			sum += v
		}
		labels[i] = int(sum/2 + 1e-9)
	}
	return labels
}

// TestKDD pins the silhouette of scikit-learn 1.2.1 on published rows
// (testdata/gen_kdd.py).
func TestKDD(t *testing.T) {
	var want struct {
		Rows                                          int
		Silhouette, Davies_bouldin, Calinski_harabasz float64
		Sizes                                         []int
	}
	load(t, "kdd.json", &want)
	x := kdd(t, want.Rows)
	labels := bySum(x)
	sizes := make([]int, len(want.Sizes))
	for _, l := range labels {
		sizes[l]++
	}
	if !slices.Equal(sizes, want.Sizes) {
		t.Fatalf("clusters of %v rows, want %v", sizes, want.Sizes)
	}
	near(t, "silhouette", Silhouette(x, labels, 0, rng.Seed{}), want.Silhouette, 1e-9)
	near(t, "Davies-Bouldin", DaviesBouldin(x, labels), want.Davies_bouldin, 1e-9)
	near(t, "Calinski-Harabasz", CalinskiHarabasz(x, labels), want.Calinski_harabasz, 1e-9*want.Calinski_harabasz)
}

func BenchmarkSilhouette(b *testing.B) {
	for _, n := range []int{5000, 20000} {
		b.Run(fmt.Sprintf("rows=%d/cols=122", n), func(b *testing.B) {
			x := kdd(b, n)
			labels := bySum(x)
			b.ReportAllocs()
			for b.Loop() {
				Silhouette(x, labels, 0, rng.Seed{})
			}
			b.ReportMetric(float64(n)*float64(n-1)/2*float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}
