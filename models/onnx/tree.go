package onnx

import (
	"math"

	"flowbook/internal/table"
	"flowbook/models/histtree"
)

// Modes of a node of TreeEnsemble.
const (
	atMost   uint8 = 0 // BRANCH_LEQ
	isMember uint8 = 6 // BRANCH_MEMBER
)

// forest is the attributes of a TreeEnsemble being written: inner nodes and leaves
// are numbered apart.
type forest struct {
	roots, features, yes, no, yesLeaf, noLeaf, missing []int64
	modes                                              []uint8
	splits                                             []float64
	targets                                            []int64
	weights, members                                   []float64
}

// trees scores rows by trees as Describe gives them: rows × one score for each Answer,
// after the link.
//
// A leaf of several shares would need a tree a class, for a leaf of TreeEnsemble has
// one weight. So each tree answers the number of its leaf, and the shares are looked up:
// exact, but rows × trees × classes numbers in memory; score in batches.
func (g *graph) trees(e histtree.Ensemble, from columns) string {
	x := g.features(e.Schema, from)
	if g.err != nil {
		return ""
	}
	var f forest
	var shares []float64
	k := len(e.Answer)
	for t, tree := range e.Trees {
		leaf := func(n histtree.FlatNode) (int64, float64) { return int64(tree.Score), n.Values[0] }
		if e.Link == histtree.Mean {
			leaf = func(n histtree.FlatNode) (int64, float64) {
				at := len(shares) / k
				shares = append(shares, n.Values...)
				return int64(t), float64(at)
			}
		}
		f.add(tree.Nodes, e.Schema, leaf)
	}
	if e.Link != histtree.Mean {
		sums := g.node(ml, "TreeEnsemble", []string{x}, f.attributes(len(e.Base))...)
		sums = g.op("Add", sums, g.doubles(e.Base, 1, len(e.Base)))
		switch {
		case e.Link == histtree.Identity:
			return sums
		case e.Link == histtree.Softmax && len(e.Base) > 1:
			return g.node("", "Softmax", []string{sums}, attribute("axis", int64(1)))
		case e.Link == histtree.Softmax:
			return g.op("Exp", g.op("Sub", sums, sums)) // one class: 1
		}
		return g.beside([]string{g.logistic(g.op("Neg", sums)), g.logistic(sums)})
	}
	at := g.node(ml, "TreeEnsemble", []string{x}, f.attributes(len(e.Trees))...)
	at = g.node("", "Cast", []string{at}, attribute("to", int64(typeInt64)))
	each := g.op("Gather", g.doubles(shares, len(shares)/k, k), at) // rows × trees × classes
	sums := g.node("", "ReduceSum", []string{each, g.ints(1)}, attribute("keepdims", int64(0)))
	return g.op("Div", sums, g.number(float64(len(e.Trees))))
}

// features puts a schema's columns side by side; codes as numbers.
func (g *graph) features(schema table.Schema, from columns) string {
	values := make([]string, len(schema))
	for k, f := range schema {
		c, ok := from[f.Name]
		if !ok || c.coded != (f.Kind == table.CodeKind) {
			g.fail("there is no column %q of kind %v before the trees", f.Name, f.Kind)
			return ""
		}
		if values[k] = g.recode(c, f).value; c.coded {
			values[k] = g.node("", "Cast", []string{values[k]}, attribute("to", int64(typeDouble)))
		}
	}
	return g.beside(values)
}

// add appends a tree; leaf says to which target a leaf adds which weight.
func (f *forest) add(nodes []histtree.FlatNode, schema table.Schema, leaf func(histtree.FlatNode) (int64, float64)) {
	place, isLeaf := make([]int64, len(nodes)), make([]bool, len(nodes))
	for i := len(nodes) - 1; i >= 0; i-- { // children stand after parents
		n := nodes[i]
		if n.Feature < 0 {
			target, weight := leaf(n)
			place[i], isLeaf[i] = int64(len(f.weights)), true
			f.targets, f.weights = append(f.targets, target), append(f.weights, weight)
			continue
		}
		left, right := end{place[n.Left], isLeaf[n.Left]}, end{place[n.Right], isLeaf[n.Right]}
		if schema[n.Feature].Kind != table.CodeKind {
			place[i] = f.node(n.Feature, atMost, n.Threshold, n.MissingLeft, left, right).at
			continue
		}
		place[i] = f.member(n, schema[n.Feature].Levels, left, right).at
	}
	root := place[0]
	if isLeaf[0] { // a leaf alone: whatever the first feature is, it is the answer
		one := end{root, true}
		root = f.node(0, atMost, 0, true, one, one).at
	}
	f.roots = append(f.roots, root)
}

// end is where a branch leads.
type end struct {
	at   int64
	leaf bool
}

func (f *forest) node(feature int, mode uint8, split float64, missing bool, yes, no end) end {
	at := int64(len(f.modes))
	f.features, f.modes, f.splits = append(f.features, int64(feature)), append(f.modes, mode), append(f.splits, split)
	f.yes, f.no = append(f.yes, yes.at), append(f.no, no.at)
	f.yesLeaf, f.noLeaf, f.missing = append(f.yesLeaf, flag(yes.leaf)), append(f.noLeaf, flag(no.leaf)), append(f.missing, flag(missing))
	return end{at, false}
}

// member sends the codes of a set one way.
func (f *forest) member(n histtree.FlatNode, levels []string, left, right end) end {
	var set []float64
	if n.UnseenLeft {
		set = append(set, 0)
	}
	if n.MissingLeft {
		set = append(set, 1)
	}
	at := 0
	for l, name := range levels {
		if at < len(n.Levels) && n.Levels[at] == name {
			set = append(set, float64(l+2))
			at++
		}
	}
	f.members = append(append(f.members, set...), math.NaN())
	return f.node(n.Feature, isMember, 0, false, left, right)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (f *forest) attributes(targets int) []message {
	return []message{
		attribute("n_targets", int64(targets)),
		attribute("aggregate_function", int64(1)), // sum
		attribute("post_transform", int64(0)),     // none
		attribute("tree_roots", f.roots),
		attribute("nodes_featureids", f.features),
		attribute("nodes_modes", tensor("", []int{len(f.modes)}, f.modes)),
		attribute("nodes_splits", tensor("", []int{len(f.splits)}, f.splits)),
		attribute("nodes_truenodeids", f.yes),
		attribute("nodes_trueleafs", f.yesLeaf),
		attribute("nodes_falsenodeids", f.no),
		attribute("nodes_falseleafs", f.noLeaf),
		attribute("nodes_missing_value_tracks_true", f.missing),
		attribute("membership_values", tensor("", []int{len(f.members)}, f.members)),
		attribute("leaf_targetids", f.targets),
		attribute("leaf_weights", tensor("", []int{len(f.weights)}, f.weights)),
	}
}

// logistic is 1/(1+exp(-z)).
func (g *graph) logistic(z string) string {
	one := g.number(1)
	return g.op("Div", one, g.op("Add", one, g.op("Exp", g.op("Neg", z))))
}
