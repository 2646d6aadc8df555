package decompose

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/internal/wire"
	"flowbook/models/linear"
)

// flows has two numbers and a category, a target and a seal to be kept.
func flows(n int) *table.Table {
	g := rng.New(9).Rand()
	a, b, s, class := make([]float64, n), make([]int64, n), make([]string, n), make([]string, n)
	for i := range n {
		a[i], b[i] = g.NormFloat64(), int64(g.IntN(9))
		s[i], class[i] = []string{"dns", "http", "ssh"}[g.IntN(3)], []string{"attack", "normal"}[i%2]
	}
	return table.Must(table.New("flows", table.Float("rate", "1/s", a), table.Int("count", "", b), table.Text("service", s),
		table.Text("class", class).As(table.Label)))
}

// The table that Transform makes has the scores, the target and the seal; the rows come
// back in their own columns and units.
func TestTransformAndReconstruct(t *testing.T) {
	sealed := table.Seal(flows(50))
	opened := sealed.Open("a test")
	v := flows(50).View().Numeric()
	m := fit(t, PCA{}, v)
	made, err := m.Transform(background, opened.Take([]int{3, 1}))
	if err != nil {
		t.Fatal(err)
	}
	scores, err := m.Scores(background, v)
	if err != nil {
		t.Fatal(err)
	}
	if got := made.View().Floats("pc2"); got[0] != scores[3*2+1] || got[1] != scores[1*2+1] {
		t.Errorf("pc2 is %v", got)
	}
	if got := made.View().Strings("class"); !slices.Equal(got, []string{"normal", "normal"}) || !made.View().FromTest() || len(made.Columns()) != 3 {
		t.Errorf("classes %q, from a test set: %v", got, made.View().FromTest())
	}
	back, err := m.Reconstruct(background, v)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "rate", back.View().Floats("rate"), v.Floats("rate"), 1e-14, 10)
	near(t, "count", back.View().Floats("count"), v.Floats("count"), 1e-14, 10)
	if back.Column("rate").Unit != "1/s" {
		t.Error("the unit is lost")
	}
	clash := table.Must(v.Table().With(table.Text("pc1", v.Strings("class")).As(table.Label))).View().WithTarget("pc1")
	if _, err := m.Transform(background, clash); err == nil || !strings.Contains(err.Error(), "pc1") {
		t.Errorf("a target called pc1: %v", err)
	}
}

// As a step among others, in front of a learner, saved and loaded.
func TestStepIsSaved(t *testing.T) {
	v := flows(200).View()
	l := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{}, PCA{K: 3}.Step())
	c, err := l.Fit(background, v)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.Predict(background, v)
	if err != nil {
		t.Fatal(err)
	}
	var w wire.Writer
	w.Nested(c)
	body, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	load := func(b []byte) (models.Classifier, error) {
		r := wire.NewReader(b, wire.Merge(Kinds(), encode.Kinds(), linear.Kinds()))
		return r.Classifier(), r.Err()
	}
	loaded, err := load(body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := loaded.Predict(background, v)
	if err != nil || !slices.Equal(got.P, want.P) {
		t.Errorf("other scores after loading (%v)", err)
	}
	var again wire.Writer
	again.Nested(loaded)
	if b, _ := again.Bytes(); !bytes.Equal(b, body) {
		t.Error("saved again, the model gives other bytes")
	}
	random := rng.New(7).Rand()
	for range 2000 {
		spoilt := slices.Clone(body)
		for range 1 + random.IntN(3) {
			spoilt[random.IntN(len(spoilt))] ^= byte(1 << random.IntN(8))
		}
		if altered, err := load(spoilt); err == nil {
			_, _ = altered.Predict(background, v) // must not panic
		}
	}
}

func TestLoadPCARefuses(t *testing.T) {
	good := fit(t, PCA{}, spread(50, 3))
	for _, c := range []struct {
		spoil func(m *PCAModel)
		says  string
	}{
		{func(m *PCAModel) { m.mean = m.mean[1:] }, "2 means of 3 columns"},
		{func(m *PCAModel) { m.squares = nil }, "0 components"},
		{func(m *PCAModel) { m.components = m.components[1:] }, "8 numbers for 3 components"},
		{func(m *PCAModel) { m.weight = 1 }, "weight 1"},
		{func(m *PCAModel) { m.squares = []float64{1, 2, 0} }, "do not fall"},
		{func(m *PCAModel) { m.squares = []float64{1, 0, -1} }, "do not fall"},
		{func(m *PCAModel) { m.components = slices.Repeat([]float64{2}, 9) }, "the entry 2"},
	} {
		m := *good
		c.spoil(&m)
		var w wire.Writer
		w.Nested(&m)
		b, err := w.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		r := wire.NewReader(b, Kinds())
		if r.Nested(); r.Err() == nil || !strings.Contains(r.Err().Error(), c.says) {
			t.Errorf("got %v, want an error with %q", r.Err(), c.says)
		}
	}
}
