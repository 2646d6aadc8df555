package kmeans

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

var _ wire.Described = (*Model)(nil)

func saved(t testing.TB) ([]byte, *Model, table.View) {
	v := tabled(blobs(rng.New(1).Rand(), 60, 3, 3, 1), nil)
	m, err := Config{K: 3}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	var w wire.Writer
	w.Nested(m)
	b, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b, m, v
}

func TestSavedAndLoaded(t *testing.T) {
	b, m, v := saved(t)
	r := wire.NewReader(b, Kinds())
	got, ok := r.Nested().(*Model)
	if !ok || r.Err() != nil {
		t.Fatal(r.Err())
	}
	want := m.Clustering()
	want.Labels = nil
	if !reflect.DeepEqual(got.Clustering(), want) || !reflect.DeepEqual(got.Sizes(), m.Sizes()) || !reflect.DeepEqual(got.Schema(), m.Schema()) || !slices.Equal(got.Columns(), m.Columns()) {
		t.Errorf("loaded %v, saved %v", got.Clustering(), want)
	}
	labels, err := got.Assign(context.Background(), v)
	if err != nil || !slices.Equal(labels, m.Clustering().Labels) {
		t.Errorf("the loaded model assigns rows elsewhere: %v", err)
	}
}

// TestAlteredBytes: whatever stands in a file, it is refused or assigns rows to clusters
// that are there.
func TestAlteredBytes(t *testing.T) {
	b, _, v := saved(t)
	g := rng.New(8).Rand()
	for range 20000 {
		c := slices.Clone(b)
		for range 1 + g.IntN(3) {
			c[g.IntN(len(c))] = []byte{0, 1, 0x7f, 0xff, byte(g.IntN(256))}[g.IntN(5)]
		}
		if g.IntN(4) == 0 {
			c = c[:g.IntN(len(c))]
		}
		r := wire.NewReader(c, Kinds())
		m, ok := r.Nested().(*Model)
		if !ok || r.Err() != nil {
			continue
		}
		labels, err := m.Assign(context.Background(), v)
		if err == nil && (len(labels) != v.Rows() || slices.Max(labels) >= m.Clustering().K) {
			t.Fatalf("%d labels up to %d for %d rows and %d clusters", len(labels), slices.Max(labels), v.Rows(), m.Clustering().K)
		}
	}
}

func TestDegenerate(t *testing.T) {
	line := func(v ...float64) (x [][]float64) {
		for _, a := range v {
			x = append(x, []float64{a})
		}
		return x
	}
	for _, c := range []struct {
		k      int
		x      [][]float64
		w      []float64
		labels []int
		error  string
	}{
		{1, line(7), nil, []int{0}, ""},
		{1, line(7, 7, 7), nil, []int{0, 0, 0}, ""},
		{2, line(7, 7, 7), nil, nil, "lower K"},
		{2, line(1e140, 1e140, 3e140), nil, []int{0, 0, 1}, ""},
		{2, line(1e-140, 1e-140, 3e-140), nil, []int{0, 0, 1}, ""},
		{2, line(1e300, 2e300, 3e300), nil, nil, "scale the features"},
		{2, line(-1e308, 1e308, 1e308), nil, nil, "scale the features"},
		{2, line(1e-300, 2e-300, 3e-300), nil, nil, "scale the features"},
		{1, line(1, 2), []float64{0, 0}, nil, "all rows have weight 0"},
		{1, line(1, 2), []float64{1e308, 1e308}, nil, "weights"},
		{1, line(1, 9), []float64{1, 0}, []int{0, 0}, ""},
		{2, [][]float64{{1, 5, 0}, {1, 5, 3}, {1, 5, 3}}, nil, []int{1, 0, 0}, ""},
	} {
		got, err := Config{K: c.k}.Cluster(context.Background(), tabled(c.x, c.w))
		switch {
		case c.error == "" && (err != nil || !slices.Equal(got.Labels, c.labels) || math.IsNaN(got.Inertia)):
			t.Errorf("%v into %d: %v, %v; want labels %v", c.x, c.k, got, err, c.labels)
		case c.error != "" && (err == nil || !strings.Contains(err.Error(), c.error)):
			t.Errorf("%v into %d: %v; want an error with %q", c.x, c.k, err, c.error)
		}
	}
}
