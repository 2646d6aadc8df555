package eval

import (
	"flowbook/internal/rng"
	"flowbook/models"
)

// Fewer returns the learner, which HoldoutSeeds then fits for n seeds at most (at
// least 1): one whose fits take long, or whose seed decides next to nothing. The
// number of seeds stands beside its figures.
func Fewer(n int, l models.Learner) models.Learner {
	s, ok := l.(models.Seeded)
	if !ok {
		return l
	}
	return fewer{s, max(1, n)}
}

type fewer struct {
	models.Seeded
	n int
}

// Unwrap returns the learner itself.
func (f fewer) Unwrap() models.Learner { return f.Seeded }

func (f fewer) WithSeed(seed rng.Seed) models.Learner { return Fewer(f.n, f.Seeded.WithSeed(seed)) }

// seedsOf is how many of the seeds a learner is fitted for.
func seedsOf(l models.Learner, seeds int) int {
	if _, seeded := l.(models.Seeded); !seeded {
		return 1
	}
	for {
		if f, ok := l.(fewer); ok {
			seeds = min(seeds, f.n)
		}
		inside, ok := l.(interface{ Unwrap() models.Learner })
		if !ok {
			return seeds
		}
		l = inside.Unwrap()
	}
}
