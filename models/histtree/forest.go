package histtree

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Forest learns a random forest (Breiman 2001). The zero value is ready to use and
// grows what scikit-learn's RandomForestClassifier grows: 100 trees on bootstrap
// samples, each split the best of √p features drawn for it, scores the mean of the
// trees' class shares.
//
// It takes what Tree takes. A bootstrap draws rows, and a row's weight multiplies
// the times it was drawn. Cores grow whole trees, which depend on the seed and their
// number only. Time O(n √p log n) a tree; space a byte or two a row and feature.
type Forest struct {
	Trees       int       // 0 means 100
	MaxFeatures int       // features drawn for each split; 0 means √p, rounded down; p or more means all
	NoBootstrap bool      // every tree sees every row once
	MaxDepth    int       // splits above a leaf, at most; 0 means any number
	MaxLeaves   int       // leaves of a tree, at most, those first that gain most; 0 means any number
	MinLeaf     float64   // weight of a leaf, at least; 0 means any
	MaxBins     int       // bins a numeric column, 2 … 65535; 0 means 8192
	Criterion   Criterion // "" means Gini
	Smooth      float64   // added to the weight of every class in a leaf; 0 means nothing
	Seed        rng.Seed
}

// Name returns "random forest".
func (Forest) Name() string { return "random forest" }

// WithSeed returns the forest with another seed.
func (f Forest) WithSeed(seed rng.Seed) models.Learner { f.Seed = seed; return f }

// Fit grows the trees. It fails as Tree does.
func (f Forest) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	f, lim, err := f.filled()
	if err != nil {
		return nil, err
	}
	b, _, err := prepare(ctx, train, f.tree())
	if err != nil {
		return nil, err
	}
	return f.fit(ctx, b, lim)
}

// filled checks the fields.
func (f Forest) filled() (Forest, limits, error) {
	if f.Trees < 0 {
		return f, limits{}, fmt.Errorf("histtree: Trees is %d; want at least 1, or 0 for 100", f.Trees)
	}
	if f.Trees == 0 {
		f.Trees = 100
	}
	lim, err := f.tree().limits()
	return f, lim, err
}

// tree is what the forest asks of each tree.
func (f Forest) tree() Tree {
	return Tree{
		MaxDepth: f.MaxDepth, MaxLeaves: f.MaxLeaves, MinLeaf: f.MinLeaf, MaxFeatures: f.MaxFeatures,
		MaxBins: f.MaxBins, Criterion: f.Criterion, Smooth: f.Smooth,
	}
}

// fit grows the trees of rows in bins.
func (f Forest) fit(ctx context.Context, b *binned, lim limits) (models.Classifier, error) {
	lim = lim.under(b)
	lim.maxFeatures = min(f.MaxFeatures, len(b.columns))
	if f.MaxFeatures == 0 {
		lim.maxFeatures = max(1, int(math.Sqrt(float64(len(b.columns)))))
	}
	var err error
	var trees []*tree
	if b.large == nil && (f.NoBootstrap || b.small == nil && b.rows() <= packedMask) {
		trees, err = plant[uint32](ctx, f, b, lim)
	} else {
		b.enlarge() // times drawn and weight may not fit into a byte
		trees, err = plant[float64](ctx, f, b, lim)
	}
	if err != nil {
		return nil, fmt.Errorf("histtree: %w", err)
	}
	return newModel(b, trees), nil
}

// enlarge makes the weights large ones.
func (b *binned) enlarge() {
	if b.large = b.weights(); b.large == nil {
		b.large = slices.Repeat([]float64{1}, b.rows())
	}
	b.small = nil
}

// plant grows the trees, each core one after the other.
func plant[A amount](ctx context.Context, f Forest, b *binned, lim limits) ([]*tree, error) {
	impurity := lim.impurity(b)
	type bed struct {
		grower *grower[A]
		small  []uint8
		large  []float64
	}
	beds := sync.Pool{New: func() any {
		d := &bed{grower: newGrower[A](b, lim, impurity, 1), small: b.small, large: b.large}
		if !f.NoBootstrap && b.large != nil {
			d.large = make([]float64, b.rows())
		} else if !f.NoBootstrap {
			d.small = make([]uint8, b.rows())
		}
		return d
	}}
	progress := par.Track(ctx, "random forest", f.Trees)
	defer progress.Done()
	return par.Map(ctx, f.Trees, func(ctx context.Context, i int) (*tree, error) {
		d := beds.Get().(*bed)
		defer beds.Put(d)
		seed := f.Seed.Index("tree", i)
		if !f.NoBootstrap && b.large != nil {
			draw(d.large, newStream(seed.At("rows")))
			for at, w := range b.large {
				d.large[at] *= w
			}
		} else if !f.NoBootstrap {
			draw(d.small, newStream(seed.At("rows")))
		}
		t, err := d.grower.grow(ctx, d.small, d.large, newStream(seed))
		progress.Add(1)
		return t, err
	})
}

// draw draws as many rows as there are, with replacement, and counts how often each
// was drawn. (More often than a byte can count happens with a chance below 1e-500.)
func draw[S uint8 | float64](drawn []S, random stream) {
	clear(drawn)
	n := uint64(len(drawn))
	for range drawn {
		drawn[random.below(n)]++
	}
}
