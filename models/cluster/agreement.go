package cluster

import (
	"fmt"
	"math"
	"slices"
)

// crosstab counts pairs of labels. Here a label below 0 is a label like any other.
type crosstab struct {
	n          float64
	rows, cols []float64
	cells      []cell // not zero, by row, then column
}

type cell struct {
	r, c int
	n    float64
}

func newCrosstab(a, b []int) crosstab {
	if len(a) != len(b) {
		panic(fmt.Sprintf("cluster: %d labels against %d", len(a), len(b)))
	}
	ai, ka := ranks(a)
	bi, kb := ranks(b)
	t := crosstab{n: float64(len(a)), rows: make([]float64, ka), cols: make([]float64, kb)}
	pairs := make([]int, len(a))
	for i := range a {
		t.rows[ai[i]]++
		t.cols[bi[i]]++
		pairs[i] = ai[i]*kb + bi[i]
	}
	slices.Sort(pairs)
	for i, p := range pairs {
		if i == 0 || p != pairs[i-1] {
			t.cells = append(t.cells, cell{r: p / kb, c: p % kb})
		}
		t.cells[len(t.cells)-1].n++
	}
	return t
}

// ranks numbers the labels in rising order.
func ranks(labels []int) ([]int, int) {
	names := slices.Clone(labels)
	slices.Sort(names)
	names = slices.Compact(names)
	out := make([]int, len(labels))
	for i, l := range labels {
		out[i], _ = slices.BinarySearch(names, l)
	}
	return out, len(names)
}

// ARI returns the adjusted Rand index [1] of two labelings of the same rows: 1 for
// the same partition, 0 expected by chance, at least -0.5. Noise (below 0) is a
// cluster like another. 1 for no rows; it panics if the lengths differ. O(n log n).
//
// [1] Hubert, Arabie (1985), J. Classification 2, 193-218, eq. 5.
func ARI(a, b []int) float64 {
	t := newCrosstab(a, b)
	pairs := func(v float64) float64 { return v * (v - 1) / 2 }
	var both, inA, inB float64
	for _, c := range t.cells {
		both += pairs(c.n)
	}
	for _, v := range t.rows {
		inA += pairs(v)
	}
	for _, v := range t.cols {
		inB += pairs(v)
	}
	all := pairs(t.n)
	if inA == inB && both == inA {
		return 1 // the same partition
	}
	expected := inA * inB / all
	return (both - expected) / ((inA+inB)/2 - expected)
}

// Agreement is how classes and clusters inform of each other; each in [0, 1].
type Agreement struct {
	Homogeneity  float64 // a cluster holds rows of one class only
	Completeness float64 // the rows of a class are in one cluster
	V            float64 // their harmonic mean
}

// VMeasure compares clusters with classes [1]. Noise (below 0) is a cluster like
// another. One class is homogeneous, one cluster complete; no rows give 1. It
// panics if the lengths differ. Time O(n log n).
//
// [1] Rosenberg, Hirschberg (2007), EMNLP-CoNLL, 410-420, with beta 1.
func VMeasure(classes, clusters []int) Agreement {
	t := newCrosstab(classes, clusters)
	if t.n == 0 {
		return Agreement{1, 1, 1}
	}
	hc, hk, mi := entropy(t.rows, t.n), entropy(t.cols, t.n), t.information()
	a := Agreement{1, 1, 0}
	if hc > 0 {
		a.Homogeneity = mi / hc
	}
	if hk > 0 {
		a.Completeness = mi / hk
	}
	if s := a.Homogeneity + a.Completeness; s > 0 {
		a.V = 2 * a.Homogeneity * a.Completeness / s
	}
	return a
}

// entropy is in nats.
func entropy(counts []float64, n float64) float64 {
	if len(counts) < 2 {
		return 0
	}
	h := 0.0
	for _, v := range counts {
		h -= v / n * math.Log(v/n)
	}
	return h
}

// information is the mutual information in nats, at least 0.
func (t crosstab) information() float64 {
	mi := 0.0
	for _, c := range t.cells {
		mi += c.n / t.n * math.Log(c.n*t.n/(t.rows[c.r]*t.cols[c.c]))
	}
	return max(mi, 0)
}

// AMI returns the adjusted mutual information [1] of two labelings of the same
// rows, relative to the mean of their entropies: 1 for the same partition, 0
// expected by chance. Noise (below 0) is a cluster like another. It panics if the
// lengths differ. Time O(n log n + n k), k the larger number of clusters.
//
// [1] Vinh, Epps, Bailey (2010), JMLR 11, 2837-2854, eq. 24a.
func AMI(a, b []int) float64 {
	t := newCrosstab(a, b)
	if len(t.rows) == len(t.cols) && len(t.rows) < 2 {
		return 1
	}
	expected := t.expected()
	gain := t.information() - expected
	span := (entropy(t.rows, t.n)+entropy(t.cols, t.n))/2 - expected
	if math.Abs(span) < 2.220446049250313e-16 { // as scikit-learn guards it
		span = math.Copysign(2.220446049250313e-16, span)
	}
	return gain / span
}

// expected is the mutual information of two partitions with these sizes drawn by
// chance: the mean over the hypergeometric counts of a cell.
func (t crosstab) expected() float64 {
	n := int(t.n)
	lf := make([]float64, n+1) // log factorials
	for i := 1; i <= n; i++ {
		lf[i], _ = math.Lgamma(float64(i + 1))
	}
	// Clusters of one size have one sum.
	type sizes struct{ size, count float64 }
	group := func(counts []float64) (out []sizes) {
		s := slices.Sorted(slices.Values(counts))
		for i, v := range s {
			if i == 0 || v != s[i-1] {
				out = append(out, sizes{size: v})
			}
			out[len(out)-1].count++
		}
		return out
	}
	sum := 0.0
	for _, r := range group(t.rows) {
		for _, c := range group(t.cols) {
			a, b := int(r.size), int(c.size)
			part := 0.0
			for m := max(1, a+b-n); m <= min(a, b); m++ {
				v := float64(m)
				p := math.Exp(lf[a] + lf[b] + lf[n-a] + lf[n-b] - lf[n] - lf[m] - lf[a-m] - lf[b-m] - lf[n-a-b+m])
				part += v / t.n * math.Log(t.n*v/(r.size*c.size)) * p
			}
			sum += part * r.count * c.count
		}
	}
	return sum
}
