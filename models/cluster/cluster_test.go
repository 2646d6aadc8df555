package cluster

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// reference is a case of testdata/cluster.json; a nil number was refused.
type reference struct {
	Name                                          string
	X                                             [][]float64
	Labels, Classes                               []int
	Widths                                        []float64
	Silhouette, Davies_bouldin, Calinski_harabasz *float64
	Per_row, Explained                            *float64
	Ari, Ami, Homogeneity, Completeness, V        float64
}

func load(t testing.TB, name string, to any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, to); err != nil {
		t.Fatal(err)
	}
}

func references(t testing.TB) (r []reference) {
	load(t, "cluster.json", &r)
	return r
}

func matrix(x [][]float64) Matrix {
	m := Matrix{P: len(x[0])}
	for _, row := range x {
		m.X = append(m.X, row...)
	}
	return m
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestAgainstScikitLearn(t *testing.T) {
	for _, r := range references(t) {
		x := matrix(r.X)
		a := VMeasure(r.Classes, r.Labels)
		near(t, r.Name+": ARI", ARI(r.Classes, r.Labels), r.Ari, 1e-9)
		near(t, r.Name+": AMI", AMI(r.Classes, r.Labels), r.Ami, 1e-9)
		near(t, r.Name+": homogeneity", a.Homogeneity, r.Homogeneity, 1e-9)
		near(t, r.Name+": completeness", a.Completeness, r.Completeness, 1e-9)
		near(t, r.Name+": V", a.V, r.V, 1e-9)
		re := Reconstruct(x, r.Labels, nil)
		for _, c := range []struct {
			name string
			got  float64
			want *float64
		}{
			{"silhouette", Silhouette(x, r.Labels, 0, rng.Seed{}), r.Silhouette},
			{"Davies-Bouldin", DaviesBouldin(x, r.Labels), r.Davies_bouldin},
			{"Calinski-Harabasz", CalinskiHarabasz(x, r.Labels), r.Calinski_harabasz},
			{"squared distance a row", re.PerRow, r.Per_row},
			{"variance explained", re.Explained, r.Explained},
		} {
			switch {
			case c.want != nil:
				near(t, r.Name+": "+c.name, c.got, *c.want, 1e-9*math.Max(1, *c.want))
			case r.Name == "each row a cluster" && c.name != "Calinski-Harabasz": // scikit-learn refuses what is 0 by definition
				near(t, r.Name+": "+c.name, c.got, 0, 0)
			case !math.IsNaN(c.got):
				t.Errorf("%s: %s is %v, want NaN", r.Name, c.name, c.got)
			}
		}
	}
}

// TestLaws: names of clusters and the order of rows do not matter, and neither does
// where the rows are; all rows twice leave what is a mean as it is.
func TestLaws(t *testing.T) {
	indices := func(x Matrix, labels []int) []float64 {
		r := Reconstruct(x, labels, nil)
		return []float64{DaviesBouldin(x, labels), r.PerRow, r.Explained, Silhouette(x, labels, 0, rng.Seed{}), CalinskiHarabasz(x, labels)}
	}
	compare := func(what string, got, want []float64) {
		t.Helper()
		for i, v := range want {
			if !math.IsNaN(v) || !math.IsNaN(got[i]) {
				near(t, what, got[i], v, 1e-9*math.Max(1, v))
			}
		}
	}
	g := rng.New(8).Rand()
	for _, r := range references(t) {
		if r.Name == "far" {
			continue // moved, it is rounded
		}
		x := matrix(r.X)
		want := indices(x, r.Labels)
		renamed := make([]int, len(r.Labels))
		for i, l := range r.Labels {
			if renamed[i] = 1000 - 3*l; l < 0 {
				renamed[i] = l
			}
		}
		compare(r.Name+", renamed", indices(x, renamed), want)
		near(t, "ARI with itself", ARI(r.Labels, renamed), 1, 1e-12)
		near(t, "AMI with itself", AMI(r.Labels, renamed), 1, 1e-12)
		near(t, "V with itself", VMeasure(r.Labels, renamed).V, 1, 1e-12)
		near(t, "ARI turned round", ARI(r.Labels, r.Classes), ARI(r.Classes, r.Labels), 1e-12)
		near(t, "AMI turned round", AMI(r.Labels, r.Classes), AMI(r.Classes, r.Labels), 1e-12)
		compare(r.Name+", shuffled", indices(shuffled(x, r.Labels, g)), want)
		moved := Matrix{make([]float64, len(x.X)), x.P}
		for i, v := range x.X {
			moved.X[i] = v + 8
		}
		compare(r.Name+", moved", indices(moved, r.Labels), want)
		twice := Matrix{append(append([]float64{}, x.X...), x.X...), x.P}
		compare(r.Name+", twice", indices(twice, append(append([]int{}, r.Labels...), r.Labels...))[:3], want[:3])
	}
}

func shuffled(x Matrix, labels []int, g *rand.Rand) (Matrix, []int) {
	y, out := Matrix{make([]float64, 0, len(x.X)), x.P}, make([]int, len(labels))
	for i, r := range g.Perm(len(labels)) {
		y.X, out[i] = append(y.X, x.Row(r)...), labels[r]
	}
	return y, out
}

func TestEdges(t *testing.T) {
	x := Matrix{[]float64{0, 1, 5, 6, 100}, 1}
	one := []int{0, 0, 0, 0, 0}
	noise := []int{-1, -1, -1, -1, -1}
	for _, labels := range [][]int{one, noise} {
		if !math.IsNaN(Silhouette(x, labels, 0, rng.Seed{})) || !math.IsNaN(DaviesBouldin(x, labels)) || !math.IsNaN(CalinskiHarabasz(x, labels)) {
			t.Errorf("an index of labels %v", labels)
		}
	}
	if r := Reconstruct(x, noise, nil); !math.IsNaN(r.PerRow) || !math.IsNaN(r.Explained) {
		t.Errorf("noise alone is reconstructed by %v", r)
	}
	// Noise is left out: (0, 1) and (5, 6) have centers 5 apart and spread ½ each.
	labels := []int{0, 0, 1, 1, -1}
	near(t, "Davies-Bouldin with noise", DaviesBouldin(x, labels), 0.2, 1e-12)
	// Each center is 2.5 off the mean: 4·2.5² between with 1 degree of freedom, 4·½² within with 2.
	near(t, "Calinski-Harabasz with noise", CalinskiHarabasz(x, labels), 50, 1e-12)
	near(t, "squared distance a row with noise", Reconstruct(x, labels, nil).PerRow, 0.25, 1e-12)
	// About 0 and 5: 0, 1, 0, 1. The variance is 26/4 = 6.5 about the mean of 3.
	given := Reconstruct(x, labels, [][]float64{{0}, {5}})
	near(t, "squared distance to given centers", given.PerRow, 0.5, 1e-12)
	near(t, "explained by given centers", given.Explained, 1-0.5/6.5, 1e-12)
	// a = 1, b = 5.5 or 4.5 each: widths 9/11, 7/9.
	near(t, "silhouette with noise", Silhouette(x, labels, 0, rng.Seed{}), (9./11+7./9)/2, 1e-12)
	near(t, "equal rows", Silhouette(Matrix{[]float64{1, 1, 1, 1}, 1}, []int{0, 0, 1, 1}, 0, rng.Seed{}), 0, 0)
	near(t, "one label each way", ARI(one, one), 1, 0)
	near(t, "one label each way", AMI(one, one), 1, 0)
	near(t, "one cluster", VMeasure([]int{0, 1, 0, 1, 1}, one).V, 0, 0)
	near(t, "no rows", VMeasure(nil, nil).V, 1, 0)
	if !math.IsNaN(Silhouette(Matrix{P: 3}, nil, 0, rng.Seed{})) || !math.IsNaN(CalinskiHarabasz(Matrix{}, nil)) {
		t.Error("no rows have an index")
	}
	for name, f := range map[string]func(){
		"ARI":        func() { ARI(one, one[:2]) },
		"silhouette": func() { Silhouette(x, one[:2], 0, rng.Seed{}) },
		"Calinski":   func() { CalinskiHarabasz(x, one[:2]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: labels of another length pass", name)
				}
			}()
			f()
		}()
	}
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
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		tab := table.Must(table.New("t", table.Float("a", "", []float64{1, bad})))
		if _, err := Rows(tab.View()); err == nil {
			t.Errorf("%v became a row", bad)
		}
	}
}
