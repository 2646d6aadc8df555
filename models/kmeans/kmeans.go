// Package kmeans answers: which K centers stand for these rows with the least
// squared distance?
//
//	c, err := encode.Before(kmeans.Config{K: 5, Seed: seed}, encode.OneHot{}, encode.MinMax{}).Cluster(ctx, view)
//	m, err := kmeans.Config{K: 5}.Fit(ctx, numeric)   // the fitted form
//	labels, err := m.Assign(ctx, later)
package kmeans

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Config is k-means: greedy k-means++ seeding [1], then Lloyd's rounds with
// Hamerly's bounds [2], from several starts. The two of least inertia (more below
// 5000 rows), the lower start of a tie, go on by swaps of a center for a row, which
// stay if they lower the inertia [3]. The better one runs until no row changes its
// cluster. Above 65,536 distinct rows starts and swaps work on a systematic sample
// of some 16,384 of them; the two then converge on all.
//
// Features must be numbers, present and finite; scale them first, for a large unit
// outweighs the rest. Row weights count; equal rows are merged. A cluster that
// loses all its rows gets the row farthest from its center. Results are the same
// at any number of cores.
//
// [1] Arthur, Vassilvitskii (2007), SODA, 1027-1035; candidates per center as in
// scikit-learn: 2 + log K.
// [2] Hamerly (2010), SDM, 130-140.
// [3] Lattanzi, Sohler (2019), ICML, PMLR 97, 3662-3671.
type Config struct {
	K         int      // clusters, at least 1 and at most the number of distinct rows
	Starts    int      // seedings tried; 0 means 10
	MaxRounds int      // rounds of a start, and again of the winner; 0 means 300
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
	all := newPoints(x, weights)
	if all.n < c.K {
		return nil, fmt.Errorf("kmeans: K is %d and %s has %d distinct rows; want K at most that", c.K, rows.Table().Name(), all.n)
	}
	best, err := c.run(ctx, all)
	if err != nil {
		return nil, err
	}
	return newModel(ctx, plan, x.Base, best, rows, weights)
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
		part = all.sample(all.n / sampleSize)
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
		return nil, fmt.Errorf("kmeans: K is %d and fewer rows with weight are distinct; want K at most that", c.K)
	}
	slices.SortStableFunc(starts, func(a, b *lloyd) int { return cmp.Compare(a.inertia, b.inertia) })
	ends, err := par.Map(ctx, min(finalists(part.n), len(starts)), func(ctx context.Context, i int) (*lloyd, error) {
		l, err := starts[i].improve(ctx, part, c.MaxRounds, limit, c.Seed.Index("swap", i).Rand())
		if err != nil {
			return nil, err
		}
		rounds := l.rounds
		if part != all {
			l = newLloyd(all, l.centers)
			if err := l.run(ctx, c.MaxRounds, limit); err != nil {
				return nil, err
			}
			l.score()
			l.rounds += rounds
		}
		return l, nil
	})
	if err != nil {
		return nil, err
	}
	best := ends[0]
	for _, l := range ends[1:] {
		if l.inertia < best.inertia {
			best = l
		}
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
		picked := plusPlus(part, c.K, c.Seed.Index("start", i).Rand())
		if picked == nil {
			return nil, nil
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

// Model is a fitted k-means.
type Model struct {
	plan       *dense.Plan // shifted by the base
	beta, bias []float64   // scores |c|² - 2 x·c
	clustering models.Clustering
}

// newModel orders the clusters and labels the rows by the road that Assign takes.
func newModel(ctx context.Context, plan *dense.Plan, base []float64, l *lloyd, rows table.View, weights []float64) (*Model, error) {
	shifted := &dense.Plan{Source: plan.Source, Columns: slices.Clone(plan.Columns)}
	for j, b := range base {
		shifted.Columns[j] = plan.Columns[j].With(dense.Op{Kind: dense.Scale, A: b, B: 1}, plan.Columns[j].Unit)
	}
	slices.SortFunc(l.centers, slices.Compare[[]float64])
	m := &Model{plan: shifted}
	m.score(l.centers)
	labels, near, err := m.assign(ctx, rows)
	if err != nil {
		return nil, err
	}
	k := len(l.centers)
	mass := make([]float64, k)
	for i, c := range labels {
		if weights == nil {
			mass[c]++
		} else {
			mass[c] += weights[i]
		}
	}
	order := make([]int, k)
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(mass[b], mass[a]) })
	place, centers := make([]int, k), make([][]float64, k)
	for to, from := range order {
		place[from], centers[to] = to, l.centers[from]
	}
	out := models.Clustering{Labels: labels, K: k, Rounds: l.rounds}
	for i, c := range labels {
		labels[i] = place[c]
		d := max(near[i], 0)
		if weights != nil {
			d *= weights[i]
		}
		out.Inertia += d
	}
	m.score(centers)
	for _, c := range centers {
		full := make([]float64, len(c))
		for j, v := range c {
			full[j] = v + base[j]
		}
		out.Centers = append(out.Centers, full)
	}
	m.clustering = out
	return m, nil
}

// score prepares |c|² - 2 x·c for every center.
func (m *Model) score(centers [][]float64) {
	k, p := len(centers), len(m.plan.Columns)
	m.beta, m.bias = make([]float64, p*k), make([]float64, k)
	for c, center := range centers {
		for j, v := range center {
			m.beta[j*k+c] = -2 * v
			m.bias[c] += float64(v * v)
		}
	}
}

// Clustering is the outcome on the rows of Fit: clusters by falling weight, then by
// center. Callers only read.
func (m *Model) Clustering() models.Clustering { return m.clustering }

// Columns lists the features that the centers have.
func (m *Model) Columns() []string { return m.plan.Names() }

// Assign returns the nearest center of each row, the lower cluster of a tie.
func (m *Model) Assign(ctx context.Context, rows table.View) ([]int, error) {
	labels, _, err := m.assign(ctx, rows)
	return labels, err
}

// assign also returns the squared distances, which rounding may leave below 0.
func (m *Model) assign(ctx context.Context, rows table.View) ([]int, []float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	bound, err := m.plan.Bind("kmeans", rows)
	if err != nil {
		return nil, nil, err
	}
	z, err := dense.Linear(bound, "kmeans", m.beta, m.bias)
	if err != nil {
		return nil, nil, err
	}
	norm := dense.Norms(bound)
	k := len(m.bias)
	labels := make([]int, bound.Len())
	for i := range labels {
		best := math.Inf(1)
		for c, v := range z[i*k : (i+1)*k] {
			if v < best {
				best, labels[i] = v, c
			}
		}
		norm[i] += best
	}
	return labels, norm, nil
}
