// Package kmeans answers: which K centers stand for these rows with the least
// squared distance?
//
//	c, err := encode.Before(kmeans.Config{K: 5, Seed: seed}, encode.OneHot{}, encode.MinMax{}).Cluster(ctx, view)
//	m, err := kmeans.Config{K: 5}.Fit(ctx, numeric)   // the fitted form
//	labels, err := m.Assign(ctx, later)
package kmeans

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Config is k-means: greedy k-means++ seeding [1], then Lloyd's rounds with
// Hamerly's bounds [2], from several starts. Starts are crossed with one another [3]; the
// winner and the best of the starts go on by swaps of a center for a row, which stay if
// they lower the inertia [4]. The best of all runs until no row changes its cluster.
// Above 65,536 distinct rows all that works on a weighted sample of some 16,384, more of
// those far from the mean [5]; the best two then converge on all.
//
// Features must be numbers, present and finite; scale them first, for a large unit
// outweighs the rest. Row weights count; equal rows are merged. A cluster that
// loses all its rows gets the row farthest from its center. Results are the same
// at any number of cores.
//
// The least inertia is not found for sure: over the seeds and sets of the tests it is at
// most 1.001 of scikit-learn's best of ten starts (the median of five such runs), and 1.002
// of its best of fifty.
//
// [1] Arthur, Vassilvitskii (2007), SODA, 1027-1035; candidates per center as in
// scikit-learn: 2 + log K.
// [2] Hamerly (2010), SDM, 130-140.
// [3] Gribel, Vidal (2019), Pattern Recognition 88, 569-583.
// [4] Lattanzi, Sohler (2019), ICML, PMLR 97, 3662-3671.
// [5] Bachem, Lucic, Krause (2018), KDD, 1119-1127.
type Config struct {
	K         int      // clusters, at least 1 and at most the number of distinct rows
	Starts    int      // seedings tried; 0 means 10
	MaxRounds int      // rounds of a start, again of the winner, and of a Source; 0 means 300
	Tolerance float64  // a start ends when its centers' squared shifts sum to this share of the mean variance; 0 means 1e-4
	Seed      rng.Seed // of the seedings
}

// Name is "k-means".
func (Config) Name() string { return "k-means" }

// Cluster clusters rows by their numeric features.
func (c Config) Cluster(ctx context.Context, rows table.View) (models.Clustering, error) {
	m, err := c.Fit(ctx, rows)
	if err != nil {
		return models.Clustering{}, err
	}
	return m.clustering, nil
}

// ClusterPlan clusters rows by the columns of a plan; encode.Before calls it.
func (c Config) ClusterPlan(ctx context.Context, plan *dense.Plan, rows table.View) (models.Clustering, error) {
	m, err := c.FitPlan(ctx, plan, rows)
	if err != nil {
		return models.Clustering{}, err
	}
	return m.clustering, nil
}

// Fit clusters rows by their numeric features and keeps the centers.
func (c Config) Fit(ctx context.Context, rows table.View) (*Model, error) {
	plan, err := dense.Of("kmeans", rows)
	if err != nil {
		return nil, err
	}
	return c.FitPlan(ctx, plan, rows)
}

// FitPlan clusters rows by the columns of a plan and keeps the centers.
func (c Config) FitPlan(ctx context.Context, plan *dense.Plan, rows table.View) (*Model, error) {
	c, err := c.defaults()
	if err != nil {
		return nil, err
	}
	all, err := distinct(plan, rows, c.K)
	if err != nil {
		return nil, err
	}
	best, err := c.run(ctx, all)
	if err != nil {
		return nil, err
	}
	return labelled(ctx, newModel(plan, all.base, best.centers, best.mass, best.rounds), rows)
}

// distinct returns the rows, equal ones merged, if K of them can be told apart.
func distinct(plan *dense.Plan, rows table.View, k int) (*points, error) {
	if rows.Rows() == 0 || plan.Width() == 0 {
		return nil, fmt.Errorf("kmeans: %d rows of %d features; want at least one of each", rows.Rows(), plan.Width())
	}
	bound, err := plan.Bind("kmeans", rows)
	if err != nil {
		return nil, err
	}
	x, err := dense.NewCompact(bound, "kmeans")
	if err != nil {
		return nil, err
	}
	weights, err := rows.Weights()
	if err != nil {
		return nil, fmt.Errorf("kmeans: %w", err)
	}
	all, err := newPoints(x, weights)
	if err != nil {
		return nil, err
	}
	if err := all.usable(plan); err != nil {
		return nil, err
	}
	if all.n < k {
		return nil, fmt.Errorf("kmeans: K is %d and %s has %d distinct rows; lower K to at most that", k, rows.Table().Name(), all.n)
	}
	return all, nil
}

