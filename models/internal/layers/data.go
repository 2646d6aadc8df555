package layers

import (
	"context"
	"fmt"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// Data is the encoded rows that a net is trained on, in one of two forms.
type Data struct {
	N, P   int
	Sparse *Sparse   // what differs from each column's usual value; or
	Rows   []float32 // N × P numbers
}

// NewData encodes the rows. They are kept sparse if no more than two fifths of their
// numbers differ from the usual: an entry costs about 2.5 times what a number does. A
// number that is missing, or too large for float32, is an error that names it.
func NewData(pkg string, plan *dense.Plan, train table.View) (Data, error) {
	rows, err := plan.Bind(pkg, train)
	if err != nil {
		return Data{}, err
	}
	d := Data{N: rows.Len(), P: plan.Width()}
	compact, err := dense.NewCompact(rows, pkg)
	if err != nil {
		return d, err
	}
	entries := 0
	for _, b := range compact.Blocks {
		entries += len(b.Col)
	}
	if 5*entries <= 2*d.N*d.P {
		if s, ok := NewSparse(compact); ok {
			d.Sparse = s
			return d, nil
		}
	}
	d.Rows, err = dense.Matrix[float32](rows, pkg) // which names the number that is too large
	return d, err
}

// Input is the first layers of a net over the data, with units units.
func (d Data) Input(units int) []Layer {
	if d.Sparse != nil {
		return []Layer{SparseAffine{Data: d.Sparse, Out: units}}
	}
	return []Layer{Take{Data: d.Rows, Width: d.P}, Affine{In: d.P, Out: units}}
}

// line returns the numbers of a row, in buf where they are not kept as they are.
func (d Data) line(buf []float32, row int32) []float32 {
	if d.Sparse == nil {
		return d.Rows[int(row)*d.P : (int(row)+1)*d.P]
	}
	copy(buf, d.Sparse.Base)
	col, val := d.Sparse.Rows.Row(row)
	for e, c := range col {
		buf[c] += val[e]
	}
	return buf
}

// A net answers up to answerRows rows at a time, fewer where all of its units together,
// a number each of every row, are many.
const (
	answerRows    = 512
	answerNumbers = 1 << 24
)

func (n *Net) answerRows() int {
	units := 1
	for _, l := range n.layers {
		_, out := l.Size()
		units += out
	}
	return max(1, min(answerRows, answerNumbers/units))
}

// Answer calls give, from any goroutine, with the rows lo ≤ i < hi of r as numbers x and
// with the net's answers z to them, block by block. A row that overflows float32 on its
// way through the net is an error.
func (n *Net) Answer(ctx context.Context, pkg string, w []float32, r *dense.Rows, give func(x, z []float32, lo, hi int)) error {
	block, p := n.answerRows(), r.Plan().Width()
	_, err := par.Map(ctx, par.Count(r.Len(), block), func(_ context.Context, b int) (struct{}, error) {
		lo, hi := b*block, min(r.Len(), (b+1)*block)
		x := make([]float32, (hi-lo)*p)
		if err := dense.FillRows(r, pkg, x, lo, hi); err != nil {
			return struct{}{}, err
		}
		z := n.NewBuffers(hi-lo).Forward(w, x, nil, hi-lo)
		for i, v := range z {
			if v-v != 0 {
				return struct{}{}, fmt.Errorf("%s: %s has numbers too large for the net", pkg, r.Where(lo+i*(hi-lo)/len(z)))
			}
		}
		give(x, z, lo, hi)
		return struct{}{}, nil
	})
	return err
}
