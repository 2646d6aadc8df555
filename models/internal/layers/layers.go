// Package layers answers: what is a neural net made of, and how does it learn?
//
// A Layer is a function of rows, y = f(x; w), that also knows its derivatives. It holds
// no numbers that change: weights stand in one flat slice for the whole net, and what
// one pass computes stands in the Buffers of whoever runs it. So many rows can go
// through one net at once, and any Solver can move its weights.
//
//	net := layers.NewNet(layers.Take{Data: x, Width: 2}, layers.Affine{In: 2, Out: 8}, layers.Tanh{Width: 8}, layers.Affine{In: 8, Out: 1})
//	trainer := layers.Trainer{Net: net, Weights: net.Init(seed), Loss: layers.Logistic{Truth: y}, Solver: &layers.Adam{Rate: 0.01}, Batch: 200}
//	loss, err := trainer.Epoch(ctx, order)
//
// Numbers are float32: half the memory and twice the lanes of float64, and what a
// gradient drawn from 200 rows is worth has far fewer digits. Losses are added up in
// float64. Glossary: x input, y output, d the derivative of the loss by something, w
// weights, g the loss's derivative by the weights; n rows, all matrices row-major.
package layers

import (
	"fmt"
	"math/rand/v2"

	"flowbook/internal/rng"
)

// Layer is one step of a net.
type Layer interface {
	// Size is how many numbers a row has going in and coming out. A layer that
	// fetches its rows from a data set takes 0.
	Size() (in, out int)
	// Weights is how many weights the layer has, and how many of them, the first, a
	// penalty keeps small; the others are biases.
	Weights() (all, penalised int)
	// Init draws the first weights.
	Init(w []float32, random *rand.Rand)
	// Forward writes Y.
	Forward(p *Pass)
	// Backward is given DY for the X and Y of the last Forward. It adds to G and
	// writes DX, unless DX is nil.
	Backward(p *Pass)
}

// Pass is what one layer reads and writes while n rows go through it.
type Pass struct {
	N      int
	Rows   []int32    // numbers of the rows in the data set; nil where rows are given
	X, Y   []float32  // n × in, n × out
	DX, DY []float32  // derivatives of the loss by X and Y
	W, G   []float32  // the layer's weights, and the loss's derivatives by them
	Random *rand.Rand // in training; nil where the net only answers
	Spare  []float32  // the layer's own, kept from Forward to Backward
}

// spared gives the layer at least n numbers of its own; they keep what Forward wrote.
func (p *Pass) spared(n int) []float32 {
	if cap(p.Spare) < n {
		p.Spare = make([]float32, n)
	}
	p.Spare = p.Spare[:n]
	return p.Spare
}

// Net is layers one after the other. It is immutable.
type Net struct {
	layers []Layer
	start  []int // of each layer's weights; one more for the end
}

// NewNet joins layers; it panics if one does not take what the one before gives.
func NewNet(layers ...Layer) *Net {
	n := &Net{layers: layers, start: make([]int, len(layers)+1)}
	for i, l := range layers {
		if in, _ := l.Size(); i > 0 {
			if _, out := layers[i-1].Size(); out != in {
				panic(fmt.Sprintf("layers: layer %d gives %d numbers, layer %d takes %d", i-1, out, i, in))
			}
		}
		all, _ := l.Weights()
		n.start[i+1] = n.start[i] + all
	}
	return n
}

// Weights is the number of weights.
func (n *Net) Weights() int { return n.start[len(n.layers)] }

// Init draws the first weights, each layer's from a stream of its own.
func (n *Net) Init(seed rng.Seed) []float32 {
	w := make([]float32, n.Weights())
	for i, l := range n.layers {
		if n.start[i] < n.start[i+1] {
			l.Init(w[n.start[i]:n.start[i+1]], seed.Index("layer", i).Rand())
		}
	}
	return w
}

// penalised calls f for each stretch of weights lo ≤ i < hi, in order, and says
// whether the penalty holds for it.
func (n *Net) penalised(f func(lo, hi int, penalty bool)) {
	for i, l := range n.layers {
		_, p := l.Weights()
		f(n.start[i], n.start[i]+p, true)
		f(n.start[i]+p, n.start[i+1], false)
	}
}

// Buffers is what a net works in, for one goroutine at a time.
type Buffers struct {
	net    *Net
	passes []Pass
	G      []float32 // the loss's derivatives by the weights; nil where the net only answers
}

// NewBuffers makes room for up to rows rows, for answers only.
func (n *Net) NewBuffers(rows int) *Buffers {
	b := &Buffers{net: n, passes: make([]Pass, len(n.layers))}
	for i, l := range n.layers {
		_, out := l.Size()
		b.passes[i].Y = make([]float32, rows*out)
	}
	return b
}

// NewTraining makes room for up to rows rows, their derivatives and a gradient; layers
// that draw random numbers draw them from the seed.
func (n *Net) NewTraining(rows int, seed rng.Seed) *Buffers {
	b := n.NewBuffers(rows)
	b.G = make([]float32, n.Weights())
	for i, l := range n.layers {
		_, out := l.Size()
		b.passes[i].DY = make([]float32, rows*out)
		b.passes[i].Random = seed.Index("layer", i).Rand()
		b.passes[i].G = b.G[n.start[i]:n.start[i+1]]
	}
	return b
}

// Forward answers for rows: x holds count of them, or rows names them in the data set
// of the first layer. The answer, count × out, stands until the next Forward.
func (b *Buffers) Forward(w, x []float32, rows []int32, count int) []float32 {
	for i, l := range b.net.layers {
		p := &b.passes[i]
		_, out := l.Size()
		p.N, p.Rows, p.X, p.Y = count, rows, x, p.Y[:count*out]
		p.W = w[b.net.start[i]:b.net.start[i+1]]
		l.Forward(p)
		x = p.Y
	}
	return x
}

// dOut is where the derivatives by the answers of the last Forward go.
func (b *Buffers) dOut() []float32 {
	p := &b.passes[len(b.passes)-1]
	return p.DY[:len(p.Y)]
}

// Backward follows the derivatives by the answers back through the net and adds to G.
func (b *Buffers) Backward() {
	for i := len(b.passes) - 1; i >= 0 && b.net.start[i+1] > 0; i-- { // no weights stand before the first layer that has some
		p := &b.passes[i]
		p.DY = p.DY[:len(p.Y)]
		if b.net.start[i] > 0 {
			before := &b.passes[i-1]
			p.DX = before.DY[:len(before.Y)]
		}
		b.net.layers[i].Backward(p)
	}
}
