package dbscan

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/near"
)

// Curve is the sorted k-distance graph [1], from which Eps is read.
type Curve struct {
	MinPoints int
	// Distance has an entry a row, falling: the least Eps at which that row is core, which
	// is the distance to its MinPoints-th nearest row, itself counted (by weight if rows
	// have weights).
	Distance []float64
	// Knee is the place of the bend: the point farthest below the straight line from the
	// largest to the smallest distance above 0, both axes scaled to one, the first of a tie.
	// Rows before it would be noise or borders, rows from it on core.
	Knee int
	// Eps is the distance at the knee; 0 where no distance is above 0, all rows having
	// copies enough. Then any Eps makes all rows core.
	Eps float64
}

// Curve measures how far each row is from being core, from the numeric features of rows.
// It is a start, not an answer: a curve may have several bends, one for each density,
// or none, and the bend moves with a few far rows. Time and space are those of a search
// for MinPoints nearest neighbours of every row.
//
// [1] Ester, Kriegel, Sander, Xu (1996), KDD, section 4.2; they count the row itself
// out, so that their 4-distance is MinPoints 5. The bend as in Satopää, Albrecht, Irwin,
// Raghavan (2011), ICDCS Workshops, 166-171, without smoothing.
func (c Config) Curve(ctx context.Context, rows table.View) (Curve, error) {
	if c.MinPoints == 0 {
		c.MinPoints = 5
	}
	if c.MinPoints < 1 {
		return Curve{}, fmt.Errorf("dbscan: MinPoints is %d; want at least 1", c.MinPoints)
	}
	plan, err := dense.Of("dbscan", rows)
	if err != nil {
		return Curve{}, err
	}
	_, weights, err := bind(ctx, plan, rows)
	if err != nil {
		return Curve{}, err
	}
	total := 0.0
	for i := range rows.Rows() {
		total += weightOf(weights, i)
	}
	k := enough(c.MinPoints)
	if total < k {
		return Curve{}, fmt.Errorf("dbscan: MinPoints is %d and all rows of %s weigh %v; no row can be core", c.MinPoints, rows.Table().Name(), total)
	}
	tree, err := near.Plant(ctx, "dbscan", plan, rows, weights, k)
	if err != nil {
		return Curve{}, err
	}
	out := Curve{MinPoints: c.MinPoints, Distance: make([]float64, rows.Rows())}
	err = tree.Nearest(ctx, "k-distances", rows, k, func(i int, hits []near.Hit) {
		out.Distance[i] = math.Sqrt(hits[len(hits)-1].Squared)
	})
	if err != nil {
		return Curve{}, err
	}
	slices.SortFunc(out.Distance, func(a, b float64) int { return cmp.Compare(b, a) })
	out.Knee, out.Eps = knee(out.Distance)
	return out, nil
}

// knee is the bend of a falling curve.
func knee(d []float64) (at int, eps float64) {
	last := len(d) - 1
	for last >= 0 && d[last] == 0 {
		last--
	}
	if last < 0 {
		return 0, 0
	}
	best := math.Inf(-1)
	for i, v := range d[:last+1] {
		below := 1.0
		if last > 0 {
			below -= float64(i) / float64(last)
		}
		if d[0] > d[last] {
			below -= (v - d[last]) / (d[0] - d[last])
		}
		if below > best {
			at, best = i, below
		}
	}
	return at, d[at]
}
