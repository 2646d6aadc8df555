package neural

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"flowbook/internal/par"
	"flowbook/models/internal/layers"
)

// history is how the training went; its methods are those of the fitted models.
type history struct {
	losses  []float64 // of each epoch: mean training loss while it ran
	heldOut []float64 // of each epoch: mean loss of the held-out rows after it; empty without Patience
	best    int       // the epoch, counted from 1, whose weights were taken
}

// Losses returns the mean training loss of each epoch, without the penalty, each batch
// as it was when its turn came (scikit-learn's loss_curve_ less the penalty).
func (h history) Losses() []float64 { return slices.Clone(h.losses) }

// HeldOut returns the mean loss of the held-out rows after each epoch; none without
// Patience.
func (h history) HeldOut() []float64 { return slices.Clone(h.heldOut) }

// Epoch is the epoch, counted from 1, whose weights were taken.
func (h history) Epoch() int { return h.best }

// net is the layers over an input: sums and bends by turns.
func (m MLP) net(input []layers.Layer, units []int) *layers.Net {
	all := slices.Clone(input)
	for i, in := range units[:len(units)-1] {
		all = append(all, m.Activation.layer(in))
		if m.Dropout > 0 {
			all = append(all, layers.Dropout{Width: in, Rate: m.Dropout})
		}
		all = append(all, layers.Affine{In: in, Out: units[i+1]})
	}
	return layers.NewNet(all...)
}

func (a Activation) layer(width int) layers.Layer {
	if a == Tanh {
		return layers.Tanh{Width: width}
	}
	return layers.Relu{Width: width}
}

func (m MLP) solver() layers.Solver {
	if m.Solver == Adam {
		return &layers.Adam{Rate: m.Rate}
	}
	return &layers.Momentum{Rate: m.Rate, Momentum: m.Momentum, Nesterov: m.Solver == Nesterov}
}

// train finds the weights of s. Groups are the classes of the rows, or nil.
func (m MLP) train(ctx context.Context, s *shape, d data, loss layers.Loss, groups []int) (history, error) {
	units := append(slices.Clone(s.hidden), s.out)
	t := layers.Trainer{
		Net: m.net(d.input(units[0]), units), Loss: loss, Solver: m.solver(),
		Batch: min(m.Batch, d.n), L2: m.L2, Seed: m.Seed.At("dropout"),
	}
	t.Weights = t.Net.Init(m.Seed.At("weights"))
	order, held := m.split(d.n, groups)
	if m.Patience > 0 && len(held) == 0 {
		return history{}, fmt.Errorf("neural: Patience is %d, but a share of %v of %d rows leaves none to hold out; fit more rows or set it to 0", m.Patience, m.HoldOut, d.n)
	}
	task := par.Track(ctx, m.Name(), m.Epochs)
	defer task.Done()
	shuffle := m.Seed.At("order").Rand()
	var h history
	best := math.Inf(1)
	for epoch := 1; epoch <= m.Epochs; epoch++ {
		mix(shuffle, order)
		sum, err := t.Epoch(ctx, order)
		if err != nil {
			return h, err
		}
		task.Add(1)
		mean := sum / float64(len(order))
		wild := fmt.Errorf("neural: numbers grew out of bounds in epoch %d, with a loss of %v; scale the features, or lower Rate from %v", epoch, mean, m.Rate)
		if mean-mean != 0 || slices.ContainsFunc(t.Weights, func(w float32) bool { return w-w != 0 }) {
			return h, wild
		}
		h.losses = append(h.losses, mean)
		if m.Patience == 0 {
			h.best, s.weights = epoch, t.Weights
			continue
		}
		judged := t.Judge(held) / float64(len(held))
		if judged-judged != 0 {
			return h, wild
		}
		h.heldOut = append(h.heldOut, judged)
		if judged < best {
			best, h.best, s.weights = judged, epoch, append(s.weights[:0], t.Weights...)
		}
		if epoch-h.best >= m.Patience {
			break
		}
	}
	return h, nil
}

// split deals rows to training and, with Patience, a share of each group to those held
// out, at least one row of each group staying.
func (m MLP) split(n int, groups []int) (order, held []int32) {
	order = make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	if m.Patience == 0 {
		return order, nil
	}
	if groups == nil {
		groups = make([]int, n)
	}
	left := make([]int, slices.Max(groups)+1) // by group: rows to be held out
	for _, g := range groups {
		left[g]++
	}
	for g, rows := range left {
		left[g] = min(int(math.Round(m.HoldOut*float64(rows))), rows-1)
	}
	mix(m.Seed.At("held out").Rand(), order)
	train := order[:0]
	for _, row := range order {
		if g := groups[row]; left[g] > 0 {
			left[g]--
			held = append(held, row)
		} else {
			train = append(train, row)
		}
	}
	slices.Sort(train)
	slices.Sort(held)
	return train, held
}

// mix puts rows into another order.
func mix(g *rand.Rand, rows []int32) {
	g.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}
