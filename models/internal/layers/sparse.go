package layers

import (
	"math/rand/v2"

	"flowbook/models/internal/dense"
	"flowbook/models/internal/f32"
)

// Sparse is a data set that stores what differs from each column's usual value, as
// dense.Compact does, in float32.
type Sparse struct {
	Base []float32 // the usual values
	Rows *f32.Sparse
}

// NewSparse narrows a compact matrix and lets go of it block by block. It is not ok if
// a usual value, or a number's distance from it, is too large for float32.
func NewSparse(c *dense.Compact) (s *Sparse, ok bool) {
	base, ok := narrow(make([]float32, 0, c.P), c.Base)
	total := 0
	for _, b := range c.Blocks {
		total += len(b.Col)
	}
	start, col, val := make([]int, 1, c.N+1), make([]int32, 0, total), make([]float32, 0, total)
	for k, b := range c.Blocks {
		for _, e := range b.Start[1:] {
			start = append(start, len(col)+int(e))
		}
		fits := false
		val, fits = narrow(val, b.Val)
		ok = ok && fits
		col = append(col, b.Col...)
		c.Blocks[k] = dense.Block{}
	}
	return &Sparse{base, f32.NewSparse(c.P, start, col, val)}, ok
}

// narrow appends x to dst; ok says that all of it is finite in float32.
func narrow(dst []float32, x []float64) (_ []float32, ok bool) {
	ok = true
	for _, v := range x {
		f := float32(v)
		ok = ok && f-f == 0
		dst = append(dst, f)
	}
	return dst, ok
}

// SparseAffine is Affine over rows of a sparse data set, with the same weights:
//
//	y = (base + δ)·W + b = (base·W + b) + Σ_e val[e] · W[col[e]]
//
// The bracket is worked out once a pass, then a row costs one line of W for each of
// its entries; so does its share of the gradient. Flows keep about 16 of 122 one-hot
// columns, which makes the first and widest layer four times cheaper.
type SparseAffine struct {
	Data *Sparse
	Out  int
}

func (a SparseAffine) affine() Affine { return Affine{In: len(a.Data.Base), Out: a.Out} }

func (a SparseAffine) Size() (int, int)                    { return 0, a.Out }
func (a SparseAffine) Weights() (int, int)                 { return a.affine().Weights() }
func (a SparseAffine) Init(w []float32, random *rand.Rand) { a.affine().Init(w, random) }

func (a SparseAffine) Forward(p *Pass) {
	w, bias := a.affine().split(p.W)
	usual := p.spared(a.Out)
	copy(usual, bias)
	f32.MulAdd(f32.Of(usual, 1, a.Out), f32.Of(a.Data.Base, 1, len(a.Data.Base)), w)
	a.Data.Rows.Prefetch(p.Rows)
	for i, r := range p.Rows {
		y := p.Y[i*a.Out : (i+1)*a.Out]
		copy(y, usual)
		a.Data.Rows.Gather(y, w.Data, r)
	}
}

func (a SparseAffine) Backward(p *Pass) {
	g, bias := a.affine().split(p.G)
	for i, r := range p.Rows {
		a.Data.Rows.Scatter(g.Data, p.DY[i*a.Out:(i+1)*a.Out], r)
	}
	sum := p.spared(a.Out)
	clear(sum)
	addRows(sum, p.DY)
	f32.Axpy(bias, 1, sum)
	f32.MulAdd(g, f32.Of(a.Data.Base, len(a.Data.Base), 1), f32.Of(sum, 1, a.Out))
}

// Take fetches rows of a dense data set of Width columns by their numbers.
type Take struct {
	Data  []float32
	Width int
}

func (t Take) Size() (int, int)           { return 0, t.Width }
func (t Take) Weights() (int, int)        { return 0, 0 }
func (t Take) Init([]float32, *rand.Rand) {}
func (t Take) Backward(*Pass)             {}
func (t Take) Forward(p *Pass) {
	for i, r := range p.Rows {
		copy(p.Y[i*t.Width:(i+1)*t.Width], t.Data[int(r)*t.Width:])
	}
}
