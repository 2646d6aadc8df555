package dense

import (
	"context"

	"flowbook/internal/par"
)

// gramParts is the number of partial sums of Gram: each adds its rows in order, and
// they are added in order, whatever the number of cores.
const gramParts = 8

// Gram returns the lower triangle of Σ w_i x_i x_iᵀ, (P+1) × (P+1) numbers row-major,
// where x_i is a row of d (what differs from the base) followed by 1: the last line
// holds the weighted sums of the columns, then that of the weights. nil weights are
// all 1. Where ctx ends it stops half-way: the caller looks, before it believes the
// sums. Time O(Σ entries of a row squared), space 8 P².
func Gram(ctx context.Context, x *Compact, w []float64) []float64 {
	q, n := x.P+1, len(x.Blocks)
	var sums [gramParts][]float64
	for i := range sums {
		sums[i] = make([]float64, q*q)
	}
	par.Do(gramParts, func(part int) {
		for b := part * n / gramParts; b < (part+1)*n/gramParts; b++ {
			x.Blocks[b].gram(ctx, sums[part], x.P, w)
		}
	})
	out := make([]float64, q*q)
	for _, s := range sums {
		for j, v := range s {
			out[j] += v
		}
	}
	return out
}

func (b *Block) gram(ctx context.Context, h []float64, p int, weights []float64) {
	q := p + 1
	last := h[p*q:]
	for i := b.Lo; i < b.Hi; i++ {
		if i%32 == 0 && ctx.Err() != nil {
			return
		}
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		if w == 0 {
			continue
		}
		lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
		cols, vals := b.Col[lo:hi], b.Val[lo:hi]
		for e, col := range cols {
			v := w * vals[e]
			line := h[int(col)*q : int(col)*q+int(col)+1]
			for f, other := range cols[:e+1] {
				line[other] += float64(v * vals[f])
			}
			last[col] += v
		}
		last[p] += w
	}
}
