package resample

import (
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

func TestForward(t *testing.T) {
	// scikit-learn 1.2.1: list(TimeSeriesSplit(3).split(range(10))) trains on 4, 6, 8 rows and tests on 2 each.
	ten := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	f, err := Forward{K: 3}.Split(ten)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2][]int{{{0, 1, 2, 3}, {4, 5}}, {{0, 1, 2, 3, 4, 5}, {6, 7}}, {{0, 1, 2, 3, 4, 5, 6, 7}, {8, 9}}} {
		if !slices.Equal(f.Train[i], want[0]) || !slices.Equal(f.Test[i], want[1]) {
			t.Errorf("fold %d: %v and %v; want %v", i, f.Train[i], f.Test[i], want)
		}
	}
	far := []int64{math.MinInt64, -5e18, 5e18, math.MaxInt64}
	if f, err := (Forward{K: 1}).Split(far); err != nil || !slices.Equal(f.Train[0], []int{0, 1}) {
		t.Errorf("stamps of all sizes: %v, %v", f, err)
	}
	r := rng.New(2).Rand()
	for range 200 {
		stamps := make([]int64, 30+r.IntN(60))
		for i := range stamps {
			stamps[i] = int64(r.IntN(40))
		}
		s := Forward{K: 1 + r.IntN(4), Gap: int64(r.IntN(4)), Window: int64(r.IntN(2) * 15)}
		f, err := s.Split(stamps)
		if err != nil {
			if s.Window == 0 && s.Gap == 0 && s.K == 1 {
				t.Error(err)
			}
			continue
		}
		if err := f.Check(len(stamps)); err != nil {
			t.Fatal(err)
		}
		tested := 0
		for i := range f.Test {
			tested += len(f.Test[i])
			first := stamps[slices.MinFunc(f.Test[i], func(a, b int) int { return int(stamps[a] - stamps[b]) })]
			for _, row := range f.Train[i] {
				if age := first - stamps[row]; age <= s.Gap || s.Window > 0 && age > s.Window {
					t.Fatalf("%+v: a training row is %d before the test", s, age)
				}
			}
		}
		if tested > len(stamps) || s.Gap == 0 && tested < len(stamps)/4 {
			t.Errorf("%+v: %d of %d rows are judged", s, tested, len(stamps))
		}
	}
	for want, s := range map[string]Forward{"K is 10": {K: 10}, "Gap -1": {Gap: -1}, "no row to learn from": {K: 3, Gap: 6}} {
		if _, err := s.Split(ten); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v; want %q", s, err, want)
		}
	}
	if _, err := (Forward{K: 2}).Split([]int64{1, 1, 1, 1}); err == nil {
		t.Error("rows of one time were split in time")
	}
}

func TestBootstrapFolds(t *testing.T) {
	f, err := Bootstrap{Draws: 200, Seed: rng.New(3)}.Split(100, nil)
	if err != nil || f.Len() != 200 {
		t.Fatal(f.Len(), err)
	}
	if err := f.Check(100); err != nil {
		t.Fatal(err)
	}
	left := 0
	for i := range f.Test {
		left += len(f.Test[i])
		if len(f.Train[i]) != 100 {
			t.Errorf("draw %d has %d training rows", i, len(f.Train[i]))
		}
	}
	if share := float64(left) / 20000; share < 0.35 || share > 0.38 { // (1-1/100)^100 = .366
		t.Errorf("%.3f of the rows are left out", share)
	}
	groups := make([]int, 90)
	for i := range groups {
		groups[i] = i / 9
	}
	f, err = Bootstrap{Seed: rng.New(3)}.Split(90, groups)
	if err != nil || f.Check(90) != nil {
		t.Fatal(err, f.Check(90))
	}
	for i := range f.Test {
		for _, r := range f.Train[i] {
			for _, s := range f.Test[i] {
				if groups[r] == groups[s] {
					t.Fatalf("draw %d parts group %d", i, groups[r])
				}
			}
		}
	}
	if _, err := (Bootstrap{}).Split(1, nil); err == nil {
		t.Error("one row was drawn from")
	}
}

func TestRepeated(t *testing.T) {
	f, err := Repeated(3, rng.New(1), func(s rng.Seed) (Folds, error) { return KFold{K: 4, Seed: s}.Split(21) })
	if err != nil || f.Len() != 12 || f.Name != "4 folds, 3 times" || f.Check(21) != nil {
		t.Fatal(f.Name, f.Len(), err)
	}
	for from := 0; from < 12; from += 4 {
		all := slices.Concat(f.Test[from : from+4]...)
		slices.Sort(all)
		if len(all) != 21 || all[20] != 20 {
			t.Errorf("repeat %d judges %v", from/4, all)
		}
	}
	if slices.Equal(f.Test[0], f.Test[4]) {
		t.Error("two repeats cut alike")
	}
	if _, err := Repeated(0, rng.New(1), nil); err == nil {
		t.Error("no repeats")
	}
}
