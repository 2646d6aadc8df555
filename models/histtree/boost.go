package histtree

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Boost learns by gradient boosting (Friedman 2001): trees added one round after the
// other, each fitted to what the ones before left wrong. Two classes have one tree a
// round and the logistic loss; k of them have k trees and the softmax loss; a number has
// the squared loss, see FitRegression. The zero value is ready to use and learns what scikit-learn's HistGradientBoostingClassifier
// learns without early stopping. Trees grow leaf by leaf, the one first that gains
// most (Ke et al. 2017), or, DepthWise, level by level, as XGBoost's do by default
// (Boost{DepthWise: true, MaxDepth: 6, L2: 1, Rate: 0.3}); the two differ only where
// Leaves ends a tree before MaxDepth, MinLeaf and MinHessian do.
//
// It takes numbers and categories, missing values, weights and any number of
// classes. A category splits into two sets of levels, cut from the order of their
// gradient over hessian; its levels beyond the 254 heaviest share a bin. Missing
// values go to the side that gains most. Scores are probabilities.
//
// Gradients are rounded to whole multiples of a power of two before they are added
// up, so that sums do not depend on the order of rows, on the number of cores, or on
// whether a row has weight 2 or stands there twice.
//
// A leaf of rows that the model is sure of, and wrong about, has next to no second
// derivative, and Newton's step for it is without bound: with several classes, one of
// them rare, such steps undo in one round what all before have learnt. It happens to
// scikit-learn's defaults on the five classes of KDDTrain+, whose own rows they then get
// right 97 times in 100, a single tree always. MaxStep bounds the steps, as Friedman,
// Hastie and Tibshirani bound LogitBoost's.
//
// Time O(n p) for the bins and about O(2 n p) a tree; space a byte a row and feature,
// 24 bytes a row and class (once for two classes), 38 a row, and 4 KB a feature and leaf.
// Features that have few combinations of values are counted as one. FitSource takes rows
// that do not fit in memory.
//
// Sources: Friedman (2001), Greedy function approximation: a gradient boosting
// machine, Annals of Statistics 29, 1189-1232; Friedman (2002), Stochastic gradient
// boosting, CSDA 38, 367-378; Chen, Guestrin (2016), XGBoost, KDD, eq. 6 and 7; Ke et
// al. (2017), LightGBM, NIPS; Friedman, Hastie, Tibshirani (2000), Additive logistic
// regression, Annals of Statistics 28, 337-407, section 3.3 (z_max).
type Boost struct {
	Trees        int      // rounds; 0 means 100
	Rate         float64  // shrinkage of each tree, in (0, 1]; 0 means 0.1
	Leaves       int      // leaves of a tree, at most, at least 2; 0 means 31, or any number if it is DepthWise with a MaxDepth
	MaxDepth     int      // splits above a leaf, at most; 0 means any number
	DepthWise    bool     // trees grow level by level, in the last of them those leaves first that gain most; else, all of them
	MinLeaf      float64  // weight (number of rows, if they have none) of a leaf, at least; 0 means 20
	MinHessian   float64  // second derivatives of a leaf's rows, at least; 0 means 0.001
	L2           float64  // added to a leaf's second derivatives, λ of Chen and Guestrin
	L1           float64  // taken from a leaf's gradient, as far as it goes
	MaxStep      float64  // a leaf's step before shrinkage, in log-odds, at most; 0 means 10. Not used for numbers
	Smooth       float64  // added to a level's second derivatives before levels are ordered; 0 means 10
	RowSample    float64  // share of rows drawn for each round, without replacement, in (0, 1]; 0 means 1
	ColumnSample float64  // share of features drawn for each tree, in (0, 1]; 0 means 1
	EarlyStop    int      // rounds without a lower log loss on held-out rows until it stops; 0 means never
	HeldOut      float64  // share of the rows of each class held out for EarlyStop, in (0, 1); 0 means 0.1
	MaxBins      int      // bins a numeric column, 2 … 255; 0 means 255
	Seed         rng.Seed // draws rows and features; not used without sampling and early stopping
}

