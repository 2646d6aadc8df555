package forecast

import (
	"context"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/histtree"
)

// Tree is a regression tree for Lags: one round of histtree.Boost at rate 1, which splits
// best first on at most 255 bins a column and answers with the mean of a leaf's rows.
type Tree struct {
	Leaves  int     // at most, at least 2; 0 means 31
	MinLeaf float64 // rows of a leaf, at least; 0 means 5
}

// Name is "regression tree".
func (Tree) Name() string { return "regression tree" }

// FitRegression grows the tree, under the rules of histtree.Boost.FitRegression.
func (t Tree) FitRegression(ctx context.Context, train table.View) (models.Regressor, error) {
	if t.MinLeaf == 0 {
		t.MinLeaf = 5
	}
	return histtree.Boost{Trees: 1, Rate: 1, Leaves: t.Leaves, MinLeaf: t.MinLeaf}.FitRegression(ctx, train)
}
