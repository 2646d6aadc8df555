// Package hclust answers: how do these rows group at every scale, from each row by
// itself to all of them together?
//
//	tree, err := hclust.Config{Linkage: hclust.Average}.Fit(ctx, numeric)
//	five, err := tree.Cut(5)
//	near, err := tree.CutAt(0.3)
//	c, err := encode.Before(hclust.Config{K: 5}, encode.OneHot{}, encode.MinMax{}).Cluster(ctx, view)
package hclust

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Config is agglomerative clustering: every row starts as a cluster, and the two
// clusters that are nearest merge, until one is left. Fit needs no field set;
// Cluster cuts the tree and needs K or Height.
//
// Distances are Euclidean; what stands between clusters is the Linkage. Features must
// be numbers, present and finite; scale them first, for a large unit outweighs the rest.
//
// A row's weight says how often it stands for itself: rows of weight 2 merge as two
// equal rows do. Weights are from 1e-100 to 1e100. Equal rows merge first, at height 0, in the order
// of the rows; that changes nothing else, for every linkage puts them there.
//
// Of clusters at one distance, exactly, those with the lowest rows merge first, the
// lowest row of either cluster counting; heights and clusters may depend on that choice for
// all linkages but the heights of Single. Results are the same at any number of cores.
//
// Cost, for n distinct rows of p features that are not constant:
//
//	Ward      O(n p) memory; O(n²p) time at worst (many features of noise), near n log n
//	          where rows lie in groups: all of encoded KDDTrain+ takes seconds
//	Single    O(n p) memory, O(n²p) time
//	Average   n(n-1)/2 distances of 8 bytes (at most MaxBytes), O(n²p) time
//	Complete  as Average
type Config struct {
	Linkage  Linkage // what stands between two clusters; the zero value is Ward
	K        int     // clusters that Cluster makes, at most the number of distinct rows; 0 where Height is set
	Height   float64 // Cluster makes all merges up to this height; 0 where K is set
	MaxBytes int64   // of the distances that Average and Complete hold; 0 means 2 GiB, 23,170 distinct rows
}

// Linkage is the distance between two clusters. Heights are those of scipy's linkage.
type Linkage uint8

const (
	// Ward [1] is √(2ab/(a+b)) times the distance of the means of clusters with a and b
	// rows: its square is twice what the merge adds to the squared distances from the means.
	//
	// [1] Ward (1963), JASA 58, 236-244.
	Ward     Linkage = iota
	Average          // the mean distance of a row of one to a row of the other
	Complete         // the largest distance
	Single           // the smallest distance
)

// String names the linkage: "Ward", "average", "complete", "single".
func (l Linkage) String() string {
	if int(l) < len(linkages) {
		return linkages[l]
	}
	return fmt.Sprintf("Linkage(%d)", uint8(l))
}

var linkages = [...]string{"Ward", "average", "complete", "single"}

// Name is "hierarchical clustering".
func (Config) Name() string { return "hierarchical clustering" }

// Cluster cuts the tree of the rows' numeric features into K clusters, or at Height.
func (c Config) Cluster(ctx context.Context, rows table.View) (models.Clustering, error) {
	plan, err := dense.Of("hclust", rows)
	if err != nil {
		return models.Clustering{}, err
	}
	return c.ClusterPlan(ctx, plan, rows)
}

// ClusterPlan clusters rows by the columns of a plan; encode.Before calls it.
func (c Config) ClusterPlan(ctx context.Context, plan *dense.Plan, rows table.View) (models.Clustering, error) {
	switch {
	case c.K == 0 && c.Height == 0:
		return models.Clustering{}, fmt.Errorf("hclust: neither K nor Height is set; want one of them")
	case c.K != 0 && c.Height != 0:
		return models.Clustering{}, fmt.Errorf("hclust: K is %d and Height is %v; want one of them", c.K, c.Height)
	case c.K < 0:
		return models.Clustering{}, fmt.Errorf("hclust: K is %d; want at least 1", c.K)
	case c.K == 0 && !(c.Height > 0):
		return models.Clustering{}, fmt.Errorf("hclust: Height is %v; want a number above 0", c.Height)
	}
	t, err := c.FitPlan(ctx, plan, rows)
	if err != nil {
		return models.Clustering{}, err
	}
	if c.K == 0 {
		return t.CutAt(c.Height)
	}
	if c.K > t.distinct {
		return models.Clustering{}, fmt.Errorf("hclust: K is %d and %s has %d distinct rows; want K at most that", c.K, rows.Table().Name(), t.distinct)
	}
	return t.Cut(c.K)
}

// Fit builds the tree of the rows' numeric features.
func (c Config) Fit(ctx context.Context, rows table.View) (*Tree, error) {
	plan, err := dense.Of("hclust", rows)
	if err != nil {
		return nil, err
	}
	return c.FitPlan(ctx, plan, rows)
}

// FitPlan builds the tree of rows by the columns of a plan.
func (c Config) FitPlan(ctx context.Context, plan *dense.Plan, rows table.View) (*Tree, error) {
	if c.MaxBytes == 0 {
		c.MaxBytes = 2 << 30
	}
	switch {
	case int(c.Linkage) >= len(linkages):
		return nil, fmt.Errorf("hclust: Linkage is %d; want Ward, Average, Complete or Single", uint8(c.Linkage))
	case c.MaxBytes < 0:
		return nil, fmt.Errorf("hclust: MaxBytes is %d; want at least 0", c.MaxBytes)
	case rows.Rows() == 0 || plan.Width() == 0:
		return nil, fmt.Errorf("hclust: %d rows of %d features; want at least one of each", rows.Rows(), plan.Width())
	case rows.Rows() > math.MaxInt32/2:
		return nil, fmt.Errorf("hclust: %d rows; want at most %d", rows.Rows(), math.MaxInt32/2)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	pt, err := newPoints(plan, rows)
	if err != nil {
		return nil, err
	}
	var joins []join
	switch c.Linkage {
	case Ward:
		joins, err = agglomerate(ctx, pt.n, newWard(pt))
		for i, j := range joins {
			joins[i].height = math.Sqrt(j.height)
		}
	case Single:
		joins, err = spanningTree(ctx, pt)
	default:
		if need := int64(pt.n) * int64(pt.n-1) / 2 * 8; need > c.MaxBytes {
			return nil, fmt.Errorf("hclust: %v linkage of %d distinct rows holds %d bytes of distances and MaxBytes is %d; raise it, cluster a sample, or take Ward or Single, which hold none", c.Linkage, pt.n, need, c.MaxBytes)
		}
		var m *matrix
		if m, err = newMatrix(ctx, pt, c.Linkage == Complete); err == nil {
			joins, err = agglomerate(ctx, pt.n, m)
		}
	}
	if err != nil {
		return nil, err
	}
	return newTree(pt, joins, plan), nil
}