// Name returns "gradient boosting".
func (Boost) Name() string { return "gradient boosting" }

// WithSeed returns the learner with another seed.
func (l Boost) WithSeed(seed rng.Seed) models.Learner { l.Seed = seed; return l }

// filled checks the fields and puts the defaults in their place.
func (l Boost) filled() (Boost, error) {
	orDefault := func(x *float64, v float64) {
		if *x == 0 {
			*x = v
		}
	}
	whole := func(x *int, v int) {
		if *x == 0 {
			*x = v
		}
	}
	whole(&l.Trees, 100)
	if l.DepthWise && l.MaxDepth > 0 {
		whole(&l.Leaves, math.MaxInt)
	}
	whole(&l.Leaves, 31)
	whole(&l.MaxDepth, math.MaxInt)
	whole(&l.MaxBins, 255)
	orDefault(&l.Rate, 0.1)
	orDefault(&l.MinLeaf, 20)
	orDefault(&l.MinHessian, 1e-3)
	orDefault(&l.MaxStep, 10)
	orDefault(&l.Smooth, 10)
	orDefault(&l.RowSample, 1)
	orDefault(&l.ColumnSample, 1)
	orDefault(&l.HeldOut, 0.1)
	bad := func(field string, value any, want string) (Boost, error) {
		return l, fmt.Errorf("histtree: %s is %v; want %s", field, value, want)
	}
	share := func(x float64) bool { return x > 0 && x <= 1 }
	finite := func(x float64) bool { return x >= 0 && !math.IsInf(x, 0) }
	switch {
	case l.Trees < 0:
		return bad("Trees", l.Trees, "at least 1, or 0 for 100")
	case !share(l.Rate):
		return bad("Rate", l.Rate, "a value in (0, 1], or 0 for 0.1")
	case l.Leaves < 2:
		return bad("Leaves", l.Leaves, "at least 2, or 0 for 31")
	case l.MaxDepth < 0:
		return bad("MaxDepth", l.MaxDepth, "at least 1, or 0 for any depth")
	case !finite(l.MinLeaf):
		return bad("MinLeaf", l.MinLeaf, "a number above 0, or 0 for 20")
	case !finite(l.MinHessian):
		return bad("MinHessian", l.MinHessian, "a number above 0, or 0 for 0.001")
	case !finite(l.L2):
		return bad("L2", l.L2, "a number of at least 0")
	case !finite(l.L1):
		return bad("L1", l.L1, "a number of at least 0")
	case !(l.MaxStep > 0):
		return bad("MaxStep", l.MaxStep, "a number above 0, or 0 for 10")
	case !finite(l.Smooth):
		return bad("Smooth", l.Smooth, "a number above 0, or 0 for 10")
	case !share(l.RowSample):
		return bad("RowSample", l.RowSample, "a share in (0, 1], or 0 for all")
	case !share(l.ColumnSample):
		return bad("ColumnSample", l.ColumnSample, "a share in (0, 1], or 0 for all")
	case l.EarlyStop < 0:
		return bad("EarlyStop", l.EarlyStop, "at least 1, or 0 for never")
	case !share(l.HeldOut) || l.HeldOut == 1:
		return bad("HeldOut", l.HeldOut, "a share in (0, 1), or 0 for 0.1")
	case l.MaxBins < 2 || l.MaxBins > 255:
		return bad("MaxBins", l.MaxBins, "2 to 255, or 0 for 255")
	}
	return l, nil
}

// Fit grows the trees. It fails where a field is out of its range, as models.Trainable
// does, and where a category has more than 65535 levels. The result is a *Boosted.
func (l Boost) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	l, err := l.filled()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("histtree: %w", err)
	}
	labels, classes, weights, err := models.Trainable("histtree", train)
	if err != nil {
		return nil, err
	}
	b, err := bin(ctx, train, labels, classes, weights, l.MaxBins)
	if err != nil {
		return nil, err
	}
	return l.classify(ctx, b)
}

