package anomaly

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/near"
)

// LOF is the local outlier factor [1]: how much thinner the rows lie around a row than
// around its neighbours. Near 1 is as dense as there; well above 1 is an outlier, whatever
// the density of its surroundings. The zero value is ready to use.
//
// With N(x) the K training rows nearest to x, d the Euclidean distance and k(o) the
// distance of training row o to its own K-th nearest other row,
//
//	lrd(x) = 1 / (mean over o in N(x) of max(d(x, o), k(o)) + 1e-10)
//	LOF(x) = mean over o in N(x) of lrd(o) / lrd(x)
//
// as in scikit-learn. The 1e-10 is its way with K or more copies of one row, whose reach
// is 0 and whose density would be infinite: it is 1e10, and the factor of a copy is 1,
// but that of a row just beside them is enormous. [1] lets all rows at the K-th distance
// be neighbours; here, as in scikit-learn, there are K, the lower row of a tie.
//
// Features must be numbers, present and finite, and of similar size: put encode.OneHot,
// encode.Impute and encode.MinMax before it. Neighbours are exact, found in a tree of
// boxes; fitting takes O(n K log n) where rows lie in clusters and O(n²p) at worst. The
// model keeps the training rows, 8 bytes a number and 4 a category, but of equal rows no
// more than can be neighbours.
//
// [1] Breunig, Kriegel, Ng, Sander (2000), SIGMOD, 93-104, definitions 3 to 7.
type LOF struct {
	K int // neighbours, at least 1, and of fewer rows all others; 0 means 20
}

// Name is "local outlier factor".
func (LOF) Name() string { return "local outlier factor" }

// FitDetector learns from numeric features. The result is a *Densities.
func (l LOF) FitDetector(ctx context.Context, train table.View) (Model, error) {
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("anomaly", train)
	if err != nil {
		return nil, err
	}
	return l.FitPlan(ctx, plan, train)
}

// FitPlan learns from the columns of a plan.
func (l LOF) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (Model, error) {
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	if l.K < 0 {
		return nil, fmt.Errorf("anomaly: K is %d; want at least 1", l.K)
	}
	if l.K == 0 {
		l.K = 20
	}
	n := train.Rows()
	if n < 2 {
		return nil, fmt.Errorf("anomaly: a local outlier factor of one row; want at least 2 rows, for a row to have a neighbour")
	}
	m := &Densities{plan: plan, k: min(l.K, n-1), training: slices.Repeat([]float64{1}, n)}
	var err error
	if m.tree, err = near.Plant(ctx, "anomaly", plan, train, nil, float64(m.k+1)); err != nil {
		return nil, err
	}
	return m, m.measure(ctx)
}

// Densities is a fitted LOF: the training rows with their densities.
type Densities struct {
	plan     *dense.Plan
	k        int
	tree     *near.Tree
	reach    []float64 // by place in the tree: distance of the K-th nearest other row
	density  []float64 // … lrd
	training []float64 // by training row: its factor
}

// little keeps the density of copies finite.
const little = 1e-10

// measure finds the densities of the tree's points and the factors of training. A row
// that is no point has K copies or more: its factor is 1.
func (m *Densities) measure(ctx context.Context) error {
	n, k := len(m.tree.Index), m.k
	others := make([]near.Hit, n*k)
	err := m.tree.Mutual(ctx, LOF{}.Name(), float64(k+1), func(at int, hits []near.Hit) {
		own := len(hits) - 1 // hidden behind copies of lower rows, itself is the same as the last
		for i, h := range hits {
			if int(h.At) == at {
				own = i
			}
		}
		copy(others[at*k:], hits[:own])
		copy(others[at*k+own:(at+1)*k], hits[own+1:])
	})
	if err != nil {
		return err
	}
	m.reach, m.density = make([]float64, n), make([]float64, n)
	for at := range n {
		m.reach[at] = math.Sqrt(others[(at+1)*k-1].Squared)
	}
	for at := range n {
		m.density[at] = m.around(others[at*k : (at+1)*k])
	}
	for at, row := range m.tree.Index {
		m.training[row] = m.factor(others[at*k:(at+1)*k], m.density[at])
	}
	return nil
}

// around is the density of a row with these neighbours.
func (m *Densities) around(hits []near.Hit) float64 {
	sum := 0.0
	for _, h := range hits {
		sum += max(math.Sqrt(h.Squared), m.reach[h.At])
	}
	return 1 / (sum/float64(len(hits)) + little)
}

// factor compares the neighbours' densities with a row's own.
func (m *Densities) factor(hits []near.Hit, own float64) float64 {
	sum := 0.0
	for _, h := range hits {
		sum += m.density[h.At] / own
	}
	return sum / float64(len(hits))
}

// Score returns the factor of each row among the training rows, as scikit-learn's does
// with novelty=True: rows do not see one another, and a row that was in training is
// taken for a new one. It then finds itself, at no distance, and scores lower than in
// TrainingScores.
func (m *Densities) Score(ctx context.Context, rows table.View) ([]float64, error) {
	score := make([]float64, rows.Rows())
	err := m.tree.Nearest(ctx, LOF{}.Name(), rows, float64(m.k), func(i int, hits []near.Hit) {
		score[i] = m.factor(hits, m.around(hits))
	})
	if err != nil {
		return nil, err
	}
	return score, nil
}

// TrainingScores returns the factor of each row of training among the others, itself
// left out: scikit-learn's negative_outlier_factor_, without the sign.
func (m *Densities) TrainingScores() []float64 { return slices.Clone(m.training) }

// Size is the number of training rows kept.
func (m *Densities) Size() (int, string) { return len(m.tree.Index), "rows" }
