package layers

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/models/internal/f32"
)

// Trainer moves the weights of a net, mini-batch by mini-batch, to make
//
//	Σ_i weight_i loss_i + (rows / Batch) · L2/2 · Σ w²
//
// small: each step follows the mean gradient of a batch plus L2/batch · w, as
// scikit-learn's does. A batch is cut into blocks of a fixed size that are worked out
// by any number of cores; their gradients are added in order.
//
// [1] Pascanu, Mikolov, Bengio (2013), ICML, algorithm 1: without it one steep place on
// the way back through many steps throws the weights far away.
type Trainer struct {
	Net     *Net
	Weights []float32
	Loss    Loss
	Solver  Solver
	Batch   int     // rows a step, at least 1
	L2      float64 // at least 0
	Clip    float64 // the largest norm of a step's mean gradient, beyond which it is scaled down [1]; 0 means any
	Block   int     // the most rows that one core takes at a time; 0 means 128. Layers that cost much a row want fewer
	Seed    rng.Seed

	blocks    []*Buffers
	stretches []stretch
	sums      []float64
}

// stretch is a piece of the weights that one goroutine moves.
type stretch struct {
	lo, hi  int
	penalty bool
}

const (
	blockRows    = 128  // the most rows of a block, unless there are
	mostBlocks   = 16   // so many: each has a gradient of its own
	stretchWidth = 8192 // the most weights of a stretch
)

// Epoch goes once through the rows of the net's data set that order names, and returns
// the sum of their losses, each as it was when its batch came, without the penalty.
func (t *Trainer) Epoch(ctx context.Context, order []int32) (float64, error) {
	if t.blocks == nil {
		t.prepare()
	}
	total := 0.0
	for ; len(order) > 0; order = order[min(t.Batch, len(order)):] {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		total += t.step(order[:min(t.Batch, len(order))])
	}
	return total, nil
}

// Run goes epochs times through the rows in order, mixed anew each time, and tracks the
// progress under a name. After each epoch it asks after, if there is one, with its number
// from 1 on and the mean loss; that answers with a loss of its own, or 0, and says whether
// it is enough. Losses or weights that are no longer finite are an error.
func (t *Trainer) Run(ctx context.Context, pkg, name string, epochs int, order []int32, seed rng.Seed, after func(epoch int, mean float64) (judged float64, enough bool)) error {
	task := par.Track(ctx, name, epochs)
	defer task.Done()
	g := seed.Rand()
	for epoch := 1; epoch <= epochs; epoch++ {
		Mix(g, order)
		sum, err := t.Epoch(ctx, order)
		if err != nil {
			return err
		}
		task.Add(1)
		mean := sum / float64(len(order))
		judged, enough := 0.0, false
		wild := mean-mean != 0 || slices.ContainsFunc(t.Weights, func(w float32) bool { return w-w != 0 })
		if !wild && after != nil {
			judged, enough = after(epoch, mean)
		}
		if wild || judged-judged != 0 {
			return fmt.Errorf("%s: numbers grew out of bounds in epoch %d, with a loss of %v; scale the features, or lower Rate", pkg, epoch, mean)
		}
		if enough {
			break
		}
	}
	return nil
}

// Mix puts rows into another order.
func Mix(g *rand.Rand, rows []int32) {
	g.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

func (t *Trainer) prepare() {
	size := t.Block
	if size == 0 {
		size = blockRows
	}
	count := min(par.Count(t.Batch, size), mostBlocks)
	t.blocks, t.sums = make([]*Buffers, count), make([]float64, count)
	for b := range t.blocks {
		t.blocks[b] = t.Net.NewTraining(par.Count(t.Batch, count), t.Seed.Index("block", b))
	}
	t.Net.penalised(func(lo, hi int, penalty bool) {
		for ; lo < hi; lo += stretchWidth {
			t.stretches = append(t.stretches, stretch{lo, min(hi, lo+stretchWidth), penalty})
		}
	})
}

// step is one batch: gradients by block, then the weights by stretch.
func (t *Trainer) step(rows []int32) float64 {
	size := par.Count(t.Batch, len(t.blocks))
	count := par.Count(len(rows), size)
	par.Blocks(len(rows), size, func(b, lo, hi int) {
		block := t.blocks[b]
		clear(block.G)
		z := block.Forward(t.Weights, nil, rows[lo:hi], hi-lo)
		t.sums[b] = t.Loss.Of(z, block.dOut(), rows[lo:hi])
		block.Backward()
	})
	t.Solver.Begin(len(t.Weights))
	share := 1 / float32(len(rows))
	scale := share
	gather := func(at stretch) {
		for _, b := range t.blocks[1:count] {
			f32.Axpy(t.blocks[0].G[at.lo:at.hi], 1, b.G[at.lo:at.hi])
		}
	}
	if t.Clip > 0 {
		t.move(gather)
		if norm := norm(t.blocks[0].G) * float64(scale); norm > t.Clip {
			scale = float32(float64(scale) * t.Clip / norm)
		}
	}
	t.move(func(at stretch) {
		if !(t.Clip > 0) {
			gather(at)
		}
		l2 := float32(0)
		if at.penalty {
			l2 = float32(t.L2) * share
		}
		t.Solver.Move(at.lo, t.Weights[at.lo:at.hi], t.blocks[0].G[at.lo:at.hi], scale, l2)
	})
	total := 0.0
	for _, s := range t.sums[:count] {
		total += s
	}
	return total
}

func norm(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// move calls f for every stretch, in parallel where there are enough weights to pay
// for waking another core.
func (t *Trainer) move(f func(stretch)) {
	if len(t.Weights) > 4*stretchWidth {
		par.Do(len(t.stretches), func(i int) { f(t.stretches[i]) })
		return
	}
	for _, s := range t.stretches {
		f(s)
	}
}

// Judge returns the sum of the losses of rows as the weights stand.
func (t *Trainer) Judge(rows []int32) float64 {
	const size = 1024
	sums := make([]float64, par.Count(len(rows), size))
	par.Blocks(len(rows), size, func(b, lo, hi int) {
		z := t.Net.NewBuffers(hi-lo).Forward(t.Weights, nil, rows[lo:hi], hi-lo)
		sums[b] = t.Loss.Of(z, nil, rows[lo:hi])
	})
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return total
}