// classify boosts rows in bins.
func (l Boost) classify(ctx context.Context, b *binned) (models.Classifier, error) {
	losses := newLosses(b)
	trees, err := l.boost(ctx, b, losses)
	if err != nil {
		return nil, fmt.Errorf("histtree: %w", err)
	}
	return newBoosted(b, trees, losses), nil
}

// boost runs the rounds.
func (l Boost) boost(ctx context.Context, b *binned, s *losses) ([]*tree, error) {
	if len(s.scores) == 0 { // one class: there is nothing to learn
		return nil, nil
	}
	g := newBooster(l, b)
	draw := newSampler(l, b)
	progress := par.Track(ctx, l.Name(), l.Trees)
	defer progress.Done()
	var trees []*tree
	best, bestRound := s.loss(draw.held), 0
	for round := range l.Trees {
		s.gradients()
		g.use(s.units)
		draw.rows(g, round)
		for c := range s.cells {
			draw.features(g, round*len(s.cells)+c)
			t, leaves, err := g.grow(ctx, s.cells[c])
			if err != nil {
				return nil, err
			}
			s.add(c, g, leaves)
			trees = append(trees, t)
		}
		progress.Add(1)
		if draw.held == nil {
			continue
		}
		if now := s.loss(draw.held); now < best {
			best, bestRound = now, round+1
		} else if round+1-bestRound >= l.EarlyStop {
			break
		}
	}
	if draw.held != nil {
		trees = trees[:bestRound*len(s.cells)]
	}
	return trees, nil
}

// units says what whole numbers stand for: a gradient, a second derivative and a
// weight are counted in powers of two, so small that they are exact for all that
// matters and so large that the sums of all rows fit. A cell keeps gradients in one
// word; the other has second derivatives above, and weight in the lowest bits. That
// leaves a row's second derivative a unit of 5e-10 among 10⁵ rows, 8e-6 among 10⁷. They
// are rounded up: rows so sure that theirs is below a unit make a leaf's step shorter,
// never longer, however many there are.
type units struct {
	gradient, hessian, weight float64 // so many units are 1
	bits                      uint    // of the weight
	whole                     bool    // weights are whole numbers, counted one by one
	exponent                  int     // of the weight of all rows: it is below 2^exponent
}

// newUnits takes the weights by position, nil meaning 1 each. Gradients are at most
// the weight, second derivatives at most 2^second times it.
func newUnits(n int, weights []float64, second int) units {
	u := units{weight: 1, whole: true}
	total := float64(n)
	if weights != nil {
		total = 0
		for _, w := range weights {
			total += w
			u.whole = u.whole && w == math.Trunc(w)
		}
		u.whole = u.whole && total < 1<<25 // else the units of second derivatives are too large
	}
	_, u.exponent = math.Frexp(total) // total < 2^exponent
	most := uint64(total)
	if !u.whole {
		fine := max(24, bits.Len(uint(n))+4) // a row of mean weight has 16 units at least
		u.weight = power(fine - u.exponent)
		most = 1<<fine + uint64(n)
	}
	u.bits = uint(bits.Len64(most))
	u.gradient = power(63 - u.exponent)
	u.hessian = power(63 - int(u.bits) - (u.exponent + second)) // rounding may add a unit
	return u
}

// power is 2^e, within the numbers that have an inverse.
func power(e int) float64 { return math.Ldexp(1, max(-1000, min(1000, e))) }

// cell is the cell of one row of weight w, whose gradient has the absolute value a.
func (u *units) cell(a, sign, w float64) cell {
	if u.whole {
		c := cell{int64(sign * (a * u.gradient)), uint64(int64(float64(a*(1-a)*u.hessian))+1)<<u.bits | 1}
		return cell{c.g * int64(w), c.h * uint64(w)}
	}
	own := uint64(max(1, math.Round(w*u.weight)))
	return cell{int64(sign * (a * w * u.gradient)), uint64(int64(float64(a*(1-a)*w*u.hessian))+1)<<u.bits | own}
}
