package eval

import (
	"slices"
	"testing"

	"flowbook/eval/metric"
	"flowbook/internal/rng"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/encode"
)

// A learner of fewer seeds gets the first ones of those that it would have had,
// also behind another name or encoders.
func TestFewer(t *testing.T) {
	train, test := flows("train", 200).View(), opened(flows("test", 100))
	many := noisy{centroid{name: "noisy", noise: 2}}
	h, err := binary().HoldoutSeeds(ctx, train, []Split{{"test", test}}, 5, many,
		Named("named", Fewer(2, many)), Fewer(3, encode.Then(noisy{centroid{name: "then", noise: 2}})),
		Fewer(9, noisy{centroid{name: "nine", noise: 2}}), Fewer(0, noisy{centroid{name: "none", noise: 2}}), Fewer(4, baseline.Majority{}))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"noisy": 5, "named": 2, "then": 3, "nine": 5, "none": 1, "majority": 1} {
		if got := len(h.BySeed(name, metric.MCC, "test")); got != want {
			t.Errorf("%s was fitted for %d seeds, want %d", name, got, want)
		}
	}
	alone, err := binary().HoldoutSeeds(ctx, train, []Split{{"test", test}}, 3, noisy{centroid{name: "then", noise: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := alone.BySeed("then", metric.MCC, "test"), h.BySeed("then", metric.MCC, "test"); !slices.Equal(a, b) || a[0] == a[1] {
		t.Errorf("seeds gave %v, want %v", b, a)
	}
	seeded := models.WithSeed(Fewer(2, many), rng.New(5))
	if seedsOf(seeded, 7) != 2 || seedsOf(Fewer(1, Fewer(3, many)), 7) != 1 || seedsOf(centroid{}, 7) != 1 {
		t.Error("the number is lost with another seed")
	}
	if seeded.(interface{ Unwrap() models.Learner }).Unwrap().(noisy).seed != rng.New(5) {
		t.Error("the seed does not reach the learner")
	}
}
