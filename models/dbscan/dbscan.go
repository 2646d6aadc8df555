// Package dbscan answers: which rows lie so close together that they form clusters, of
// any shape and number, and which belong nowhere?
//
//	curve, err := dbscan.Config{MinPoints: 5}.Curve(ctx, rows)     // which Eps?
//	c, err := dbscan.Config{Eps: curve.Eps}.Cluster(ctx, rows)
//	c, err = encode.Before(dbscan.Config{Eps: 0.5}, encode.OneHot{}, encode.MinMax{}).Cluster(ctx, flows)
package dbscan

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/near"
)

// Config is DBSCAN [1]: density-based clusters of applications with noise. Two rows are
// neighbours if their Euclidean distance is at most Eps; a row is its own neighbour. A
// row with neighbours of weight MinPoints or more is a core row. Core rows that are
// neighbours share a cluster. A row that is not core belongs, at the border, to the
// first of the clusters of its core neighbours, and is noise if it has none. Clusters
// are first, for this, by their lowest core row, as in scikit-learn: which cluster a
// border row joins is the one thing that depends on the order of the rows.
//
// Row weights count as in scikit-learn: a weight of k is k rows, and a row of weight 0,
// though it adds to nobody's neighbours, is clustered and may be core. A sum that falls
// short of MinPoints by less than 1e-12 of it has reached it.
//
// Features must be numbers, present, finite and at most 1e150; scale them first. "At
// most Eps" means Σ(x-y)² ≤ Eps², summed in float64 over the columns in their order,
// whatever shortcut found the rows: no near tie is decided by rounding that this sum
// does not have. (scikit-learn sums so up to 15 columns; beyond, it takes distances from
// dot products, and a pair at Eps may fall either way.)
//
// Rows are parted where a column leaves a gap above Eps, one-hot levels among them, then
// each part is cut into boxes [2]: a box narrower than Eps with enough rows is all core,
// boxes farther apart than Eps are never looked into, nor boxes that one cluster holds.
// Time is near O(n log n) where rows lie in clusters, O(n²p) where all are equally far
// apart (by products of float32 matrices then, checked); space is O(np) always. The result is the same at any number of cores.
//
// [1] Ester, Kriegel, Sander, Xu (1996), KDD, 226-231.
// [2] as in Gunawan (2013), A faster algorithm for DBSCAN, TU Eindhoven, with a tree for
// the grid.
type Config struct {
	Eps       float64 // radius of a neighbourhood, 1e-150 to 1e150; it has no default, see Curve
	MinPoints int     // weight that makes a row core, its own included, at least 1; 0 means 5
}

// Name is "DBSCAN".
func (Config) Name() string { return "DBSCAN" }

// Result is a clustering with its core rows. It has no centers, so Inertia is NaN.
type Result struct {
	models.Clustering
	Core []bool // by row
}

// Cluster clusters rows by their numeric features.
func (c Config) Cluster(ctx context.Context, rows table.View) (models.Clustering, error) {
	r, err := c.Fit(ctx, rows)
	return r.Clustering, err
}

// ClusterPlan clusters rows by the columns of a plan; encode.Before calls it.
func (c Config) ClusterPlan(ctx context.Context, plan *dense.Plan, rows table.View) (models.Clustering, error) {
	r, err := c.FitPlan(ctx, plan, rows)
	return r.Clustering, err
}

// Fit is Cluster with the core rows.
func (c Config) Fit(ctx context.Context, rows table.View) (Result, error) {
	plan, err := dense.Of("dbscan", rows)
	if err != nil {
		return Result{}, err
	}
	return c.FitPlan(ctx, plan, rows)
}

