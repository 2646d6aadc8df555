package histtree

import (
	"context"
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// leafOf walks down a described tree, value by value as they stand in the table.
func leafOf(e Ensemble, t FlatTree, rows *table.Table, i int) FlatNode {
	n := t.Nodes[0]
	for n.Feature >= 0 {
		f := e.Schema[n.Feature]
		c := rows.Column(f.Name)
		var left bool
		switch {
		case c.Kind != table.CodeKind && math.IsNaN(c.At(i)) || c.Kind == table.CodeKind && c.String(i) == "":
			left = n.MissingLeft
		case c.Kind != table.CodeKind:
			left = c.At(i) <= n.Threshold
		case !slices.Contains(f.Levels, c.String(i)):
			left = n.UnseenLeft
		default:
			left = slices.Contains(n.Levels, c.String(i))
		}
		if left {
			n = t.Nodes[n.Left]
		} else {
			n = t.Nodes[n.Right]
		}
	}
	return n
}

// scores adds up a description for row i and follows its link.
func (e Ensemble) scores(rows *table.Table, i int) []float64 {
	sum := slices.Clone(e.Base)
	for _, t := range e.Trees {
		for j, v := range leafOf(e, t, rows, i).Values {
			sum[t.Score+j] += v
		}
	}
	out := make([]float64, len(e.Classes))
	total := 0.0
	switch e.Link {
	case Logistic:
		out[e.Answer[0]], out[e.Answer[1]] = 1/(1+math.Exp(sum[0])), 1/(1+math.Exp(-sum[0]))
		return out
	case Softmax:
		for c, v := range sum {
			out[e.Answer[c]] = math.Exp(v)
			total += math.Exp(v)
		}
	case Mean:
		for c, v := range sum {
			out[e.Answer[c]] = v
		}
		total = float64(len(e.Trees))
	}
	for c := range out {
		out[c] /= total
	}
	return out
}

type described interface {
	models.Classifier
	Describe() Ensemble
}

// Whoever walks the description comes to what Predict says, and finds the weight of
// the rows that training sent the same way.
func TestDescribedTreesPredict(t *testing.T) {
	random := newStream(rng.New(11))
	g := func(n int) int { return int(random.below(uint64(n))) }
	for _, l := range []models.Learner{Tree{}, Forest{Trees: 5, NoBootstrap: true}, Boost{Trees: 6, MinLeaf: 1}} {
		for k := 1; k <= 3; k++ {
			train, test := small(g, 200, k, 9, true, true), small(g, 200, k, 14, true, false)
			fit, err := l.Fit(context.Background(), train.View())
			if err != nil {
				t.Fatal(err)
			}
			m := fit.(described)
			e := m.Describe()
			p := predicted(t, m, test.View())
			for i := range p.Rows() {
				for c, want := range e.scores(test, i) {
					if got := p.Row(i)[c]; !(math.Abs(got-want) <= 1e-14) {
						t.Fatalf("%s, %d classes, row %d: %v by its description, predicted %v", l.Name(), k, i, want, got)
					}
				}
			}
			for _, tree := range e.Trees {
				weight := map[*float64]float64{}
				for i := range train.Rows() {
					weight[&leafOf(e, tree, train, i).Values[0]] += train.Column("w").At(i)
				}
				for _, n := range tree.Nodes {
					if n.Feature < 0 && n.Cover != weight[&n.Values[0]] {
						t.Fatalf("%s: a leaf of weight %v has %v of the rows", l.Name(), n.Cover, weight[&n.Values[0]])
					}
					if n.Feature >= 0 && n.Cover != tree.Nodes[n.Left].Cover+tree.Nodes[n.Right].Cover {
						t.Fatalf("%s: a node's weight is not that of its children", l.Name())
					}
				}
			}
		}
	}
}
