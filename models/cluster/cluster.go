// Package cluster answers: how good is a clustering, by itself and against classes?
//
// Silhouette, DaviesBouldin, CalinskiHarabasz and Reconstruct judge clusters by the
// rows alone; ARI, AMI and VMeasure compare them with classes (or with another
// clustering), and names of clusters do not matter to them. GapStatistic and Resampling
// cluster again: rows without clusters, and subsamples. Search asks them all for each
// number of clusters.
//
//	x, err := cluster.Rows(encoded.View())
//	s := cluster.Silhouette(x, c.Labels, 0, rng.Seed{})
//	v := cluster.VMeasure(classes, c.Labels)
//	make := func(k int, seed rng.Seed) models.Clusterer { return kmeans.Config{K: k, Seed: seed} }
//	tries, err := cluster.Search{Make: make, Lo: 2, Hi: 12, Sample: 2000, Gap: 10, Seed: seed}.Run(ctx, encoded.View())
package cluster

import (
	"fmt"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// Matrix is n rows of P numbers each, row after row.
type Matrix struct {
	X []float64
	P int
}

// Rows returns the numeric features of a view as a matrix. A categorical feature,
// and a missing or infinite number, is an error that names it; so are sealed rows.
func Rows(v table.View) (Matrix, error) {
	plan, err := dense.Of("cluster", v)
	if err != nil {
		return Matrix{}, err
	}
	rows, err := plan.Bind("cluster", v)
	if err != nil {
		return Matrix{}, err
	}
	x, err := dense.Matrix[float64](rows, "cluster")
	return Matrix{x, plan.Width()}, err
}

// Row returns row i.
func (m Matrix) Row(i int) []float64 { return m.X[i*m.P : (i+1)*m.P] }

// Squared is the squared Euclidean distance of two rows.
func (m Matrix) Squared(i, j int) float64 { return distance2(m.Row(i), m.Row(j)) }

// Len is the number of rows.
func (m Matrix) Len() int {
	if m.P == 0 {
		return 0
	}
	return len(m.X) / m.P
}

// check panics unless there is a label a row.
func (m Matrix) check(labels []int) {
	if len(labels) != m.Len() {
		panic(fmt.Sprintf("cluster: %d labels for %d rows", len(labels), m.Len()))
	}
}

// dense labels: 0 … k-1 in rising order of the labels given; -1 for noise (below 0).
func renumber(labels []int) (out []int, k int) {
	seen := make(map[int]int)
	for _, l := range labels {
		if l >= 0 {
			seen[l] = 0
		}
	}
	names := make([]int, 0, len(seen))
	for l := range seen {
		names = append(names, l)
	}
	slices.Sort(names)
	for c, l := range names {
		seen[l] = c
	}
	out = make([]int, len(labels))
	for i, l := range labels {
		if out[i] = -1; l >= 0 {
			out[i] = seen[l]
		}
	}
	return out, len(names)
}

// distance2 is the squared distance, added in four lanes.
func distance2(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		d0, d1, d2, d3 := a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		d := v - b[i]
		s0 += float64(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}
