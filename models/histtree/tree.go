package histtree

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Criterion is what a split makes smaller.
type Criterion string

const (
	Gini    Criterion = "gini"    // chance that two rows of a node differ in class
	Entropy Criterion = "entropy" // bits needed for the class of a row of the node
)

// Tree learns one decision tree. The zero value is ready to use: it grows until the
// leaves are pure, like scikit-learn's DecisionTreeClassifier, whose splits of
// numbers it finds again wherever no column has more distinct values than MaxBins.
//
// It takes numbers and categories, missing values, weights and any number of
// classes. A leaf's score is its class shares: 0 or 1 where it is pure, so that log
// loss of a deep tree is poor; Smooth helps.
//
// Time O(n p) for the bins and O(n p) for each level of the tree, less where nodes
// become pure; space a byte or two a row and feature, and the histograms.
type Tree struct {
	MaxDepth    int       // splits above a leaf, at most; 0 means any number
	MaxLeaves   int       // leaves, at most, at least 2, those first that gain most; 0 means any number
	MinLeaf     float64   // weight (number of rows, if they have none) of a leaf, at least; 0 means any
	MaxFeatures int       // features drawn for each split; 0 means all
	MaxBins     int       // bins a numeric column, 2 … 65535; 0 means 8192
	Criterion   Criterion // "" means Gini
	Smooth      float64   // added to the weight of every class in a leaf (Laplace: 1); 0 means nothing
	Seed        rng.Seed  // breaks ties between features, and draws them
}

// Name returns "decision tree".
func (Tree) Name() string { return "decision tree" }

// WithSeed returns the tree with another seed.
func (t Tree) WithSeed(seed rng.Seed) models.Learner { t.Seed = seed; return t }

// Fit grows the tree. It fails where a field is out of its range, as models.Trainable
// does, and where a category has more than 65535 levels.
func (t Tree) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	b, lim, err := prepare(ctx, train, t)
	if err != nil {
		return nil, err
	}
	return t.fit(ctx, b, lim)
}

func (t Tree) fit(ctx context.Context, b *binned, lim limits) (models.Classifier, error) {
	lim = lim.under(b)
	lim.maxFeatures = len(b.columns)
	if t.MaxFeatures > 0 {
		lim.maxFeatures = min(t.MaxFeatures, len(b.columns))
	}
	impurity := lim.impurity(b)
	cores := runtime.GOMAXPROCS(0)
	random := newStream(t.Seed)
	var grown *tree
	var err error
	if b.large != nil {
		grown, err = newGrower[float64](b, lim, impurity, cores).grow(ctx, nil, b.large, random)
	} else {
		grown, err = newGrower[uint32](b, lim, impurity, cores).grow(ctx, b.small, nil, random)
	}
	if err != nil {
		return nil, fmt.Errorf("histtree: %w", err)
	}
	return newModel(b, []*tree{grown}), nil
}

// defaultBins is enough for NSL-KDD's columns to keep nearly all of their values.
const defaultBins = 8192

// prepare checks the parameters and the rows, and cuts the columns into bins.
func prepare(ctx context.Context, train table.View, t Tree) (*binned, limits, error) {
	lim, err := t.limits()
	if err != nil {
		return nil, lim, err
	}
	if err := ctx.Err(); err != nil {
		return nil, lim, within(err)
	}
	labels, classes, weights, err := models.Trainable("histtree", train)
	if err != nil {
		return nil, lim, err
	}
	b, err := bin(ctx, train, labels, classes, weights, t.bins())
	return b, lim, err
}

// bins is the number of bins of a numeric column, at most.
func (t Tree) bins() int {
	if t.MaxBins == 0 {
		return defaultBins
	}
	return t.MaxBins
}

// limits checks the parameters and puts the defaults in their place.
func (t Tree) limits() (limits, error) {
	bad := func(field string, value any, want string) (limits, error) {
		return limits{}, fmt.Errorf("histtree: %s is %v; want %s", field, value, want)
	}
	switch {
	case t.MaxDepth < 0:
		return bad("MaxDepth", t.MaxDepth, "at least 1, or 0 for any depth")
	case t.MaxLeaves < 0 || t.MaxLeaves == 1:
		return bad("MaxLeaves", t.MaxLeaves, "at least 2, or 0 for any number")
	case !(t.MinLeaf >= 0):
		return bad("MinLeaf", t.MinLeaf, "at least 0")
	case t.MaxFeatures < 0:
		return bad("MaxFeatures", t.MaxFeatures, "at least 1, or 0 for the default")
	case t.MaxBins < 0 || t.MaxBins == 1 || t.MaxBins > 65535:
		return bad("MaxBins", t.MaxBins, "2 to 65535, or 0 for the default")
	case t.Criterion != "" && t.Criterion != Gini && t.Criterion != Entropy:
		return bad("Criterion", t.Criterion, `"gini" or "entropy"`)
	case !(t.Smooth >= 0) || math.IsInf(t.Smooth, 0):
		return bad("Smooth", t.Smooth, "a number of at least 0")
	}
	lim := limits{maxDepth: t.MaxDepth, maxLeaves: t.MaxLeaves, minLeaf: t.MinLeaf, smooth: t.Smooth, criterion: t.Criterion}
	if lim.maxDepth == 0 {
		lim.maxDepth = math.MaxInt
	}
	if lim.maxLeaves == 0 {
		lim.maxLeaves = math.MaxInt
	}
	return lim, nil
}

// within puts the package's name before an error of another.
func within(err error) error { return fmt.Errorf("histtree: %w", err) }

// under fits the limits to the weights.
func (lim limits) under(b *binned) limits {
	if lim.minLeaf <= 1 && b.large == nil {
		lim.minLeaf = 0 // whole weights: every leaf has 1
	}
	return lim
}

func (lim limits) impurity(b *binned) impurity {
	return newImpurity(lim.criterion, b.total, b.large == nil)
}

func newModel(b *binned, trees []*tree) *Model {
	return assemble(b.schema, b.classes, trees, importance(b.schema, trees))
}
