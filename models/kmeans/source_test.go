package kmeans

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

func fitSource(t *testing.T, c Config, s table.Source) *Model {
	t.Helper()
	m, err := c.FitSource(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSourceIsFit: the inertia of a source is that of the same rows in memory, of few
// rows (all of which are the sample) and of many (which are drawn from).
func TestSourceIsFit(t *testing.T) {
	if testing.Short() {
		t.Skip("long work of one kind: not under the race detector")
	}
	views := map[string]table.View{}
	for _, s := range sets {
		if x, w := s.made(); len(x) < 1000 || len(x) > 10000 {
			views[s.name] = tabled(x, w)
		}
	}
	views["big"], _ = big(200000)
	for name, v := range views {
		want := cluster(t, Config{K: 5}, v)
		m := fitSource(t, Config{K: 5}, table.InBlocks(v.Table(), 7000))
		got := m.Clustering()
		if !(math.Abs(got.Inertia-want.Inertia) <= 0.001*want.Inertia) {
			t.Errorf("%s: inertia %v from a source, %v in memory", name, got.Inertia, want.Inertia)
		}
		labels, err := m.Assign(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		weights, err := v.Weights()
		if err != nil {
			t.Fatal(err)
		}
		sizes := make([]float64, 5)
		for i, c := range labels {
			if weights == nil {
				sizes[c]++
			} else {
				sizes[c] += weights[i]
			}
		}
		if !slices.Equal(sizes, m.Sizes()) || got.Labels != nil || got.K != 5 {
			t.Errorf("%s: sizes %v, of assigned rows %v", name, m.Sizes(), sizes)
		}
	}
}

func TestSourceInAnyBlocks(t *testing.T) {
	if testing.Short() {
		t.Skip("long work of one kind: not under the race detector")
	}
	v, _ := big(140000)
	var want *Model
	for i, size := range []int{1 << 20, 999, 4096, 70001} {
		old := runtime.GOMAXPROCS([]int{1, 2, 7, 2}[i])
		got := fitSource(t, Config{K: 7, Starts: 2, Seed: rng.New(1)}, table.InBlocks(v.Table(), size))
		runtime.GOMAXPROCS(old)
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("blocks of %d: another model", size)
		}
	}
}

// TestRoundIsNaive compares a round with distances by hand: on integers, full of ties,
// far from 0, very large, very small, and on few far away.
func TestRoundIsNaive(t *testing.T) {
	for _, c := range []struct{ scale, shift float64 }{{1, 0}, {1, 1e6}, {1e140, 0}, {1e-140, 0}, {1e30, -1e31}} {
		g := rng.New(5).Rand()
		x := make([][]float64, 3000)
		for i := range x {
			x[i] = make([]float64, 4)
			for j := range x[i] {
				x[i][j] = float64(g.IntN(6))
				if j == 3 && i%500 == 0 {
					x[i][j] = 1e6
				}
				x[i][j] = c.shift + c.scale*x[i][j]
			}
		}
		s, err := newStream(table.InBlocks(tabled(x, nil).Table(), 700))
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.spread(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		centers := [][]float64{x[0], x[7], x[77], x[777], x[1500]}
		r := newRounds(s, all, centers, make([]float64, 4))
		if err := r.pass(context.Background()); err != nil {
			t.Fatal(err)
		}
		inertia, mass := 0.0, make([]float64, 5)
		for _, row := range x {
			best := 0
			for c := range centers {
				if square(row, centers[c]) < square(row, centers[best]) {
					best = c
				}
			}
			mass[best]++
			inertia += square(row, centers[best])
		}
		if !slices.Equal(mass, r.mass) || !(math.Abs(inertia-r.inertia) <= 1e-12*inertia) {
			t.Errorf("%v: sizes %v, inertia %v; by hand %v, %v", c, r.mass, r.inertia, mass, inertia)
		}
	}
}

func TestEmptyClusterOfASource(t *testing.T) {
	s, err := newStream(table.InBlocks(tabled([][]float64{{1}, {2}, {3}, {50}}, nil).Table(), 3))
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.spread(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r := newRounds(s, all, [][]float64{{1}, {2}, {900}}, []float64{0})
	if err := r.run(context.Background(), 100); err != nil {
		t.Fatal(err)
	}
	if r.mass[2] != 1 || r.centers[2] != 50 || !(math.Abs(r.inertia-0.5) <= 1e-12) {
		t.Errorf("centers %v, inertia %v; want one at 50 and 0.5", r.centers, r.inertia)
	}
}

// shrinking gives fewer rows when it is read again.
type shrinking struct{ table.Source }

func (s *shrinking) Blocks(ctx context.Context) iter.Seq2[*table.Table, error] {
	old := s.Source
	s.Source = table.InBlocks(tabled([][]float64{{1, 1}, {2, 2}}, nil).Table(), 5)
	return old.Blocks(ctx)
}

func TestSourceEdges(t *testing.T) {
	three := func(a float64) [][]float64 { return [][]float64{{1, 1}, {2, 2}, {a, 3}} }
	in := func(x [][]float64, w []float64) table.Source { return table.InBlocks(tabled(x, w).Table(), 2) }
	same := slices.Repeat([][]float64{{4, 5}}, 7)
	if m := fitSource(t, Config{K: 1}, in(same, nil)); m.Clustering().Inertia != 0 || m.Clustering().Centers[0][1] != 5 || m.Sizes()[0] != 7 {
		t.Errorf("equal rows: %v", m.Clustering())
	}
	if m := fitSource(t, Config{K: 1}, in(same[:1], nil)); m.Sizes()[0] != 1 {
		t.Errorf("one row: %v", m.Clustering())
	}
	words := table.Must(table.New("w", table.Text("service", []string{"a", "b"})))
	for _, c := range []struct {
		k    int
		s    table.Source
		want string
	}{
		{2, in(three(math.NaN()), nil), `block 2, from row 3 on: generated: row 1 of column "x0" is missing`},
		{2, in(three(math.Inf(-1)), nil), `column "x0" is -Inf`},
		{2, in(three(1e300), nil), `column "x0"`},
		{2, in(same, nil), "K is 2 and a sample of 7 rows has 1 distinct"},
		{3, in(three(1), []float64{1, 2, 0}), "K is 3"},
		{2, in(three(1), []float64{0, 0, 0}), "none with weight"},
		{2, in(three(1), []float64{1, 1, -1}), "weight -1"},
		{2, in([][]float64{{1e-300}, {2e-300}}, nil), "scale the features"},
		{0, in(three(1), nil), "K is 0"},
		{2, table.InBlocks(words, 2), `"service" is categorical`},
		{2, table.InBlocks(tabled(three(1), nil).Table().Head("none", 0), 2), "no rows"},
		{2, table.InBlocks(table.Seal(tabled(three(1), nil).Table()).Describe("test").Table(), 2), "seal"},
		{2, &shrinking{in(three(1), nil)}, "3 rows and, read again, 2"},
	} {
		if _, err := (Config{K: c.k}).FitSource(context.Background(), c.s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
}

// stopping cancels while its n-th block is out.
type stopping struct {
	table.Source
	n    int
	stop context.CancelFunc
}

func (s *stopping) Blocks(ctx context.Context) iter.Seq2[*table.Table, error] {
	return func(yield func(*table.Table, error) bool) {
		for b, err := range s.Source.Blocks(context.Background()) { // never hears of it
			if s.n--; s.n == 0 {
				s.stop()
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

func TestSourceCancelled(t *testing.T) {
	v, _ := big(20000)
	for _, n := range []int{1, 30, 50} { // measuring, drawing, a round
		ctx, cancel := context.WithCancel(context.Background())
		s := &stopping{table.InBlocks(v.Table(), 1000), n, cancel}
		if _, err := (Config{K: 3}).FitSource(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped in block %d: %v", n, err)
		}
		if s.n < -1 {
			t.Errorf("stopped in block %d, and read %d more", n, -s.n)
		}
		cancel()
	}
}

func ExampleConfig_FitSource() {
	flows := table.Must(table.New("flows", table.Float("rate", "1/s", []float64{1, 2, 1, 30, 31})))
	m, err := Config{K: 2}.FitSource(context.Background(), table.InBlocks(flows, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	for b := range table.InBlocks(flows, 2).Blocks(context.Background()) {
		labels, err := m.Assign(context.Background(), b.View())
		fmt.Println(labels, err)
	}
	fmt.Println(m.Sizes(), m.Clustering().Centers[1])
	// Output:
	// [0 0] <nil>
	// [0 1] <nil>
	// [1] <nil>
	// [3 2] [30.5]
}
