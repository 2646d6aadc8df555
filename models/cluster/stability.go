package cluster

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Resampling asks whether clusters come back when other rows are drawn. Pairs of
// subsamples without replacement are clustered, and their agreement is taken on the
// rows that both have [1]; each subsample is also held against the clusters of all
// rows, one by one [2]. It needs Make; the rest of the zero value works.
//
// [1] Ben-Hur, Elisseeff, Guyon (2002), Pac. Symp. Biocomput., 6-17, with the adjusted
// Rand index in place of their measures.
// [2] Hennig (2007), Comput. Stat. Data Anal. 52, 258-271, with subsets in place of
// the bootstrap (there section 2.2).
type Resampling struct {
	Make  Maker
	Pairs int     // pairs of subsamples; 0 means 10
	Share float64 // of the rows in a subsample, in (0.5, 1); 0 means 0.8
	Seed  rng.Seed
}

// Stability is how far clusters came back. 1 is perfect; an ARI of 0 is chance. One
// cluster always comes back.
type Stability struct {
	K         int
	ARI       []float64 // of each pair of subsamples, on the rows that both have
	Mean      float64   // of ARI
	Low, High float64   // its 2.5 % and 97.5 % quantiles over the pairs (type 7): their spread, not an interval of the mean
	Jaccard   []float64 // by cluster of all rows: mean over the subsamples of its best overlap; below 0.5 it dissolves, above 0.75 it is stable [2]
}

// Run clusters rows and 2 Pairs subsamples of them into k clusters. Noise (label
// below 0) is a cluster like another for ARI and none for Jaccard.
func (r Resampling) Run(ctx context.Context, rows table.View, k int) (Stability, error) {
	r, err := r.defaults(rows.Rows())
	if err != nil {
		return Stability{}, err
	}
	c, err := r.Make(k, r.Seed.At("rows")).Cluster(ctx, rows)
	if err != nil {
		return Stability{}, fmt.Errorf("cluster: stability of %d clusters: %w", k, err)
	}
	return r.of(ctx, rows, k, c.Labels)
}

func (r Resampling) defaults(n int) (Resampling, error) {
	if r.Pairs == 0 {
		r.Pairs = 10
	}
	if r.Share == 0 {
		r.Share = 0.8
	}
	switch {
	case r.Make == nil:
		return r, fmt.Errorf("cluster: stability needs Make")
	case r.Pairs < 1:
		return r, fmt.Errorf("cluster: Pairs is %d; want at least 1", r.Pairs)
	case !(r.Share > 0.5 && r.Share < 1):
		return r, fmt.Errorf("cluster: Share is %v; want a value in (0.5, 1)", r.Share)
	case n < 4:
		return r, fmt.Errorf("cluster: stability of %d rows; want at least 4", n)
	}
	return r, nil
}

// of measures the stability of labels that all rows have.
func (r Resampling) of(ctx context.Context, rows table.View, k int, labels []int) (Stability, error) {
	task := par.Track(ctx, "stability", r.Pairs)
	defer task.Done()
	s := Stability{K: k}
	var part [2][]int // labels of a subsample by row; out where it is not drawn
	for pair := range r.Pairs {
		for side := range part {
			seed := r.Seed.Index("pair", pair).Index("side", side)
			drawn := seed.At("rows").Rand().Perm(rows.Rows())[:int(math.Ceil(r.Share*float64(rows.Rows())))]
			slices.Sort(drawn)
			c, err := r.Make(k, seed).Cluster(ctx, rows.Take(drawn))
			if err != nil {
				return Stability{}, fmt.Errorf("cluster: stability of %d clusters, %d of %d rows: %w", k, len(drawn), rows.Rows(), err)
			}
			part[side] = slices.Repeat([]int{out}, rows.Rows())
			for i, row := range drawn {
				part[side][row] = c.Labels[i]
			}
			for c, v := range jaccard(labels, part[side]) {
				if len(s.Jaccard) == c {
					s.Jaccard = append(s.Jaccard, 0)
				}
				s.Jaccard[c] += v / float64(2*r.Pairs)
			}
		}
		s.ARI = append(s.ARI, ARI(shared(part[0], part[1])))
		task.Add(1)
	}
	sorted := slices.Sorted(slices.Values(s.ARI))
	s.Mean, s.Low, s.High = num.Mean(s.ARI), num.Quantile(sorted, 0.025), num.Quantile(sorted, 0.975)
	return s, nil
}

// out marks a row that a subsample does not have.
const out = math.MinInt

// shared keeps the rows that both have.
func shared(a, b []int) (inA, inB []int) {
	for i := range a {
		if a[i] != out && b[i] != out {
			inA, inB = append(inA, a[i]), append(inB, b[i])
		}
	}
	return inA, inB
}

// jaccard returns, for each cluster of labels by rising label, its best overlap with a
// cluster of part: rows that both have over rows that either has, among those that
// are in part. A cluster without a row there has 0.
func jaccard(labels, part []int) []float64 {
	own, k := renumber(labels)
	other, m := renumber(part)
	both, size, sizeOther := make([]float64, k*m), make([]float64, k), make([]float64, m)
	for i, c := range own {
		if part[i] == out {
			continue
		}
		if c >= 0 {
			size[c]++
		}
		if d := other[i]; d >= 0 {
			sizeOther[d]++
			if c >= 0 {
				both[c*m+d]++
			}
		}
	}
	best := make([]float64, k)
	for c := range k {
		for d, n := range both[c*m : (c+1)*m] {
			if n > 0 {
				best[c] = max(best[c], n/(size[c]+sizeOther[d]-n))
			}
		}
	}
	return best
}
