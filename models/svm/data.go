package svm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// data is the training rows that count, sorted by class, those of a class in order or,
// where asked for, like beside like.
type data struct {
	classes []string
	first   []int // rows first[c] ≤ i < first[c+1] are of class c
	x       *dense.Compact
	order   []int // the row of x that stands at each place
	q       *points
	weights []float64 // by place; nil for all 1
}

// begin checks and reads the rows of weight above 0. More than most is an error; 0 is no
// limit. With alike those of a class are sorted by their entries.
func begin(ctx context.Context, plan *dense.Plan, train table.View, most int, alike bool) (*data, error) {
	_, _, weights, err := models.Trainable("svm", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if weights != nil {
		var kept []int
		for i, w := range weights {
			if w > 0 {
				kept = append(kept, i)
			}
		}
		if len(kept) < len(weights) {
			train = train.Take(kept)
		}
	}
	labels, classes, weights, err := models.Trainable("svm", train)
	if err != nil {
		return nil, err
	}
	if n := train.Rows(); most > 0 && n > most {
		return nil, fmt.Errorf("svm: RBF SVM on %d rows; want at most %d, for its cost grows with their square; use svm.Nystroem, fit a sample, or raise MaxRows", n, most)
	}
	rows, err := plan.Bind("svm", train)
	if err != nil {
		return nil, err
	}
	x, err := dense.NewCompact(rows, "svm")
	if err != nil {
		return nil, err
	}
	d := &data{classes: classes, first: make([]int, len(classes)+1), x: x, order: make([]int, x.N)}
	for _, l := range labels {
		d.first[l+1]++
	}
	for c := range classes {
		d.first[c+1] += d.first[c]
	}
	next := append([]int(nil), d.first...)
	for i, l := range labels {
		d.order[next[l]] = i
		next[l]++
	}
	d.q = newPoints(x, d.order)
	if alike {
		d.sort()
	}
	if weights != nil {
		d.weights = make([]float64, x.N)
		for k, i := range d.order {
			d.weights[k] = weights[i]
		}
	}
	for k, norm := range d.q.norm {
		if !(norm <= farthest*farthest) {
			return nil, fmt.Errorf("svm: %s: row %d is %.3g away from the usual row; want numbers whose squares can be summed; cap them", train.Table().Name(), train.Row(d.order[k])+1, math.Sqrt(norm))
		}
	}
	return d, nil
}

// sort puts rows of a class with the same columns side by side.
func (d *data) sort() {
	list := upTo(0, d.q.n())
	for c := range d.classes {
		slices.SortStableFunc(list[d.first[c]:d.first[c+1]], d.q.byPattern)
	}
	was := slices.Clone(d.order)
	for k, i := range list {
		d.order[k] = was[i]
	}
	d.q = d.q.take(list)
}

// scale is 1/(p v), p columns, v the variance of all their numbers together, a row
// counting with its weight; 1 where all numbers are the same, or so close that the
// quotient is infinite. scikit-learn's "scale" does not look at weights.
func (d *data) scale() float64 {
	p := d.x.P
	sum, squares, total := make([]float64, p), make([]float64, p), 0.0
	for i := range d.q.n() {
		w := 1.0
		if d.weights != nil {
			w = d.weights[i]
		}
		total += w
		for e := d.q.start[i]; e < d.q.start[i+1]; e++ {
			v := float64(w * d.q.val[e])
			sum[d.q.col[e]] += v
			squares[d.q.col[e]] += float64(v * d.q.val[e])
		}
	}
	mean := 0.0
	for j, s := range sum {
		sum[j] = s / total
		mean += (d.x.Base[j] + sum[j]) / float64(p)
	}
	variance := 0.0
	for j, s := range sum {
		off := d.x.Base[j] + s - mean
		variance += squares[j]/total - float64(s*s) + float64(off*off)
	}
	if scale := 1 / variance; variance > 0 && !math.IsInf(scale, 0) { // variance of the columns summed: p times their mean
		return scale
	}
	return 1
}
