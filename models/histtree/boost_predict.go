package histtree

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// Boosted is a fitted Boost. It is immutable and safe for concurrent use.
type Boosted struct {
	model  *Model    // schema, classes, and the trees, those of a round side by side
	base   []float64 // scores before the first tree
	answer []int     // place among the classes of each that has a score
	gain   []Gain
}

func newBoosted(b *binned, trees []*tree, s *losses) *Boosted {
	return &Boosted{model: assemble(b.schema, b.classes, trees, nil), base: s.base, answer: b.answer[:s.active], gain: gains(b.schema, trees)}
}

// Classes are the classes of training, sorted.
func (m *Boosted) Classes() []string { return m.model.Classes() }

// Size is the number of nodes of all trees, leaves included.
func (m *Boosted) Size() (int, string) { return m.model.Size() }

// Trees is the number of trees: rounds, times the classes if there are more than two.
func (m *Boosted) Trees() int { return m.model.Trees() }

// Depth is the number of splits on the longest way to a leaf.
func (m *Boosted) Depth() int { return m.model.Depth() }

// Importance is the gain of each feature's splits as a share of all gain, most
// important first, equal ones by name: by how much they lower the loss, as its
// quadratic model sees it. It is measured on the training rows. All are 0 if no tree
// has a split.
func (m *Boosted) Importance() []Gain { return slices.Clone(m.gain) }

// Predict adds, for each row and score, the values of the leaves it comes to, tree by
// tree in order, so that one row alone gets the same bits as in a batch, and turns
// scores into probabilities. A class all of whose training rows had weight 0 has
// probability 0. Time O(n · trees · depth), all cores.
func (m *Boosted) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, fmt.Errorf("histtree: %w", err)
	}
	if err := models.Predictable("histtree", m.model.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	e := m.model.encoder(rows)
	k, width := len(m.model.classes), len(m.model.schema)
	out := models.NewPrediction(m.Classes(), rows.Rows())
	type room struct {
		x      []uint64
		scores []float64 // by score and row of the block
		shares []float64
	}
	scratch := sync.Pool{New: func() any {
		return &room{make([]uint64, predictBlock*width), make([]float64, predictBlock*len(m.base)), make([]float64, len(m.answer))}
	}}
	par.Blocks(rows.Rows(), predictBlock, func(_, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		s := scratch.Get().(*room)
		defer scratch.Put(s)
		e.encode(s.x, lo, hi)
		for c, v := range m.base {
			own := s.scores[c*predictBlock : (c+1)*predictBlock]
			for i := range own {
				own[i] = v
			}
		}
		for i, t := range m.model.trees {
			c := i % len(m.base)
			t.add(s.scores[c*predictBlock:(c+1)*predictBlock], s.x, hi-lo, width)
		}
		for i := range hi - lo {
			m.probabilities(s.shares, s.scores[i:])
			for c, p := range s.shares {
				out.P[(lo+i)*k+m.answer[c]] = p
			}
		}
	})
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, fmt.Errorf("histtree: %w", err)
	}
	return out, nil
}

// probabilities turns the scores of a row, predictBlock apart, into probabilities.
func (m *Boosted) probabilities(p, scores []float64) {
	if len(m.base) == 1 && len(p) == 2 {
		f := scores[0]
		p[0], p[1] = 1/(1+math.Exp(f)), 1/(1+math.Exp(-f))
		return
	}
	for c := range p {
		p[c] = scores[c*predictBlock]
	}
	shares(p)
}
