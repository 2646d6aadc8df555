package resample

import (
	"cmp"
	"fmt"
	"slices"
)

// Forward judges on rows later than all rows learnt from: rows in the order of time are
// cut into K+1 blocks of like size, and each block but the first is judged by what lies
// before it (an expanding window; a sliding one where Window is set). Rows of one time
// stay in one block.
type Forward struct {
	K      int   // folds, at least 1; 0 means 5
	Gap    int64 // training rows are older than this, in the unit of the stamps, when the first test row comes: what a label needs to become known
	Window int64 // training rows no older than this before the test block; 0 means all of the past
}

// Split cuts rows by their stamps, one a row, in any order and unit. It fails where a
// fold would have no row to learn from or to judge, and says which.
func (s Forward) Split(stamps []int64) (Folds, error) {
	k := s.K
	if k == 0 {
		k = 5
	}
	n := len(stamps)
	if k < 1 || k >= n || s.Gap < 0 || s.Window < 0 {
		return Folds{}, fmt.Errorf("resample: K is %d for %d rows, Gap %d, Window %d; want 1 ≤ K < rows, and Gap and Window of at least 0", k, n, s.Gap, s.Window)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(stamps[a], stamps[b]) })
	size := n / (k + 1)
	starts := make([]int, k+1) // of the test blocks, and the end
	for b := range k + 1 {
		at := n - (k-b)*size
		for at > 0 && at < n && stamps[order[at]] == stamps[order[at-1]] {
			at++ // rows of one time belong to the block before
		}
		starts[b] = at
	}
	f := Folds{Name: fmt.Sprintf("%d folds forward in time", k)}
	for b := range k {
		lo, hi := starts[b], starts[b+1]
		if lo >= hi {
			return Folds{}, fmt.Errorf("resample: fold %d has no row to judge: too many rows share a time; use fewer folds", b)
		}
		first := stamps[order[lo]]
		var train []int
		for _, r := range order[:lo] {
			age := uint64(first) - uint64(stamps[r]) // right also where the difference overflows an int64
			if age > uint64(s.Gap) && (s.Window == 0 || age <= uint64(s.Window)) {
				train = append(train, r)
			}
		}
		if len(train) == 0 {
			return Folds{}, fmt.Errorf("resample: fold %d has no row to learn from more than %d before time %d; use fewer folds, or a smaller Gap", b, s.Gap, first)
		}
		test := slices.Clone(order[lo:hi])
		slices.Sort(train)
		slices.Sort(test)
		f.Train, f.Test = append(f.Train, train), append(f.Test, test)
	}
	return f, nil
}
