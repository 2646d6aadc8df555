package eval

import (
	"context"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// spy notes what it was fitted on.
type spy struct {
	rows *[]int
	seed *rng.Seed
}

func (spy) Name() string { return "spy" }
func (s spy) WithSeed(seed rng.Seed) models.Learner {
	*s.seed = seed
	return s
}
func (s spy) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	*s.rows = (*s.rows)[:0]
	for i := range train.Rows() {
		*s.rows = append(*s.rows, train.Row(i))
	}
	return centroid{}.Fit(ctx, train)
}

// The sample keeps the shares of the classes, holds no row twice, and changes with
// the seed alone.
func TestSampled(t *testing.T) {
	var rows []int
	var seed rng.Seed
	data := flows("train", 4000).View().WithTarget("type")
	labels, classes, _ := data.Labels()
	count := classCounts(labels, len(classes))
	draw := func(n int, at uint64) []int {
		if _, err := models.WithSeed(Sampled{Learner: spy{&rows, &seed}, Rows: n}, rng.New(at)).Fit(ctx, data); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(rows)
	}
	first := draw(100, 1)
	if n := len(first); n < 100 || n > 103 || len(slices.Compact(slices.Clone(first))) != n || !slices.IsSorted(first) {
		t.Errorf("%d rows: %v", n, first)
	}
	got := make([]int, len(classes))
	for _, r := range first {
		got[labels[r]]++
	}
	for c := range classes {
		if want := (count[c]*100 + 3999) / 4000; got[c] != want {
			t.Errorf("%d rows of %s, want %d", got[c], classes[c], want)
		}
	}
	if seed != rng.New(1).At("learner") {
		t.Error("the learner's seed is not below the sample's")
	}
	if !slices.Equal(first, draw(100, 1)) || slices.Equal(first, draw(100, 2)) {
		t.Error("the seed does not decide the sample")
	}
	if got := draw(5000, 1); len(got) != 4000 {
		t.Errorf("%d of 4000 rows", len(got))
	}
	if name := (Sampled{Learner: spy{}, Rows: 1234567}).Name(); name != "spy (1,234,567 rows)" {
		t.Errorf("it is called %q", name)
	}
	if _, err := (Sampled{Learner: spy{}}).Fit(ctx, data); err == nil || !strings.Contains(err.Error(), "Rows is 0") {
		t.Errorf("no rows: %v", err)
	}
}

// Rows of weight 0 are no rows: a sample of them would fit nothing.
func TestSampledHeedsWeights(t *testing.T) {
	var rows []int
	var seed rng.Seed
	w := make([]float64, 600)
	for i := range w {
		if i%20 < 3 {
			w[i] = 2
		}
	}
	data := table.Must(flows("train", 600).With(table.Float("w", "", w).As(table.Weight))).View().WithTarget("type")
	for n, want := range map[int][2]int{30: {30, 34}, 90: {600, 600}} {
		if _, err := (Sampled{Learner: spy{&rows, &seed}, Rows: n}).Fit(ctx, data); err != nil {
			t.Fatal(err)
		}
		if len(rows) < want[0] || len(rows) > want[1] {
			t.Errorf("%d rows for a sample of %d", len(rows), n)
		}
		for _, r := range rows {
			if w[r] == 0 && n < 90 {
				t.Errorf("row %d of weight 0 was drawn", r)
			}
		}
	}
}
