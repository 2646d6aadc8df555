package hclust

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Tree is the hierarchy over n rows. It is immutable and safe for concurrent use.
type Tree struct {
	merges   []Merge
	rows     int
	distinct int
	weights  []float64 // of the rows; nil where all count 1
	plan     *dense.Plan
}

// Merge joins two clusters, as a line of scipy's linkage matrix does. Clusters 0 … n-1
// are the rows; merge i makes cluster n+i.
type Merge struct {
	A, B   int     // clusters, A < B
	Height float64 // their distance, at least 0
	Size   int     // rows of the cluster that it makes
}

// newTree sorts joins of distinct rows by height and puts equal rows before them.
func newTree(pt *points, joins []join, plan *dense.Plan) *Tree {
	n := len(pt.of)
	t := &Tree{rows: n, distinct: pt.n, weights: pt.each, plan: plan, merges: make([]Merge, 0, n-1)}
	first := make([]int32, pt.n) // row of each distinct one
	for i := range first {
		first[i] = -1
	}
	slices.SortStableFunc(joins, func(a, b join) int { return cmp.Compare(a.height, b.height) })
	f := newForest(n)
	for i, d := range pt.of {
		if first[d] < 0 {
			first[d] = int32(i)
			continue
		}
		t.add(f, first[d], int32(i), 0)
	}
	for _, j := range joins {
		t.add(f, first[j.a], first[j.b], j.height)
	}
	return t
}

func (t *Tree) add(f *forest, a, b int32, height float64) {
	x, y := f.root(a), f.root(b)
	c, d := f.cluster[x], f.cluster[y]
	f.up[y] = x
	f.rows[x] += f.rows[y]
	f.cluster[x] = int32(t.rows + len(t.merges))
	t.merges = append(t.merges, Merge{A: int(min(c, d)), B: int(max(c, d)), Height: height, Size: int(f.rows[x])})
}

// forest knows the cluster of each row while clusters merge (union by halving paths).
type forest struct {
	up, rows, cluster []int32
}

func newForest(n int) *forest {
	f := &forest{up: make([]int32, n), rows: make([]int32, n), cluster: make([]int32, n)}
	for i := range n {
		f.up[i], f.rows[i], f.cluster[i] = int32(i), 1, int32(i)
	}
	return f
}

func (f *forest) root(i int32) int32 {
	for f.up[i] != i {
		f.up[i] = f.up[f.up[i]]
		i = f.up[i]
	}
	return i
}

// Rows is the number n of rows.
func (t *Tree) Rows() int { return t.rows }

// Merges are the n-1 merges by height, which is scipy's linkage matrix. Callers only read.
func (t *Tree) Merges() []Merge { return t.merges }

// Cut returns K clusters, 1 ≤ k ≤ n, by undoing the last k-1 merges; where these have the
// height of the one before them, others could have been undone as well. Clusters come by
// falling weight, then by first row.
func (t *Tree) Cut(k int) (models.Clustering, error) {
	if k < 1 || k > t.rows {
		return models.Clustering{}, fmt.Errorf("hclust: %d clusters of %d rows; want at least 1 and at most that", k, t.rows)
	}
	return t.after(t.rows - k), nil
}

// CutAt returns the clusters after all merges up to a height.
func (t *Tree) CutAt(height float64) (models.Clustering, error) {
	if !(height >= 0) {
		return models.Clustering{}, fmt.Errorf("hclust: cut at height %v; want at least 0", height)
	}
	done, _ := slices.BinarySearchFunc(t.merges, height, func(m Merge, h float64) int {
		if m.Height <= h {
			return -1
		}
		return 1
	})
	return t.after(done), nil
}

// after returns the clusters after the first merges.
func (t *Tree) after(merges int) models.Clustering {
	in := make([]int, t.rows+merges) // by cluster: the merge it is part of in the end
	for c := range in {
		in[c] = c
	}
	for i := merges - 1; i >= 0; i-- {
		m := t.merges[i]
		in[m.A], in[m.B] = in[t.rows+i], in[t.rows+i]
	}
	place := make([]int, t.rows+merges) // by cluster: its place by first row, plus one
	labels := make([]int, t.rows)
	var mass []float64
	for i := range labels {
		c := in[i]
		if place[c] == 0 {
			mass = append(mass, 0)
			place[c] = len(mass)
		}
		labels[i] = place[c] - 1
		if t.weights == nil {
			mass[labels[i]]++
		} else {
			mass[labels[i]] += t.weights[i]
		}
	}
	order := make([]int, len(mass))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(mass[b], mass[a]) })
	name := make([]int, len(mass))
	for to, from := range order {
		name[from] = to
	}
	for i, l := range labels {
		labels[i] = name[l]
	}
	return models.Clustering{Labels: labels, K: len(mass), Inertia: math.NaN()}
}

// Order lists the rows so that every cluster's stand side by side, part A of a merge
// before part B, as scipy's leaves_list does: the places of a dendrogram's leaves.
func (t *Tree) Order() []int {
	order := make([]int, 0, t.rows)
	left := []int{2*t.rows - 2} // clusters still to list, the next one last
	for len(left) > 0 {
		c := left[len(left)-1]
		left = left[:len(left)-1]
		if c < t.rows {
			order = append(order, c)
			continue
		}
		m := t.merges[c-t.rows]
		left = append(left, m.B, m.A)
	}
	return order
}
