package cluster

import (
	"encoding/json"
	"math"
	"os"
	"runtime"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

type reference struct {
	X                                    [][]float64
	Labels, Classes                      []int
	Silhouette, Davies_bouldin, Ari, Ami float64
	Homogeneity, Completeness, V         float64
}

func load(t *testing.T) (r []reference) {
	b, err := os.ReadFile("testdata/cluster.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func matrix(x [][]float64) Matrix {
	m := Matrix{P: len(x[0])}
	for _, row := range x {
		m.X = append(m.X, row...)
	}
	return m
}

func TestAgainstScikitLearn(t *testing.T) {
	for i, r := range load(t) {
		x := matrix(r.X)
		a := VMeasure(r.Classes, r.Labels)
		for _, c := range []struct {
			name      string
			got, want float64
		}{
			{"silhouette", Silhouette(x, r.Labels, 0, rng.Seed{}), r.Silhouette},
			{"Davies-Bouldin", DaviesBouldin(x, r.Labels), r.Davies_bouldin},
			{"ARI", ARI(r.Classes, r.Labels), r.Ari},
			{"AMI", AMI(r.Classes, r.Labels), r.Ami},
			{"homogeneity", a.Homogeneity, r.Homogeneity},
			{"completeness", a.Completeness, r.Completeness},
			{"V", a.V, r.V},
		} {
			if !(math.Abs(c.got-c.want) <= 1e-9) {
				t.Errorf("case %d: %s is %v, want %v", i, c.name, c.got, c.want)
			}
		}
	}
}

func TestLaws(t *testing.T) {
	for _, r := range load(t) {
		renamed := make([]int, len(r.Labels))
		for i, l := range r.Labels {
			renamed[i] = 1000 - 3*l
		}
		near(t, "ARI with itself", ARI(r.Labels, renamed), 1, 1e-12)
		near(t, "AMI with itself", AMI(r.Labels, renamed), 1, 1e-12)
		near(t, "V with itself", VMeasure(r.Labels, renamed).V, 1, 1e-12)
		near(t, "ARI turned round", ARI(r.Labels, r.Classes), ARI(r.Classes, r.Labels), 1e-12)
		near(t, "AMI turned round", AMI(r.Labels, r.Classes), AMI(r.Classes, r.Labels), 1e-12)
		near(t, "Davies-Bouldin renamed", DaviesBouldin(matrix(r.X), renamed), DaviesBouldin(matrix(r.X), r.Labels), 1e-12)
	}
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestSample(t *testing.T) {
	r := load(t)[1]
	x := matrix(r.X)
	seed := rng.New(4)
	want := Silhouette(x, r.Labels, 50, seed)
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		if got := Silhouette(x, r.Labels, 50, seed); got != want {
			t.Errorf("%d cores: %v, want %v", procs, got, want)
		}
		runtime.GOMAXPROCS(old)
	}
	if Silhouette(x, r.Labels, 50, rng.New(5)) == want {
		t.Error("another seed draws the same rows")
	}
	near(t, "a limit that is not reached", Silhouette(x, r.Labels, 5000, seed), r.Silhouette, 1e-9)
}

func TestEdges(t *testing.T) {
	x := Matrix{[]float64{0, 1, 5, 6, 100}, 1}
	one := []int{0, 0, 0, 0, 0}
	if !math.IsNaN(Silhouette(x, one, 0, rng.Seed{})) || !math.IsNaN(DaviesBouldin(x, one)) {
		t.Error("one cluster has an index")
	}
	// Noise is left out: (0, 1) and (5, 6) have centers 5 apart and spread ½ each.
	near(t, "Davies-Bouldin with noise", DaviesBouldin(x, []int{0, 0, 1, 1, -1}), 0.2, 1e-12)
	// a = 1, b = 5.5 or 4.5 each: widths 9/11, 7/9.
	near(t, "silhouette with noise", Silhouette(x, []int{0, 0, 1, 1, -1}, 0, rng.Seed{}), (9./11+7./9)/2, 1e-12)
	near(t, "equal rows", Silhouette(Matrix{[]float64{1, 1, 1, 1}, 1}, []int{0, 0, 1, 1}, 0, rng.Seed{}), 0, 0)
	near(t, "one label each way", ARI(one, one), 1, 0)
	near(t, "one label each way", AMI(one, one), 1, 0)
	near(t, "one cluster", VMeasure([]int{0, 1, 0, 1, 1}, one).V, 0, 0)
	near(t, "no rows", VMeasure(nil, nil).V, 1, 0)
	defer func() {
		if recover() == nil {
			t.Error("labels of another length pass")
		}
	}()
	ARI(one, one[:2])
}

func TestRows(t *testing.T) {
	tab := table.Must(table.New("t", table.Float("a", "", []float64{1, 2}), table.Int("b", "", []int64{3, 4}), table.Text("c", []string{"x", "y"})))
	m, err := Rows(tab.View().Numeric())
	if err != nil || m.Len() != 2 || m.Row(1)[0] != 2 || m.Row(1)[1] != 4 {
		t.Errorf("got %v, %v", m, err)
	}
	if _, err := Rows(tab.View()); err == nil {
		t.Error("a category became a number")
	}
}