// FitPlan is ClusterPlan with the core rows.
func (c Config) FitPlan(ctx context.Context, plan *dense.Plan, rows table.View) (Result, error) {
	switch {
	case !(c.Eps >= 1/near.Farthest && c.Eps <= near.Farthest):
		return Result{}, fmt.Errorf("dbscan: Eps is %v; want a number above 0, from %v to %v; Curve helps to choose one", c.Eps, 1/near.Farthest, near.Farthest)
	case c.MinPoints < 0:
		return Result{}, fmt.Errorf("dbscan: MinPoints is %d; want at least 1", c.MinPoints)
	case c.MinPoints == 0:
		c.MinPoints = 5
	}
	bound, weights, err := bind(ctx, plan, rows)
	if err != nil {
		return Result{}, err
	}
	m := &model{ctx: ctx, weights: weights, cluster: make([]int32, rows.Rows()), core: make([]bool, rows.Rows())}
	m.eps2 = float64(c.Eps * c.Eps)
	m.enough = enough(c.MinPoints)
	m.task = par.Track(ctx, "DBSCAN", rows.Rows())
	defer m.task.Done()
	if err := m.run(bound); err != nil {
		return Result{}, err
	}
	out := models.Clustering{Inertia: math.NaN()}
	out.Labels, out.K = canonical(m.cluster, weights)
	return Result{out, m.core}, nil
}

// bind checks the rows and their weights, which are nil if there are none.
func bind(ctx context.Context, plan *dense.Plan, rows table.View) (*dense.Rows, []float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if n := rows.Rows(); n == 0 || n > math.MaxInt32 || plan.Width() == 0 {
		return nil, nil, fmt.Errorf("dbscan: %d rows of %d features; want at least one of each, and at most %d rows", n, plan.Width(), math.MaxInt32)
	}
	if err := plan.Numeric("dbscan"); err != nil {
		return nil, nil, err
	}
	bound, err := plan.Bind("dbscan", rows)
	if err != nil {
		return nil, nil, err
	}
	weights, err := rows.Weights()
	if err != nil {
		return nil, nil, fmt.Errorf("dbscan: %w", err)
	}
	return bound, weights, nil
}

// enough is the weight that makes a row core, less what rounding may have taken from it.
func enough(minPoints int) float64 { return float64(minPoints) * (1 - 1e-12) }

// model is a clustering under way.
type model struct {
	ctx     context.Context
	task    par.Task
	weights []float64 // nil: 1 each
	eps2    float64   // Eps²
	enough  float64   // weight that makes a row core
	// Results, by row:
	cluster []int32 // the lowest core row of its cluster; -1 is noise
	core    []bool
}

const noise = -1

// run clusters part after part, the largest first so that no core waits at the end.
func (m *model) run(rows *dense.Rows) error {
	for i := range m.cluster {
		m.cluster[i] = noise
	}
	parts, err := m.split(rows)
	if err != nil {
		return err
	}
	left := len(m.cluster)
	for _, p := range parts {
		left -= len(p.rows)
	}
	m.task.Add(left)
	_, err = par.Map(m.ctx, len(parts), func(_ context.Context, i int) (struct{}, error) {
		defer m.task.Add(len(parts[i].rows))
		return struct{}{}, m.solve(parts[i])
	})
	return err
}

// solve clusters the rows of one part.
func (m *model) solve(p part) error {
	g, err := m.region(p)
	if err != nil {
		return err
	}
	if err := g.count(); err != nil {
		return err
	}
	if err := g.link(); err != nil {
		return err
	}
	cluster, err := g.join()
	if err != nil {
		return err
	}
	for i, row := range p.rows {
		at := g.place[i]
		m.cluster[row], m.core[row] = cluster[at], g.core[at]
	}
	return nil
}

// canonical numbers clusters by falling weight, the lower core row of a tie first.
func canonical(cluster []int32, weights []float64) (labels []int, k int) {
	labels = make([]int, len(cluster))
	mass := make([]float64, len(cluster)) // by lowest core row
	var order []int32
	for i, c := range cluster {
		if c == noise {
			continue
		}
		if int(c) == i {
			order = append(order, c)
		}
		mass[c] += weightOf(weights, i)
	}
	sortByMass(order, mass)
	place := make([]int, len(cluster))
	for to, c := range order {
		place[c] = to
	}
	for i, c := range cluster {
		if labels[i] = noise; c != noise {
			labels[i] = place[c]
		}
	}
	return labels, len(order)
}
