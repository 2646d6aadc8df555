package resample

import (
	"fmt"
	"slices"

	"flowbook/internal/rng"
)

// Bootstrap draws training rows with replacement, as many as there are, and judges on
// those that were not drawn, some 37 % [1]. Training rows repeat; test rows never do.
// Its scores are those of a model that knew 63 % of the distinct rows, and so a little
// too low.
//
// [1] Efron (1983), JASA 78, 316-331.
type Bootstrap struct {
	Draws int // folds, at least 1; 0 means 25
	Seed  rng.Seed
}

// Split draws from n rows, at least 2. groups, one id a row, keeps rows together: whole
// groups are drawn and left out; nil means that every row stands alone.
func (s Bootstrap) Split(n int, groups []int) (Folds, error) {
	if s.Draws == 0 {
		s.Draws = 25
	}
	if groups == nil {
		groups = make([]int, n)
		for i := range groups {
			groups[i] = i
		}
	}
	if len(groups) != n {
		panic(fmt.Sprintf("resample: %d rows and %d groups", n, len(groups)))
	}
	group, count := canonical(groups)
	if s.Draws < 1 || count < 2 {
		return Folds{}, fmt.Errorf("resample: %d bootstrap draws of %d groups; want at least 1 of at least 2", s.Draws, count)
	}
	members := make([][]int, count)
	for r, g := range group {
		members[g] = append(members[g], r)
	}
	f := Folds{Name: fmt.Sprintf("%d bootstrap draws", s.Draws)}
	for d := range s.Draws {
		g := s.Seed.Index("draw", d).Rand()
		var train, test []int
		for len(test) == 0 { // of two groups, both may be drawn
			train = train[:0]
			drawn := make([]bool, count)
			for range count {
				k := g.IntN(count)
				drawn[k] = true
				train = append(train, members[k]...)
			}
			for r, k := range group {
				if !drawn[k] {
					test = append(test, r)
				}
			}
		}
		slices.Sort(train)
		f.Train, f.Test = append(f.Train, train), append(f.Test, test)
	}
	return f, nil
}
