package linear

// Symbols: n rows, p columns, k lines of coefficients. θ holds (p+1) × k numbers, a
// line of k a column, the intercepts last. x_i is a row of the compact matrix
// followed by 1; z_i = x_i·θ; s_i is the row's weight times C.

import (
	"context"
	"fmt"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// fit fits to a view's own numeric features.
func fit(ctx context.Context, l dense.Learner, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("linear", train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("linear", train)
	if err != nil {
		return nil, err
	}
	return l.FitPlan(ctx, plan, train)
}

// bind returns the rows as a compact matrix, with what is to be learnt.
func bind(ctx context.Context, plan *dense.Plan, train table.View) (x *dense.Compact, labels []int, classes []string, weights []float64, err error) {
	if labels, classes, weights, err = models.Trainable("linear", train); err != nil {
		return
	}
	if err = ctx.Err(); err != nil {
		return
	}
	rows, err := plan.Bind("linear", train)
	if err != nil {
		return
	}
	if x, err = dense.NewCompact(rows, "linear"); err != nil {
		return
	}
	err = near(x, train)
	return
}

// farthest is the largest distance from the base whose squares can be summed.
const farthest = 1e150

// near fails where a row is too far from the base: products of its numbers would be
// infinite, and Newton's method would take a step of 0 for the optimum.
func near(x *dense.Compact, train table.View) error {
	var far [parts]int // 1 + the first such row of a part; 0: none
	over(x, func(part int, b *dense.Block) {
		for i := b.Lo; i < b.Hi && far[part] == 0; i++ {
			square := 0.0
			for _, v := range b.Val[b.Start[i-b.Lo]:b.Start[i-b.Lo+1]] {
				square += float64(v * v)
			}
			if !(square <= farthest*farthest) {
				far[part] = i + 1
			}
		}
	})
	for _, i := range far {
		if i > 0 {
			return fmt.Errorf("linear: %s: row %d is more than %g away from the usual row; want numbers whose squares can be summed; cap them", train.Table().Name(), train.Row(i-1)+1, farthest)
		}
	}
	return nil
}

// parts is the number of partial sums: each adds its rows in order, and they are
// added in order, whatever the number of cores.
const parts = 8

// over calls f for each block, those of one part in order, at once for different parts.
func over(x *dense.Compact, f func(part int, b *dense.Block)) {
	n := len(x.Blocks)
	par.Do(parts, func(g int) {
		for b := g * n / parts; b < (g+1)*n/parts; b++ {
			f(g, &x.Blocks[b])
		}
	})
}

// partials are sums of equal length, one a part.
func partials(size int) (p [parts][]float64) {
	for i := range p {
		p[i] = make([]float64, size)
	}
	return p
}

// add sums partial results in order.
func add(dst []float64, partial [parts][]float64) {
	for _, p := range partial {
		for j, v := range p {
			dst[j] += v
		}
	}
}

// scaled are the row weights times C; nil weights are all 1.
func scaled(n int, weights []float64, c float64) []float64 {
	s := make([]float64, n)
	for i := range s {
		if s[i] = c; weights != nil {
			s[i] *= weights[i]
		}
	}
	return s
}

// sampleFrom is the number of rows from which a sample is solved first; it has one in
// sampleStep rows of a class, but not fewer than sampleLeast where there are as many.
const (
	sampleFrom  = 20000
	sampleStep  = 8
	sampleLeast = 1000
)

// sample is every eighth row of each class (of a rare one, more), with a weight to
// stand for all, and every row far out (squared distance from the base more than four times the mean),
// for those are few and pull hard. Solving it first moves the start and not the
// optimum.
func sample(x *dense.Compact, labels []int, s []float64) (*dense.Compact, []int, []float64) {
	far := farOut(x)
	stratum := func(i int) int {
		if far[i] {
			return -1
		}
		return labels[i]
	}
	total, kept, next := make(map[int]int), make(map[int]int), make(map[int]int)
	for i := range labels {
		total[stratum(i)]++
	}
	take := func(seen map[int]int, i int) bool {
		c := stratum(i)
		seen[c]++
		return c < 0 || (seen[c]-1)%max(1, min(sampleStep, total[c]/sampleLeast)) == 0
	}
	first := make(map[int]int)
	for i := range labels {
		if take(first, i) {
			kept[stratum(i)]++
		}
	}
	small := &dense.Compact{P: x.P, Base: x.Base}
	var smallLabels []int
	var smallS []float64
	for i := range x.Blocks {
		b := &x.Blocks[i]
		part := dense.Block{Lo: small.N, Start: []int32{0}}
		for i := b.Lo; i < b.Hi; i++ {
			if !take(next, i) {
				continue
			}
			lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
			part.Col = append(part.Col, b.Col[lo:hi]...)
			part.Val = append(part.Val, b.Val[lo:hi]...)
			part.Start = append(part.Start, int32(len(part.Col)))
			smallLabels = append(smallLabels, labels[i])
			c := stratum(i)
			smallS = append(smallS, s[i]*float64(total[c])/float64(kept[c]))
			small.N++
		}
		part.Hi = small.N
		small.Blocks = append(small.Blocks, part)
	}
	return small, smallLabels, smallS
}

// farOut marks the rows far from the base.
func farOut(x *dense.Compact) []bool {
	square := make([]float64, x.N)
	over(x, func(_ int, b *dense.Block) {
		for i := b.Lo; i < b.Hi; i++ {
			for _, v := range b.Val[b.Start[i-b.Lo]:b.Start[i-b.Lo+1]] {
				square[i] += float64(v * v)
			}
		}
	})
	mean := 0.0
	for _, v := range square {
		mean += v / float64(len(square))
	}
	out := make([]bool, len(square))
	for i, v := range square {
		out[i] = v > 4*mean
	}
	return out
}
