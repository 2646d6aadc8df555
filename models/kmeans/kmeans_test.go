package kmeans

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

var _ models.Clusterer = Config{}

type reference struct {
	Cases []struct {
		Name    string
		X       [][]float64
		W       []float64
		K       []int
		Inertia []float64
	}
	Plain struct {
		X, Centers [][]float64
		Inertia    float64
		Labels     []int
	}
}

func load(t *testing.T) (r reference) {
	b, err := os.ReadFile("testdata/kmeans.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func tabled(x [][]float64, w []float64) table.View {
	var columns []table.Column
	for j := range x[0] {
		v := make([]float64, len(x))
		for i := range v {
			v[i] = x[i][j]
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	if w != nil {
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	return table.Must(table.New("generated", columns...)).View()
}

func cluster(t *testing.T, c Config, v table.View) models.Clustering {
	t.Helper()
	out, err := c.Cluster(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestInertiaAgainstScikitLearn(t *testing.T) {
	for _, c := range load(t).Cases {
		v := tabled(c.X, c.W)
		for i, k := range c.K {
			got := cluster(t, Config{K: k}, v)
			if !(got.Inertia <= 1.001*c.Inertia[i]) {
				t.Errorf("%s, k=%d: inertia %v, want at most 1.001 of %v", c.Name, k, got.Inertia, c.Inertia[i])
			}
			check(t, fmt.Sprintf("%s, k=%d", c.Name, k), got, c.X, c.W)
		}
	}
}

// check holds a clustering to what it says of itself: centers are means, labels are
// nearest centers, inertia is their squared distance, order is by weight.
func check(t *testing.T, what string, c models.Clustering, x [][]float64, w []float64) {
	t.Helper()
	weight := func(i int) float64 {
		if w == nil {
			return 1
		}
		return w[i]
	}
	inertia, mass, sum := 0.0, make([]float64, c.K), make([][]float64, c.K)
	for i, row := range x {
		best := math.Inf(1)
		for _, center := range c.Centers {
			best = min(best, square(row, center))
		}
		own := square(row, c.Centers[c.Labels[i]])
		if !(own <= best+1e-7) {
			t.Fatalf("%s: row %d is %v from its center and %v from another", what, i, own, best)
		}
		inertia += weight(i) * own
		mass[c.Labels[i]] += weight(i)
		if sum[c.Labels[i]] == nil {
			sum[c.Labels[i]] = make([]float64, len(row))
		}
		for j, v := range row {
			sum[c.Labels[i]][j] += weight(i) * v
		}
	}
	if !(math.Abs(inertia-c.Inertia) <= 1e-9*max(1, inertia)) {
		t.Errorf("%s: inertia %v, by hand %v", what, c.Inertia, inertia)
	}
	if !slices.IsSortedFunc(mass, func(a, b float64) int { return int(b - a) }) {
		t.Errorf("%s: cluster weights %v do not fall", what, mass)
	}
	for k, center := range c.Centers {
		for j, v := range center {
			if !(math.Abs(v-sum[k][j]/mass[k]) <= 1e-8*max(1, math.Abs(v))) {
				t.Errorf("%s: center %d is %v, the mean of its rows %v", what, k, v, sum[k][j]/mass[k])
			}
		}
	}
}

func square(a, b []float64) float64 {
	sum := 0.0
	for j, v := range a {
		sum += (v - b[j]) * (v - b[j])
	}
	return sum
}

func TestPlain(t *testing.T) {
	r := load(t).Plain
	got := cluster(t, Config{K: 3}, tabled(r.X, nil))
	if !slices.Equal(got.Labels, r.Labels) {
		t.Errorf("labels %v, want %v", got.Labels, r.Labels)
	}
	if !(math.Abs(got.Inertia-r.Inertia) <= 1e-9*r.Inertia) {
		t.Errorf("inertia %v, want %v", got.Inertia, r.Inertia)
	}
	for k, want := range r.Centers {
		if !(math.Sqrt(square(got.Centers[k], want)) <= 1e-9) {
			t.Errorf("center %d is %v, want %v", k, got.Centers[k], want)
		}
	}
}

// big is enough rows for the sample: blobs with flags.
func big(n int) (table.View, [][]float64) {
	g := rng.New(2).Rand()
	x := make([][]float64, n)
	for i := range x {
		c := float64(g.IntN(7))
		x[i] = []float64{3*c + g.NormFloat64(), math.Mod(c*c, 5) + 0.5*g.NormFloat64(), float64(g.IntN(2))}
	}
	return tabled(x, nil), x
}

func TestBigAndReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("long work of one kind: not under the race detector")
	}
	v, x := big(70000)
	var want models.Clustering
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got := cluster(t, Config{K: 7, Starts: 2}, v)
		runtime.GOMAXPROCS(old)
		if want.Labels == nil {
			want = got
			check(t, "big", got, x, nil)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d cores: another clustering", procs)
		}
	}
	if other := cluster(t, Config{K: 7, Starts: 2, Seed: rng.New(9)}, v); !(math.Abs(other.Inertia-want.Inertia) <= 0.01*want.Inertia) {
		t.Errorf("inertia %v with another seed, %v before", other.Inertia, want.Inertia)
	}
}

// TestHamerlyIsLloyd compares the bounds with a plain twin, round by round.
func TestHamerlyIsLloyd(t *testing.T) {
	for _, c := range load(t).Cases {
		if c.Name == "flags" {
			continue // full of ties, which rounding breaks its own way
		}
		m, err := Config{K: 1, Starts: 1}.Fit(context.Background(), tabled(c.X, c.W))
		if err != nil {
			t.Fatal(err)
		}
		origin := m.clustering.Centers[0]
		pt := &points{n: len(c.X), p: len(c.X[0]), start: []int32{0}}
		for i, row := range c.X {
			for j, v := range row {
				pt.col, pt.val = append(pt.col, int32(j)), append(pt.val, v-origin[j])
			}
			pt.start = append(pt.start, int32(len(pt.col)))
			if pt.weight = append(pt.weight, 1); c.W != nil {
				pt.weight[i] = c.W[i]
			}
		}
		pt.measure()
		all := make([]int, pt.n)
		for i := range all {
			all[i] = i
		}
		rows, k := pt.rows(all), c.K[len(c.K)-1]
		for rounds := 1; rounds < 12; rounds++ {
			y := newLloyd(pt, rows[:k])
			if err := y.run(context.Background(), rounds, -1); err != nil {
				t.Fatal(err)
			}
			want := naive(rows, pt.weight, rows[:k], rounds)
			for i, a := range y.a {
				if int(a) != want[i] {
					t.Fatalf("%s: after %d rounds row %d is in %d, want %d", c.Name, rounds, i, a, want[i])
				}
			}
		}
	}
}

func naive(x [][]float64, w []float64, centers [][]float64, rounds int) []int {
	labels := make([]int, len(x))
	for r := range rounds {
		if r > 0 {
			next, mass := make([][]float64, len(centers)), make([]float64, len(centers))
			for c := range next {
				next[c] = make([]float64, len(x[0]))
			}
			for i, row := range x {
				mass[labels[i]] += w[i]
				for j, v := range row {
					next[labels[i]][j] += w[i] * v
				}
			}
			for c := range next {
				for j := range next[c] {
					next[c][j] /= mass[c]
				}
			}
			centers = next
		}
		for i, row := range x {
			for c := range centers {
				if square(row, centers[c]) < square(row, centers[labels[i]]) {
					labels[i] = c
				}
			}
		}
	}
	return labels
}

func TestWeightIsRepetition(t *testing.T) {
	c := load(t).Cases[3]
	var repeated [][]float64
	for i, row := range c.X {
		for range int(c.W[i]) {
			repeated = append(repeated, row)
		}
	}
	a, b := cluster(t, Config{K: 5}, tabled(c.X, c.W)), cluster(t, Config{K: 5}, tabled(repeated, nil))
	if !(math.Abs(a.Inertia-b.Inertia) <= 1e-9*a.Inertia) {
		t.Errorf("inertia %v by weight, %v by repetition", a.Inertia, b.Inertia)
	}
}

func TestAssign(t *testing.T) {
	c := load(t).Cases[0]
	v := tabled(c.X, nil)
	m, err := Config{K: 8}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	labels, err := m.Assign(context.Background(), v)
	if err != nil || !slices.Equal(labels, m.Clustering().Labels) {
		t.Errorf("the rows of Fit are assigned elsewhere: %v", err)
	}
	one, err := m.Assign(context.Background(), v.Take([]int{17}))
	if err != nil || one[0] != labels[17] {
		t.Errorf("row 17 alone: %v, %v", one, err)
	}
	seal := table.Seal(v.Table())
	if _, err := m.Assign(context.Background(), seal.Describe("test")); err == nil {
		t.Error("sealed rows were assigned")
	}
	if _, err := (Config{K: 2}).Cluster(context.Background(), seal.Describe("test")); err == nil {
		t.Error("sealed rows were clustered")
	}
}

func TestEmptyClusterGetsARow(t *testing.T) {
	pt := &points{n: 4, p: 1, start: []int32{0, 1, 2, 3, 4}, col: []int32{0, 0, 0, 0}, val: []float64{1, 2, 3, 50}, weight: []float64{1, 1, 1, 1}}
	pt.measure()
	y := newLloyd(pt, [][]float64{{1}, {2}, {900}})
	if err := y.run(context.Background(), 100, -1); err != nil {
		t.Fatal(err)
	}
	y.score()
	if y.mass[2] != 1 || y.centers[2][0] != 50 || !(math.Abs(y.inertia-0.5) <= 1e-12) {
		t.Errorf("centers %v, inertia %v; want one at 50 and 0.5", y.centers, y.inertia)
	}
}

func TestEdges(t *testing.T) {
	same := [][]float64{{1, 2}, {1, 2}, {1, 2}, {3, 4}}
	if got := cluster(t, Config{K: 2}, tabled(same, nil)); got.Inertia != 0 || !slices.Equal(got.Labels, []int{0, 0, 0, 1}) {
		t.Errorf("two distinct rows: %v", got)
	}
	if got := cluster(t, Config{K: 1}, tabled(same[:3], nil)); got.Inertia != 0 || got.Centers[0][1] != 2 {
		t.Errorf("constant rows: %v", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Config{K: 2}).Cluster(ctx, tabled(same, nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	words := table.Must(table.New("w", table.Text("service", []string{"a", "b"}))).View()
	for _, c := range []struct {
		c    Config
		v    table.View
		want string
	}{
		{Config{K: 3}, tabled(same, nil), "has 2 distinct rows"},
		{Config{K: 2}, tabled(same, []float64{1, 1, 1, 0}), "K is 2"},
		{Config{}, tabled(same, nil), "K is 0"},
		{Config{K: 2, Starts: -1}, tabled(same, nil), "Starts is -1"},
		{Config{K: 2}, tabled([][]float64{{1}, {math.NaN()}}, nil), `row 2 of column "x0" is missing`},
		{Config{K: 2}, tabled([][]float64{{1}, {math.Inf(1)}}, nil), `row 2 of column "x0" is +Inf`},
		{Config{K: 2}, words, `"service" is categorical`},
		{Config{K: 2}, table.View{}, "0 rows"},
	} {
		if _, err := c.c.Cluster(context.Background(), c.v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
}
