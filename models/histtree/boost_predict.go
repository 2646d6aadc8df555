package histtree

import (
	"context"
	"math"
	"slices"

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
	out := models.NewPrediction(m.Classes(), rows.Rows())
	err := m.model.sum(ctx, rows, m.base, func(i int, scores []float64) { m.probabilities(out.Row(i), scores) })
	if err != nil {
		return models.Prediction{}, err
	}
	return out, nil
}

// probabilities turns the scores of a row, which it changes, into probabilities.
func (m *Boosted) probabilities(p, scores []float64) {
	if len(m.answer) == 2 {
		f := scores[0]
		p[m.answer[0]], p[m.answer[1]] = 1/(1+math.Exp(f)), 1/(1+math.Exp(-f))
		return
	}
	shares(scores)
	for c, v := range scores {
		p[m.answer[c]] = v
	}
}
