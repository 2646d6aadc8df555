package histtree

import (
	"slices"

	"flowbook/internal/table"
)

// An Ensemble describes fitted trees to whoever writes or draws them in another form.
// It is a copy: nothing in it belongs to the model.
//
// A row starts with the scores Base. Each tree adds the values of the leaf that the
// row comes to, in the order of Trees; Link says what becomes of the sums.
type Ensemble struct {
	Schema  table.Schema // features, sorted by name
	Classes []string     // sorted; none where the answer is a number
	Base    []float64    // by score
	Link    Link
	Answer  []int // place among Classes of each class that has a probability; the others have 0
	Trees   []FlatTree
}

// Link is how probabilities follow from scores.
type Link string

const (
	Mean     Link = "mean"     // scores divided by the number of trees, one each for Answer
	Logistic Link = "logistic" // one score, the log odds of Answer[1] against Answer[0]: 1/(1+exp(-score))
	Softmax  Link = "softmax"  // exp(score) / Σ exp(score), one score each for Answer
	Identity Link = "identity" // one score, the number itself; Base is added last
)

// A FlatTree is a tree as a list of nodes, the root first, children after parents.
type FlatTree struct {
	Score int // of the first value of a leaf; the others follow
	Nodes []FlatNode
}

// A FlatNode is a split or a leaf. A row whose value is not missing goes left if it is
// at most Threshold, of a categorical feature if it is one of Levels.
type FlatNode struct {
	Feature     int       // place in the schema; -1 in a leaf
	Threshold   float64   // of a number; +Inf where every number goes left
	Levels      []string  // of a category: the levels of training that go left, sorted
	UnseenLeft  bool      // of a category: a level that training did not know goes left
	MissingLeft bool      // missing goes left
	Left, Right int       // places of the children in Nodes; 0 in a leaf
	Values      []float64 // of a leaf: by class (Mean), or one
	Cover       float64   // weight of the training rows that came here (of a bootstrap, as often as they were drawn)
}

// Describe returns the trees of the model.
func (m *Model) Describe() Ensemble {
	e := Ensemble{Schema: m.Schema(), Classes: m.Classes(), Base: make([]float64, len(m.classes)), Link: Mean}
	for c := range m.classes {
		e.Answer = append(e.Answer, c)
	}
	for _, t := range m.trees {
		e.Trees = append(e.Trees, FlatTree{Nodes: t.describe(m.schema)})
	}
	return e
}

// Describe returns the trees of the model, those of a round side by side.
func (m *Boosted) Describe() Ensemble {
	e := Ensemble{Schema: m.Schema(), Classes: m.Classes(), Base: slices.Clone(m.base), Link: Softmax, Answer: slices.Clone(m.answer)}
	if len(m.answer) == 2 {
		e.Link = Logistic
	}
	for i, t := range m.model.trees {
		e.Trees = append(e.Trees, FlatTree{Score: i % len(m.base), Nodes: t.describe(m.model.schema)})
	}
	return e
}

// Describe returns the trees of the model.
func (m *Regressed) Describe() Ensemble {
	e := Ensemble{Schema: m.Schema(), Base: []float64{m.base}, Link: Identity}
	for _, t := range m.model.trees {
		e.Trees = append(e.Trees, FlatTree{Nodes: t.describe(m.model.schema)})
	}
	return e
}

func (t *tree) describe(schema table.Schema) []FlatNode {
	out := make([]FlatNode, len(t.nodes))
	for i, n := range t.nodes {
		d := &out[i]
		d.Cover = t.cover[i]
		if n.kind == leaf {
			d.Feature, d.Values = -1, slices.Clone(t.leaf(uint32(i)))
			continue
		}
		d.Feature, d.Left, d.Right = int(n.feature), int(n.left), int(n.left)+1
		if n.kind != category {
			d.Threshold, d.MissingLeft = n.threshold(), n.kind == missingLeft
			continue
		}
		set, levels := t.set(n, schema), schema[n.feature].Levels
		has := func(code int) bool { return set[code>>6]>>(code&63)&1 != 0 }
		d.MissingLeft, d.UnseenLeft = has(0), has(len(levels)+1)
		for l, name := range levels {
			if has(l + 1) {
				d.Levels = append(d.Levels, name)
			}
		}
	}
	return out
}
