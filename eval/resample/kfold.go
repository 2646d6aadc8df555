package resample

import (
	"fmt"

	"flowbook/internal/rng"
)

// KFold deals shuffled rows into K folds whose sizes differ by at most one.
type KFold struct {
	K    int      // folds, 2 to the number of rows; 0 means 10
	Seed rng.Seed // of the shuffle
}

// Split deals n rows. It fails where K is out of range.
func (s KFold) Split(n int) (Folds, error) {
	k, err := count(s.K, n, "rows")
	if err != nil {
		return Folds{}, err
	}
	foldOf := make([]int32, n)
	for place, row := range s.Seed.At("kfold").Rand().Perm(n) {
		foldOf[row] = int32(place % k)
	}
	return deal(fmt.Sprintf("%d folds", k), foldOf, k)
}
