package resample

import (
	"fmt"

	"flowbook/internal/rng"
)

// StratifiedKFold deals the rows of each class evenly: a class's counts in two
// folds differ by at most one, and so do the folds' sizes. A class with fewer rows
// than folds is missing from some test folds.
type StratifiedKFold struct {
	K    int      // folds, 2 to the number of rows; 0 means 10
	Seed rng.Seed // of the shuffle within classes
}

// Split deals one row a label. It fails where K is out of range. Time O(n K).
func (s StratifiedKFold) Split(labels []int) (Folds, error) {
	k, err := count(s.K, len(labels), "rows")
	if err != nil {
		return Folds{}, err
	}
	class, classes := canonical(labels)
	rows := make([][]int, classes)
	for r, c := range class {
		rows[c] = append(rows[c], r)
	}
	foldOf := make([]int32, len(labels))
	place := 0 // goes on where the class before stopped, which evens out the sizes
	g := s.Seed.At("stratified").Rand()
	for _, list := range rows {
		g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, r := range list {
			foldOf[r] = int32(place % k)
			place++
		}
	}
	return deal(fmt.Sprintf("%d stratified folds", k), foldOf, k)
}
