package cluster

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Maker returns an unfitted clustering into k clusters that draws from the seed:
//
//	func(k int, seed rng.Seed) models.Clusterer { return kmeans.Config{K: k, Seed: seed} }
type Maker func(k int, seed rng.Seed) models.Clusterer

// GapStatistic asks by how much more rows cluster than rows without clusters do
// [1]. Those are drawn uniformly, as many as there are rows, and clustered alike. It
// needs Make; the rest of the zero value works.
//
// [1] Tibshirani, Walther, Hastie (2001), J. R. Stat. Soc. B 63(2), 411-423.
type GapStatistic struct {
	Make Maker
	Sets int       // reference sets B; 0 means 10
	Over Reference // what they are uniform over
	Seed rng.Seed
}

// Reference says what reference sets are uniform over ([1], section 4).
type Reference uint8

const (
	Ranges    Reference = iota // (a) the range of each feature
	Principal                  // (b) a box along the principal components of the rows
)

// Gap is the gap statistic of one number of clusters.
type Gap struct {
	K        int
	LogW     float64 // log of the sum of squared distances to the means of the clusters; -Inf where that is 0
	Expected float64 // mean of LogW over the reference sets
	Value    float64 // Expected - LogW
	Error    float64 // s_k: standard deviation over the sets times √(1+1/B)
}

// Run clusters rows and reference sets into lo … hi clusters. Features must be
// numbers, present and finite; weights are not used. It is an error if all rows are
// equal, if a clustering fails or sees rows as noise only. Time (B+1)(hi-lo+1)
// clusterings, and n p² to draw a set of a principal box; space that of two sets.
func (g GapStatistic) Run(ctx context.Context, rows table.View, lo, hi int) ([]Gap, error) {
	if g.Sets == 0 {
		g.Sets = 10
	}
	switch {
	case g.Make == nil:
		return nil, fmt.Errorf("cluster: the gap statistic needs Make")
	case g.Sets < 1:
		return nil, fmt.Errorf("cluster: Sets is %d; want at least 1", g.Sets)
	case g.Over > Principal:
		return nil, fmt.Errorf("cluster: Over is %d; want Ranges or Principal", g.Over)
	case lo < 1 || hi < lo:
		return nil, fmt.Errorf("cluster: %d to %d clusters; want 1 or more, rising", lo, hi)
	}
	x, err := Rows(rows)
	if err != nil {
		return nil, err
	}
	b, err := newBox(x, g.Over)
	if err != nil {
		return nil, err
	}
	return g.over(ctx, rows, x, lo, hi, func(i int) Matrix { return b.draw(x.Len(), g.Seed.Index("reference", i).Rand()) })
}

// over compares the rows with sets drawn by number.
func (g GapStatistic) over(ctx context.Context, rows table.View, x Matrix, lo, hi int, draw func(set int) Matrix) ([]Gap, error) {
	task := par.Track(ctx, "gap statistic", g.Sets+1)
	defer task.Done()
	own, err := g.logs(ctx, rows, x, lo, hi, g.Seed.At("rows"))
	if err != nil {
		return nil, err
	}
	task.Add(1)
	logs := make([][]float64, g.Sets)
	for i := range logs {
		set := draw(i)
		if logs[i], err = g.logs(ctx, set.view(rows), set, lo, hi, g.Seed.Index("set", i)); err != nil {
			return nil, err
		}
		task.Add(1)
	}
	gaps := make([]Gap, hi-lo+1)
	for n := range gaps {
		gaps[n] = newGap(lo+n, own[n], logs, n)
	}
	return gaps, nil
}

// newGap is the statistic of k, the n-th number of clusters tried.
func newGap(k int, own float64, logs [][]float64, n int) Gap {
	count, mean, square := float64(len(logs)), 0.0, 0.0
	for _, set := range logs {
		mean += set[n] / count
	}
	for _, set := range logs {
		d := set[n] - mean
		square += float64(d*d) / count
	}
	return Gap{K: k, LogW: own, Expected: mean, Value: mean - own, Error: math.Sqrt(square) * math.Sqrt(1+1/count)}
}

// logs returns log W of the rows in lo … hi clusters.
func (g GapStatistic) logs(ctx context.Context, v table.View, x Matrix, lo, hi int, seed rng.Seed) ([]float64, error) {
	out := make([]float64, 0, hi-lo+1)
	for k := lo; k <= hi; k++ {
		c, err := g.Make(k, seed.Index("k", k)).Cluster(ctx, v)
		if err != nil {
			return nil, fmt.Errorf("cluster: gap statistic of %d clusters: %w", k, err)
		}
		p := newPartition(x, c.Labels)
		if p.n == 0 {
			return nil, fmt.Errorf("cluster: gap statistic of %d clusters: all rows are noise", k)
		}
		out = append(out, math.Log(p.within(x)))
	}
	return out, nil
}

// ChooseGap returns the number of clusters by the rule of one standard error: the
// least k of which the gap is at least that of the next one less its error ([1], step
// 3). It is 0 where none is; gaps are by rising k.
func ChooseGap(gaps []Gap) int {
	for i := 0; i+1 < len(gaps); i++ {
		if next := gaps[i+1]; gaps[i].Value >= next.Value-next.Error {
			return gaps[i].K
		}
	}
	return 0
}
