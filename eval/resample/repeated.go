package resample

import (
	"fmt"

	"flowbook/internal/rng"
)

// Repeated cuts the rows times over, each time with another seed, and joins the folds:
// split is given seed.Index("repeat", i). A row is judged once a repeat; a
// cross-validation pools the scores of the first. Repeats share their rows, so that
// they narrow what the cutting alone does to a mean, and nothing else: pairs are still
// to be compared with the correction for shared rows.
func Repeated(times int, seed rng.Seed, split func(rng.Seed) (Folds, error)) (Folds, error) {
	if times < 1 {
		return Folds{}, fmt.Errorf("resample: %d repeats; want at least 1", times)
	}
	var all Folds
	for i := range times {
		f, err := split(seed.Index("repeat", i))
		if err != nil {
			return Folds{}, err
		}
		all.Name = fmt.Sprintf("%s, %d times", f.Name, times)
		all.Train, all.Test = append(all.Train, f.Train...), append(all.Test, f.Test...)
	}
	return all, nil
}
