package kmeans

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// MiniBatch is k-means by small random batches [1]: each center goes to the mean of
// all rows that batches have ever given it, which is Sculley's rate of 1/(rows so far) a
// center. A last pass gives every row its nearest center. On the sets of the tests its
// inertia is up to a fifth above that of Config, some hundredths on most. Config is fast
// where rows fit in memory, for its search works on a sample, and reads a Source where they
// do not; MiniBatch is here to be compared with.
//
// Seeding is greedy k-means++ on a weighted sample, as Config draws it, of three times the
// size of a batch, the best of Starts. Batches are drawn with replacement, by weight. They
// end when a running mean of their inertia, over some n/2 rows, has not fallen for Patience
// of them. No center is moved elsewhere because few rows came to it.
//
// [1] Sculley (2010), WWW, 1177-1178, algorithm 1.
type MiniBatch struct {
	K         int      // clusters, at least 1 and at most the number of distinct rows
	Batch     int      // rows of a batch; 0 means 1024
	MaxRounds int      // batches; 0 means as many as have 100 times the rows
	Patience  int      // batches in turn that may be no better; 0 means 10
	Starts    int      // seedings tried; 0 means 3
	Seed      rng.Seed // of seedings and batches
}

// Name is "mini-batch k-means".
func (MiniBatch) Name() string { return "mini-batch k-means" }

// Cluster clusters rows by their numeric features. Rounds are batches.
func (b MiniBatch) Cluster(ctx context.Context, rows table.View) (models.Clustering, error) {
	m, err := b.Fit(ctx, rows)
	if err != nil {
		return models.Clustering{}, err
	}
	return m.clustering, nil
}

// ClusterPlan clusters rows by the columns of a plan; encode.Before calls it.
func (b MiniBatch) ClusterPlan(ctx context.Context, plan *dense.Plan, rows table.View) (models.Clustering, error) {
	m, err := b.FitPlan(ctx, plan, rows)
	if err != nil {
		return models.Clustering{}, err
	}
	return m.clustering, nil
}

// Fit clusters rows by their numeric features and keeps the centers.
func (b MiniBatch) Fit(ctx context.Context, rows table.View) (*Model, error) {
	plan, err := dense.Of("kmeans", rows)
	if err != nil {
		return nil, err
	}
	return b.FitPlan(ctx, plan, rows)
}

// FitPlan clusters rows by the columns of a plan and keeps the centers.
func (b MiniBatch) FitPlan(ctx context.Context, plan *dense.Plan, rows table.View) (*Model, error) {
	b, err := b.defaults(rows.Rows())
	if err != nil {
		return nil, err
	}
	all, err := distinct(plan, rows, b.K)
	if err != nil {
		return nil, err
	}
	y, err := b.seeded(ctx, all)
	if err != nil {
		return nil, err
	}
	if err := b.run(ctx, all, y, rows.Rows()); err != nil {
		return nil, err
	}
	return labelled(ctx, newModel(plan, all.base, y.centers, y.mass, y.rounds), rows)
}

func (b MiniBatch) defaults(n int) (MiniBatch, error) {
	for _, f := range []struct {
		name  string
		value *int
		zero  int
	}{{"K", &b.K, 0}, {"Batch", &b.Batch, 1024}, {"Patience", &b.Patience, 10}, {"Starts", &b.Starts, 3}, {"MaxRounds", &b.MaxRounds, max(100, 100*n/max(1, b.Batch))}} {
		if *f.value == 0 {
			*f.value = f.zero
		}
		if *f.value < 1 {
			return b, fmt.Errorf("kmeans: %s is %d; want at least 1", f.name, *f.value)
		}
	}
	return b, nil
}

// seeded returns the best of the seedings; its masses count the rows so far.
func (b MiniBatch) seeded(ctx context.Context, all *points) (*lloyd, error) {
	size := 3 * max(b.Batch, b.K)
	some := func(seed rng.Seed) *points {
		if all.n <= size {
			return all
		}
		return all.sample(size, seed.Rand())
	}
	starts, err := par.Map(ctx, b.Starts, func(ctx context.Context, i int) (*lloyd, error) {
		seed := b.Seed.Index("start", i)
		part := some(seed.At("rows"))
		picked := plusPlus(ctx, part, b.K, seed.Rand())
		if picked == nil { // too few distinct rows were drawn
			part = all
			picked = plusPlus(ctx, part, b.K, seed.Rand())
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if picked == nil {
			return nil, fmt.Errorf("kmeans: K is %d and fewer rows with weight are distinct; lower K (rows closer than 1e-160 count as equal: scale the features)", b.K)
		}
		return newLloyd(all, part.rows(picked)), nil
	})
	if err != nil {
		return nil, err
	}
	judge := some(b.Seed.At("judge"))
	best := starts[0]
	for _, y := range starts {
		y.inertia, _ = y.meet(judge)
		if y.inertia < best.inertia {
			best = y
		}
	}
	return best, nil
}

// run moves the centers batch by batch.
func (b MiniBatch) run(ctx context.Context, all *points, y *lloyd, n int) error {
	rows, g := newUrn(all), b.Seed.At("batches").Rand()
	task := par.Track(ctx, "mini-batch k-means", b.MaxRounds)
	defer task.Done()
	rate := min(1, 2*float64(b.Batch)/float64(n+1)) // of the running mean
	mean, best := 0.0, math.Inf(1)
	for bad := 0; bad < b.Patience && y.rounds < b.MaxRounds; y.rounds++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch := rows.draw(b.Batch, g)
		inertia, labels := y.meet(batch)
		y.follow(batch, labels)
		if y.rounds == 0 {
			mean = inertia
		}
		mean += rate * (inertia - mean)
		if bad++; mean < best {
			best, bad = mean, 0
		}
		task.Add(1)
	}
	return nil
}

// meet returns the inertia of some rows at the centers, and their clusters.
func (y *lloyd) meet(batch *points) (inertia float64, labels []int32) {
	other := newLloyd(batch, y.centers)
	other.prepare()
	d, _ := other.distances()
	for i, v := range d {
		inertia += float64(batch.weight[i] * v)
	}
	return inertia, other.a
}

// follow takes each center to the mean of the rows it has had, those of a batch included.
func (y *lloyd) follow(batch *points, labels []int32) {
	p := batch.p
	clear(y.sums)
	came := make([]float64, y.k)
	for i, c := range labels {
		came[c]++
		batch.addTo(i, 1, y.sums[int(c)*p:])
	}
	for c, center := range y.centers {
		if came[c] == 0 {
			continue
		}
		y.mass[c] += came[c]
		for j, v := range center {
			center[j] += (y.sums[c*p+j] - float64(came[c]*v)) / y.mass[c]
		}
	}
}

// An urn draws rows by weight, with replacement.
type urn struct {
	pt  *points
	end []float64 // weight up to and with row i
}

func newUrn(pt *points) *urn {
	u := &urn{pt, make([]float64, pt.n)}
	total := 0.0
	for i, w := range pt.weight {
		total += w
		u.end[i] = total
	}
	return u
}

func (u *urn) draw(n int, g *rand.Rand) *points {
	out := &points{p: u.pt.p, start: []int32{0}}
	for range n {
		at := g.Float64() * u.end[len(u.end)-1]
		out.add(u.pt, sort.Search(len(u.end)-1, func(i int) bool { return u.end[i] > at }), 1)
	}
	return out
}
