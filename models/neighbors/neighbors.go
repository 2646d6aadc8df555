// Package neighbors answers: what are the rows most like this one?
//
// KNN gives a row the votes of its nearest training rows. It is exact: a tree of
// boxes leaves out only rows that cannot be among them.
//
//	model, err := neighbors.KNN{}.Fit(ctx, train.WithTarget("class"))
//	p, err := model.Predict(ctx, test)
//
// Numbers are scaled and categories compared as their one-hot columns would be,
// without making them: two levels are equal, or as far apart as their two columns.
package neighbors

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/near"
)

// KNN is the classifier of the K nearest neighbours [1]. The zero value is ready.
//
// The squared distance of two rows is the sum of squared differences of their
// columns, scaled as Scale says, each level of a category being a column of 0 and
// 1: the distance that encode.OneHot and a scaler, or scikit-learn's OneHotEncoder
// and StandardScaler, lead to. A missing level, or one that training did not know,
// has no column. Numbers must be present and finite.
//
// Each neighbour has one vote; scores are shares of the votes. Of rows at one
// distance the lower training row is nearer; scikit-learn computes distances from
// dot products and leaves ties, and what rounds to one, in no promised order.
// With row weights, neighbours are taken until their weights sum to K, the last
// one in part: a weight of k is k rows. With fewer rows than K all of them vote.
//
// Fit costs O(n p log n) time and keeps the training rows: 8 bytes a number, 4 a
// category. A prediction is fast where rows lie in clusters, as flows do; where
// they do not it looks at every training row, in float32 first, and then keeps
// half as many bytes again.
//
// [1] Cover, Hart (1967), IEEE Trans. Inf. Theory 13(1), 21-27; boxes as in
// Friedman, Bentley, Finkel (1977), ACM TOMS 3(3), 209-226.
type KNN struct {
	K     int     // neighbours, at least 1; 0 means 5
	Scale Scaling // of Fit; a plan of encode.Then brings its own
}

// Scaling says in what units columns are compared.
type Scaling = near.Scaling

const (
	Standard = near.Standard // deviations from the mean: mean 0, population deviation 1
	Range    = near.Range    // shares of the range in training
	Raw      = near.Raw      // the numbers as they are; a category's columns are 0 and 1
)

// Name is "nearest neighbours".
func (KNN) Name() string { return "nearest neighbours" }

// Fit scales the features and keeps the rows.
func (l KNN) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	_, _, weights, err := models.Trainable("neighbors", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	plan, err := near.Scaled("neighbors", train, weights, l.Scale)
	if err != nil {
		return nil, err
	}
	return l.FitPlan(ctx, plan, train)
}

// FitPlan keeps the rows of a plan whose columns are numbers or one-hot;
// encode.Then calls it.
func (l KNN) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	if l.K < 0 {
		return nil, fmt.Errorf("neighbors: K is %d; want at least 1", l.K)
	}
	if l.K == 0 {
		l.K = 5
	}
	labels, classes, weights, err := models.Trainable("neighbors", train)
	if err != nil {
		return nil, err
	}
	t, err := near.Plant(ctx, "neighbors", plan, train, weights, float64(l.K))
	if err != nil {
		return nil, err
	}
	m := &Model{classes: classes, plan: plan, k: float64(l.K), tree: t, label: make([]int32, len(t.Index))}
	for at, row := range t.Index {
		m.label[at] = int32(labels[row])
	}
	return m, nil
}

// Model is a fitted KNN.
type Model struct {
	classes []string
	plan    *dense.Plan
	k       float64
	tree    *near.Tree
	label   []int32 // class of each of the tree's points
}

// Classes are the classes of training, sorted.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of training rows kept: those of weight 0 and copies of a row
// beyond K are not.
func (m *Model) Size() (int, string) { return len(m.tree.Index), "rows" }

// Predict gives the shares of the votes.
func (m *Model) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	p := models.NewPrediction(m.Classes(), rows.Rows())
	err := m.search(ctx, rows, func(i int, hits []near.Hit) {
		row, left, all := p.Row(i), m.k, 0.0
		for _, h := range hits {
			w := min(left, m.tree.Weight[h.At])
			row[m.label[h.At]] += w
			left -= w
			all += w
		}
		for c := range row {
			row[c] /= all
		}
	})
	if err != nil {
		return models.Prediction{}, err
	}
	return p, nil
}

// Neighbor is a training row near a row that was asked about.
type Neighbor struct {
	Row     int     // its place among the rows of the view that Fit was given
	Squared float64 // squared distance in scaled units
}

// Neighbors lists the neighbours of each row, nearest first: K of them, or those
// whose weights reach K.
func (m *Model) Neighbors(ctx context.Context, rows table.View) ([][]Neighbor, error) {
	out := make([][]Neighbor, rows.Rows())
	err := m.search(ctx, rows, func(i int, hits []near.Hit) {
		out[i] = make([]Neighbor, len(hits))
		for j, h := range hits {
			out[i][j] = Neighbor{int(h.Row), h.Squared}
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (m *Model) search(ctx context.Context, rows table.View, f func(i int, hits []near.Hit)) error {
	return m.tree.Nearest(ctx, "nearest neighbours", rows, m.k, f)
}
