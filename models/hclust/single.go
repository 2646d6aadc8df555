package hclust

import (
	"context"
	"math"

	"flowbook/internal/par"
)

// spanningTree returns the edges of a least spanning tree of the distinct rows, which
// are the merges of single linkage [1]. It grows from the first row by the nearest row
// outside [2]; of equals, by the lowest. Besides the rows it holds O(n).
//
// [1] Gower, Ross (1969), Applied Statistics 18, 54-64.
// [2] Prim (1957), Bell System Technical Journal 36, 1389-1401.
func spanningTree(ctx context.Context, pt *points) ([]join, error) {
	const block = 512
	type outside struct {
		row, to int32 // to is the nearest row inside
		d       float64
	}
	out := make([]outside, 0, pt.n)
	for i := 1; i < pt.n; i++ {
		out = append(out, outside{int32(i), 0, math.Inf(1)})
	}
	task := par.Track(ctx, "spanning tree", len(out))
	defer task.Done()
	joins := make([]join, 0, len(out))
	least := make([]int, par.Count(len(out), block))
	for last := int32(0); len(out) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from := pt.row(int(last))
		par.Blocks(len(out), block, func(b, lo, hi int) {
			at := lo
			for k := lo; k < hi; k++ {
				o := &out[k]
				if d := square(from, pt.row(int(o.row)), o.d); d < o.d {
					o.to, o.d = last, d
				}
				if o.d < out[at].d {
					at = k
				}
			}
			least[b] = at
		})
		at := least[0]
		for _, k := range least[1:par.Count(len(out), block)] {
			if out[k].d < out[at].d {
				at = k
			}
		}
		o := out[at]
		joins = append(joins, join{min(o.row, o.to), max(o.row, o.to), math.Sqrt(o.d)})
		out = append(out[:at], out[at+1:]...)
		last = o.row
		task.Add(1)
	}
	return joins, nil
}