// labelled gives a model the labels of the rows of Fit.
func labelled(ctx context.Context, m *Model, rows table.View) (*Model, error) {
	weights, err := rows.Weights()
	if err == nil {
		err = m.label(ctx, rows, weights)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (c Config) defaults() (Config, error) {
	if c.Starts == 0 {
		c.Starts = 10
	}
	if c.MaxRounds == 0 {
		c.MaxRounds = 300
	}
	if c.Tolerance == 0 {
		c.Tolerance = 1e-4
	}
	switch {
	case c.K < 1:
		return c, fmt.Errorf("kmeans: K is %d; want at least 1", c.K)
	case c.Starts < 1:
		return c, fmt.Errorf("kmeans: Starts is %d; want at least 1", c.Starts)
	case c.MaxRounds < 1:
		return c, fmt.Errorf("kmeans: MaxRounds is %d; want at least 1", c.MaxRounds)
	case !(c.Tolerance >= 0):
		return c, fmt.Errorf("kmeans: Tolerance is %v; want at least 0", c.Tolerance)
	}
	return c, nil
}

// Samples: from how many distinct rows the starts converge on a sample, and on how
// many.
const (
	sampleFrom = 65536
	sampleSize = 16384
)

// finalists is how many of the starts go on: two, more of small data.
func finalists(n int) int { return max(2, 10000/n) }

// run tries all starts, swaps centers of the best and finishes them on all rows.
func (c Config) run(ctx context.Context, all *points) (*lloyd, error) {
	limit := c.Tolerance * all.variance()
	task := par.Track(ctx, "k-means", c.Starts)
	defer task.Done()
	part := all
	if all.n > sampleFrom {
		part = all.sample(sampleSize, c.Seed.At("sample").Rand())
	}
	starts, err := c.starts(ctx, part, limit, task)
	if err == nil && starts == nil && part != all { // too few distinct rows in the sample
		part = all
		starts, err = c.starts(ctx, part, limit, task)
	}
	if err != nil {
		return nil, err
	}
	if starts == nil {
		return nil, fmt.Errorf("kmeans: K is %d and fewer rows with weight are distinct; lower K (rows closer than 1e-160 count as equal: scale the features)", c.K)
	}
	slices.SortStableFunc(starts, lower)
	crossed, err := c.cross(ctx, part, slices.Clone(starts), limit)
	if err != nil {
		return nil, err
	}
	pool := append(crossed[:1:1], starts...)
	pool, err = par.Map(ctx, min(finalists(part.n), len(pool)), func(ctx context.Context, i int) (*lloyd, error) {
		return pool[i].improve(ctx, part, c.MaxRounds, limit, c.Seed.Index("swap", i).Rand())
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(pool, lower)
	best := pool[0]
	if part != all {
		ends, err := par.Map(ctx, min(2, len(pool)), func(ctx context.Context, i int) (*lloyd, error) {
			l := newLloyd(all, pool[i].centers)
			if err := l.run(ctx, c.MaxRounds, limit); err != nil {
				return nil, err
			}
			l.score()
			l.rounds += pool[i].rounds
			return l, nil
		})
		if err != nil {
			return nil, err
		}
		best = slices.MinFunc(ends, lower)
	}
	rounds := best.rounds
	best = newLloyd(all, best.centers)
	if err := best.run(ctx, c.MaxRounds, -1); err != nil {
		return nil, err
	}
	best.exact()
	best.rounds += rounds
	return best, nil
}

// starts seeds and converges each start; nil if fewer than K rows are apart.
func (c Config) starts(ctx context.Context, part *points, limit float64, task par.Task) ([]*lloyd, error) {
	starts, err := par.Map(ctx, c.Starts, func(ctx context.Context, i int) (*lloyd, error) {
		defer task.Add(1)
		picked := plusPlus(ctx, part, c.K, c.Seed.Index("start", i).Rand())
		if picked == nil {
			return nil, ctx.Err()
		}
		l := newLloyd(part, part.rows(picked))
		if err := l.run(ctx, c.MaxRounds, limit); err != nil {
			return nil, err
		}
		l.score()
		l.drop()
		return l, nil
	})
	if err != nil || slices.Contains(starts, nil) {
		return nil, err
	}
	return starts, nil
}
