package golearn

import (
	"context"
	"fmt"
	"slices"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/trees"

	"flowbook/internal/table"
	"flowbook/models"
)

// ID3 is golearn's decision tree on categories [1]. Numbers are cut into bins at
// quantiles of the training rows; a missing value is a level of its own. golearn
// grows the tree; which feature splits a node is decided by a rule of ours (the
// largest information gain, the first feature of a tie, entropies added in a fixed
// order), for its own adds them in the random order of a map. A row is scored by
// the shares of the classes in its leaf, or in the node whose split does not know
// its level.
//
// Not for more than some 20,000 rows: golearn goes through views of views.
//
// [1] Quinlan (1986), Machine Learning 1, 81-106.
type ID3 struct {
	Bins    int // bins of a number, 2 to 1000; 0 means 8
	MaxRows int // rows fitted on; 0 means 20,000
}

// Name is "golearn ID3".
func (ID3) Name() string { return "golearn ID3" }

// Fit grows the tree.
func (l ID3) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if l.Bins == 0 {
		l.Bins = 8
	}
	if l.Bins < 2 || l.Bins > 1000 {
		return nil, fmt.Errorf("golearn: ID3: Bins is %d; want 2 to 1000", l.Bins)
	}
	most, err := limit("golearn: ID3", l.MaxRows, 20000)
	if err != nil {
		return nil, err
	}
	labels, classes, _, err := models.Trainable("golearn: ID3", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, note := thin(labels, len(classes), most)
	train = train.Take(rows)
	m := &tree{classes: classes, note: note, levels: newLevels(train, l.Bins)}
	rule := &gainRule{ctx: ctx, columns: m.levels.codes(train), k: len(classes)}
	for _, r := range rows {
		rule.labels = append(rule.labels, labels[r])
	}
	grown := trees.NewID3DecisionTreeFromRule(0, rule)
	if err := grown.Fit(rule.grid(m.levels, classes)); err != nil {
		return nil, fmt.Errorf("golearn: ID3: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.add(grown.Root, rule)
	return m, nil
}

// gainRule is a trees.RuleGenerator that reads the rows of a node from a column of
// row numbers and counts in columns of its own.
type gainRule struct {
	ctx      context.Context
	columns  [][]int32 // a code a row
	labels   []int
	k        int
	features []base.Attribute
	id       base.Attribute // the row number, never split on
	count    []int
}

// grid is the training data in golearn's form: class, row number, features.
func (g *gainRule) grid(levels levels, classes []string) base.FixedDataGrid {
	inst := base.NewDenseInstances()
	class := classAttribute(classes)
	g.id = base.NewFloatAttribute("row")
	at := []base.AttributeSpec{inst.AddAttribute(class), inst.AddAttribute(g.id)}
	for j := range g.columns {
		a := base.NewCategoricalAttribute()
		a.SetName(fmt.Sprintf("f%d", j))
		for _, name := range levels[j].names() {
			a.GetSysValFromString(name)
		}
		g.features = append(g.features, a)
		at = append(at, inst.AddAttribute(a))
	}
	if err := inst.AddClassAttribute(class); err != nil {
		panic(err) // it was added above
	}
	if err := inst.Extend(len(g.labels)); err != nil {
		panic(err)
	}
	for i, y := range g.labels {
		inst.Set(at[0], i, base.PackU64ToBytes(uint64(y)))
		inst.Set(at[1], i, base.PackFloatToBytes(float64(i)))
		for j, c := range g.columns {
			inst.Set(at[j+2], i, base.PackU64ToBytes(uint64(c[i])))
		}
	}
	return inst
}

// GenerateSplitRule returns the feature of the largest gain among the node's rows,
// or a rule without one where no feature gains.
func (g *gainRule) GenerateSplitRule(f base.FixedDataGrid) *trees.DecisionTreeRule {
	stop := &trees.DecisionTreeRule{}
	if g.ctx.Err() != nil {
		return stop
	}
	spec, err := f.GetAttribute(g.id)
	if err != nil {
		panic(err) // every node has the row numbers
	}
	_, n := f.Size()
	rows := make([]int, n)
	for i := range rows {
		rows[i] = int(base.UnpackBytesToFloat(f.Get(spec, i)))
	}
	slices.Sort(rows)
	total := make([]int, g.k)
	for _, r := range rows {
		total[g.labels[r]]++
	}
	whole := impurity(total)
	best, at := 1e-9*float64(n), -1
	for j, codes := range g.columns {
		if gain := whole - g.split(codes, rows); gain > best*(1+1e-12) {
			best, at = gain, j
		}
	}
	if at < 0 {
		return stop
	}
	return &trees.DecisionTreeRule{SplitAttr: g.features[at]}
}

// split is the impurity left once the rows are parted by their codes.
func (g *gainRule) split(codes []int32, rows []int) float64 {
	most := int32(0)
	for _, r := range rows {
		most = max(most, codes[r])
	}
	g.count = slices.Grow(g.count[:0], (int(most)+1)*g.k)[:(int(most)+1)*g.k]
	clear(g.count)
	for _, r := range rows {
		g.count[int(codes[r])*g.k+g.labels[r]]++
	}
	left := 0.0
	for c := range int(most) + 1 {
		left += impurity(g.count[c*g.k : (c+1)*g.k])
	}
	return left
}

// tree is a grown tree, flattened and immutable.
type tree struct {
	classes []string
	note    string
	levels  levels
	nodes   []treeNode
}

type treeNode struct {
	feature int           // -1: leaf
	next    map[int32]int // by code; absent: stop here
	share   []float64
}

// add copies a node of golearn's and returns its number.
func (m *tree) add(n *trees.DecisionTreeNode, rule *gainRule) int {
	at := len(m.nodes)
	node := treeNode{feature: -1, share: make([]float64, len(m.classes))}
	total := 0
	for _, count := range n.ClassDist {
		total += count
	}
	for c, name := range m.classes {
		node.share[c] = float64(n.ClassDist[name]) / float64(total)
	}
	m.nodes = append(m.nodes, node)
	if n.Children == nil || n.SplitRule == nil || n.SplitRule.SplitAttr == nil {
		return at
	}
	j := slices.Index(rule.features, n.SplitRule.SplitAttr)
	next := make(map[int32]int)
	for code, name := range m.levels[j].names() {
		if child, ok := n.Children[name]; ok {
			next[int32(code)] = m.add(child, rule)
		}
	}
	m.nodes[at].feature, m.nodes[at].next = j, next
	return at
}

// Classes are the classes of training, sorted.
func (m *tree) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of nodes.
func (m *tree) Size() (int, string) { return len(m.nodes), "nodes" }

// Note says which rows were fitted on; "" for all.
func (m *tree) Note() string { return m.note }

// Predict walks the tree.
func (m *tree) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, err
	}
	if err := models.Predictable("golearn: ID3", m.levels.schema(), rows); err != nil {
		return models.Prediction{}, err
	}
	columns := m.levels.codes(rows)
	p := models.NewPrediction(m.Classes(), rows.Rows())
	for i := range rows.Rows() {
		at := 0
		for m.nodes[at].feature >= 0 {
			next, ok := m.nodes[at].next[columns[m.nodes[at].feature][i]]
			if !ok {
				break
			}
			at = next
		}
		copy(p.Row(i), m.nodes[at].share)
	}
	return p, nil
}
