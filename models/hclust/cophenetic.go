package hclust

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// Cophenetic returns, for every row, the height of the merge after which row i and it are
// in one cluster [1]; 0 for row i itself. It panics unless 0 ≤ i < Rows. Time O(n).
//
// [1] Sokal, Rohlf (1962), Taxon 11, 33-40.
func (t *Tree) Cophenetic(i int) []float64 {
	if i < 0 || i >= t.rows {
		panic(fmt.Sprintf("hclust: row %d of %d", i, t.rows))
	}
	order := t.Order()
	place := 0
	for order[place] != i {
		place++
	}
	out := make([]float64, t.rows)
	outward(place, t.steps(), func(at int, height float64) { out[order[at]] = height })
	return out
}

// steps are the heights at which the rows side by side in Order meet.
func (t *Tree) steps() []float64 {
	n := t.rows
	first := make([]int, 2*n-1) // by cluster: its first place in Order
	steps := make([]float64, n-1)
	for i := n - 2; i >= 0; i-- {
		m := t.merges[i]
		first[m.A], first[m.B] = first[n+i], first[n+i]+t.size(m.A)
		steps[first[m.B]-1] = m.Height
	}
	return steps
}

// size is the number of rows of a cluster.
func (t *Tree) size(cluster int) int {
	if cluster < t.rows {
		return 1
	}
	return t.merges[cluster-t.rows].Size
}

// outward calls f for all places but one with the height at which they meet it: heights
// never fall towards the root, so that this is the largest step in between.
func outward(place int, steps []float64, f func(at int, height float64)) {
	height := 0.0
	for k := place - 1; k >= 0; k-- {
		height = max(height, steps[k])
		f(k, height)
	}
	height = 0
	for k := place; k < len(steps); k++ {
		height = max(height, steps[k])
		f(k+1, height)
	}
}

// Correlation returns the cophenetic correlation: Pearson's, over all pairs of the rows
// that the tree was built from, between their distance and the height at which they meet. It
// is in [-1, 1], near 1 where the tree keeps the distances, and NaN where these are all
// the same. Weights are not looked at. Rows are those of Fit, of which it refuses another
// number; whoever used encode.Before has no such tree. Time O(n²p) of distinct rows, O(n p)
// memory.
func (t *Tree) Correlation(ctx context.Context, rows table.View) (float64, error) {
	if rows.Rows() != t.rows {
		return 0, fmt.Errorf("hclust: %d rows and a tree of %d; want the rows of Fit", rows.Rows(), t.rows)
	}
	pt, err := newPoints(t.plan, rows)
	if err != nil {
		return 0, err
	}
	if pt.n != t.distinct {
		return 0, fmt.Errorf("hclust: %d distinct rows and a tree of %d; want the rows of Fit", pt.n, t.distinct)
	}
	count := make([]float64, pt.n) // rows that are equal
	place := make([]int, pt.n)     // of one of them in the order
	order, steps := t.Order(), t.steps()
	for at, i := range order {
		d := pt.of[i]
		count[d]++
		place[d] = at
	}
	distances := func(a int, f func(b int, distance, height float64)) {
		outward(place[a], steps, func(at int, height float64) {
			if b := int(pt.of[order[at]]); place[b] == at && b > a {
				f(b, math.Sqrt(square(pt.row(a), pt.row(b), math.Inf(1))), height)
			}
		})
	}
	var near, far float64 // about the means, so that sums of squares do not cancel
	distances(0, func(_ int, distance, height float64) {
		near += distance / float64(pt.n)
		far += height / float64(pt.n)
	})
	const block = 16
	parts := make([]moments, par.Count(pt.n, block))
	task := par.Track(ctx, "cophenetic correlation", pt.n)
	defer task.Done()
	par.Blocks(pt.n, block, func(k, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		m := &parts[k]
		for a := lo; a < hi; a++ {
			m.add(count[a]*(count[a]-1)/2, -near, -far)
			distances(a, func(b int, distance, height float64) {
				m.add(count[a]*count[b], distance-near, height-far)
			})
		}
		task.Add(hi - lo)
	})
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var all moments
	for _, m := range parts {
		for k, v := range m {
			all[k] += v
		}
	}
	return all.correlation(), nil
}

// moments are the sums of w, wx, wy, wx², wy², wxy.
type moments [6]float64

func (m *moments) add(w, x, y float64) {
	wx, wy := float64(w*x), float64(w*y)
	m[0] += w
	m[1] += wx
	m[2] += wy
	m[3] += float64(wx * x)
	m[4] += float64(wy * y)
	m[5] += float64(wx * y)
}

func (m *moments) correlation() float64 {
	n := m[0]
	xx := m[3] - float64(m[1]*m[1])/n
	yy := m[4] - float64(m[2]*m[2])/n
	xy := m[5] - float64(m[1]*m[2])/n
	if !(xx > 1e-14*m[3]) || !(yy > 1e-14*m[4]) {
		return math.NaN()
	}
	return max(-1, min(1, xy/math.Sqrt(xx*yy)))
}
