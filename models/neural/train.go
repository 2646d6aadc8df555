package neural

import (
	"context"
	"fmt"
	"math"
	"slices"

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
func (m MLP) train(ctx context.Context, s *shape, d layers.Data, loss layers.Loss, groups []int) (history, error) {
	units := append(slices.Clone(s.hidden), s.out)
	t := layers.Trainer{
		Net: m.net(d.Input(units[0]), units), Loss: loss, Solver: m.solver(),
		Batch: min(m.Batch, d.N), L2: m.L2, Seed: m.Seed.At("dropout"),
	}
	t.Weights = t.Net.Init(m.Seed.At("weights"))
	order, held := m.split(d.N, groups)
	if m.Patience > 0 && len(held) == 0 {
		return history{}, fmt.Errorf("neural: Patience is %d, but a share of %v of %d rows leaves none to hold out; fit more rows or set it to 0", m.Patience, m.HoldOut, d.N)
	}
	var h history
	best := math.Inf(1)
	err := t.Run(ctx, "neural", m.Name(), m.Epochs, order, m.Seed.At("order"), func(epoch int, mean float64) (judged float64, enough bool) {
		h.losses = append(h.losses, mean)
		if m.Patience == 0 {
			h.best, s.weights = epoch, t.Weights
			return 0, false
		}
		judged = t.Judge(held) / float64(len(held))
		h.heldOut = append(h.heldOut, judged)
		if judged < best {
			best, h.best, s.weights = judged, epoch, append(s.weights[:0], t.Weights...)
		}
		return judged, epoch-h.best >= m.Patience
	})
	return h, err
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
	layers.Mix(m.Seed.At("held out").Rand(), order)
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
