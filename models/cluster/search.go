package cluster

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Search clusters rows into Lo … Hi clusters and measures each clustering by every
// index. It needs Make; the rest of the zero value works.
//
//	tries, err := cluster.Search{Make: make, Lo: 2, Hi: 12, Sample: 2000, Gap: 10, Seed: seed}.Run(ctx, encoded)
//	best := tries.Best(cluster.SilhouetteIndex)
type Search struct {
	Make    Maker
	Lo, Hi  int       // clusters tried; 0 and 0 mean 2 to 10
	Sample  int       // rows drawn for silhouette, gap and stability, whose cost is that of many clusterings; 0 means all
	Gap     int       // reference sets of the gap statistic; 0 means none is taken
	Over    Reference // what they are uniform over
	Pairs   int       // pairs of subsamples for stability; 0 means it is not taken
	Classes []int     // a class a row, only for ARI, AMI and V-measure beside the indices; nil for none
	Seed    rng.Seed

	Chapter, Split string // of the measures' ids; "" means "clusters" and "train"
}

// Try is one number of clusters and what the indices say of it. Indices that were
// not asked for are NaN, and so are those that mean nothing of one cluster.
type Try struct {
	models.Clustering // of all rows
	Reconstruction
	Silhouette, DaviesBouldin, CalinskiHarabasz float64
	Gap                                         Gap
	Stability                                   Stability
	ARI, AMI, V                                 float64 // against the classes
}

// Tries are the outcome of a Search, by rising number of clusters.
type Tries struct {
	List   []Try
	Table  string // name of the table clustered
	Rows   int    // rows clustered
	Sample int    // rows that the costly indices saw

	search Search
}

// Run clusters and measures. The gap statistic clusters the sample Gap+1 times, for
// stability it is clustered 2 Pairs+1 times, for each number of clusters.
func (s Search) Run(ctx context.Context, rows table.View) (Tries, error) {
	if s.Lo == 0 && s.Hi == 0 {
		s.Lo, s.Hi = 2, 10
	}
	switch {
	case s.Make == nil:
		return Tries{}, fmt.Errorf("cluster: a search needs Make")
	case s.Lo < 1 || s.Hi < s.Lo:
		return Tries{}, fmt.Errorf("cluster: %d to %d clusters; want 1 or more, rising", s.Lo, s.Hi)
	case s.Classes != nil && len(s.Classes) != rows.Rows():
		return Tries{}, fmt.Errorf("cluster: %d classes for %d rows", len(s.Classes), rows.Rows())
	}
	x, err := Rows(rows)
	if err != nil {
		return Tries{}, err
	}
	part := rows
	if s.Sample > 0 && s.Sample < rows.Rows() {
		drawn := s.Seed.At("sample").Rand().Perm(rows.Rows())[:s.Sample]
		slices.Sort(drawn)
		part = rows.Take(drawn)
	}
	t := Tries{Table: rows.Table().Name(), Rows: rows.Rows(), Sample: part.Rows(), search: s}
	var gaps []Gap
	if s.Gap > 0 {
		if gaps, err = (GapStatistic{Make: s.Make, Sets: s.Gap, Over: s.Over, Seed: s.Seed.At("gap")}).Run(ctx, part, s.Lo, s.Hi); err != nil {
			return Tries{}, err
		}
	}
	task := par.Track(ctx, "numbers of clusters", s.Hi-s.Lo+1)
	defer task.Done()
	for k := s.Lo; k <= s.Hi; k++ {
		one, err := s.try(ctx, rows, part, x, k)
		if err != nil {
			return Tries{}, err
		}
		if gaps != nil {
			one.Gap = gaps[k-s.Lo]
		}
		t.List = append(t.List, one)
		task.Add(1)
	}
	return t, nil
}

func (s Search) try(ctx context.Context, rows, part table.View, x Matrix, k int) (Try, error) {
	c, err := s.Make(k, s.Seed.Index("k", k)).Cluster(ctx, rows)
	if err != nil {
		return Try{}, fmt.Errorf("cluster: %d clusters: %w", k, err)
	}
	none := math.NaN()
	t := Try{Clustering: c, Reconstruction: Reconstruct(x, c.Labels, nil),
		DaviesBouldin: DaviesBouldin(x, c.Labels), CalinskiHarabasz: CalinskiHarabasz(x, c.Labels),
		Gap: Gap{K: k, LogW: none, Expected: none, Value: none, Error: none}, Stability: Stability{K: k, Mean: none, Low: none, High: none},
		ARI: none, AMI: none, V: none}
	w, err := Widths(ctx, x, c.Labels, s.Sample, s.Seed)
	if err != nil {
		return Try{}, err
	}
	t.Silhouette = w.Mean()
	if s.Classes != nil {
		t.ARI, t.AMI, t.V = ARI(s.Classes, c.Labels), AMI(s.Classes, c.Labels), VMeasure(s.Classes, c.Labels).V
	}
	if s.Pairs > 0 && k > 1 {
		r := Resampling{Make: s.Make, Pairs: s.Pairs, Seed: s.Seed.Index("stability", k)}
		if t.Stability, err = r.Run(ctx, part, k); err != nil {
			return Try{}, err
		}
	}
	return t, nil
}

// Best returns the try with the best value of an index, the fewest clusters of a tie;
// by the gap statistic that of ChooseGap, else of the largest gap. It panics where no
// try has a value.
func (t Tries) Best(index Index) Try {
	if index.Name == GapIndex.Name {
		gaps := make([]Gap, len(t.List))
		for i, one := range t.List {
			gaps[i] = one.Gap
		}
		if k := ChooseGap(gaps); k > 0 {
			return t.List[k-t.search.Lo]
		}
	}
	best := -1
	for i, one := range t.List {
		v := index.Of(one)
		if v == v && (best < 0 || index.better(v, index.Of(t.List[best]))) {
			best = i
		}
	}
	if best < 0 {
		panic(fmt.Sprintf("cluster: no try has a %s", index.Name))
	}
	return t.List[best]
}

// Series returns an index by number of clusters, for a plot; low and high are nil
// where it has no spread.
func (t Tries) Series(index Index) (k, values, low, high []float64) {
	for i, one := range t.List {
		k, values = append(k, float64(t.search.Lo+i)), append(values, index.Of(one))
		if index.Spread != nil {
			lo, hi := index.Spread(one)
			low, high = append(low, lo), append(high, hi)
		}
	}
	return k, values, low, high
}
