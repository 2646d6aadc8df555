package golearn

import (
	"context"
	"fmt"
	"slices"

	"github.com/sjwhitworth/golearn/kdtree"
	"github.com/sjwhitworth/golearn/metrics/pairwise"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// KNN is k nearest neighbours in golearn's k-d tree, by Euclidean distance. A score
// is the share of the neighbours in the class. Features must be numbers, present
// and finite; standardize them first.
//
// golearn's own classifier prints to stdout and breaks ties by a map's order; its
// tree, asked directly, does neither. The tree takes the missing side of a node for
// a row of zeros (row 0, at the distance from the origin): one more column, the same
// number in each row, takes such phantoms out of reach. Not for more than some 2,000
// rows: a search looks at most of them, and golearn copies each that it looks at.
type KNN struct {
	K       int // neighbours; 0 means 5; all rows if there are fewer
	MaxRows int // rows fitted on; 0 means 2,000
}

// Name is "golearn k-NN".
func (KNN) Name() string { return "golearn k-NN" }

// Fit keeps the rows.
func (l KNN) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("golearn: KNN", train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("golearn: KNN", train)
	if err != nil {
		return nil, err
	}
	return l.FitPlan(ctx, plan, train)
}

// FitPlan keeps the rows of a plan's columns; encode.Then calls it.
func (l KNN) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	if l.K == 0 {
		l.K = 5
	}
	if l.K < 0 {
		return nil, fmt.Errorf("golearn: KNN: K is %d; want at least 1", l.K)
	}
	most, err := limit("golearn: KNN", l.MaxRows, 2000)
	if err != nil {
		return nil, err
	}
	labels, classes, _, err := models.Trainable("golearn: KNN", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, note := thin(labels, len(classes), most)
	x, err := matrix(plan, train.Take(rows))
	if err != nil {
		return nil, err
	}
	m := &neighbours{plan: plan, classes: classes, note: note, k: min(l.K, len(rows)), rows: x, tree: kdtree.New()}
	for _, r := range rows {
		m.labels = append(m.labels, labels[r])
	}
	if err := m.tree.Build(x); err != nil {
		return nil, fmt.Errorf("golearn: KNN: %w", err)
	}
	return m, nil
}

// far is the last number of each row. It adds nothing to the distance of two rows and
// takes a phantom, which is zero there, further away than any row.
const far = 1e100

// matrix returns the rows, each with far behind it.
func matrix(plan *dense.Plan, v table.View) ([][]float64, error) {
	bound, err := plan.Bind("golearn: KNN", v)
	if err != nil {
		return nil, err
	}
	x, err := dense.Matrix[float64](bound, "golearn: KNN")
	if err != nil {
		return nil, err
	}
	out, p := make([][]float64, v.Rows()), plan.Width()
	for i := range out {
		out[i] = append(x[i*p:(i+1)*p:(i+1)*p], far)
	}
	return out, nil
}

type neighbours struct {
	plan    *dense.Plan
	classes []string
	note    string
	labels  []int
	rows    [][]float64 // the tree's own, shared
	k       int
	tree    *kdtree.Tree
}

// Classes are the classes of training, sorted.
func (m *neighbours) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of rows kept.
func (m *neighbours) Size() (int, string) { return len(m.labels), "rows" }

// Note says which rows were kept; "" for all.
func (m *neighbours) Note() string { return m.note }

// Predict searches the tree for each row; the tree is only read.
func (m *neighbours) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, err
	}
	x, err := matrix(m.plan, rows)
	if err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(m.Classes(), len(x))
	euclidean := pairwise.NewEuclidean()
	task := par.Track(ctx, "golearn k-NN", len(x))
	defer task.Done()
	_, err = par.Map(ctx, par.Count(len(x), 64), func(_ context.Context, b int) (struct{}, error) {
		for i := b * 64; i < min(len(x), (b+1)*64); i++ {
			near, _, err := m.tree.Search(m.k, euclidean, x[i])
			if err != nil {
				return struct{}{}, fmt.Errorf("golearn: KNN: %w", err)
			}
			votes := make([]int, len(m.classes))
			for _, r := range near {
				votes[m.labels[r]]++
			}
			for c, v := range votes {
				p.Row(i)[c] = float64(v) / float64(m.k)
			}
			task.Add(1)
		}
		return struct{}{}, nil
	})
	return p, err
}
