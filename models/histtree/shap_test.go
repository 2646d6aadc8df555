package histtree

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"flowbook/internal/table"
)

// foreign is a tree of another library.
type foreign struct {
	Left, Right, Feature []int
	Threshold, Cover     []float64
	MissingLeft          []bool `json:"missing_left"`
	Values               [][]float64
}

// tree lays the nodes out so that right children follow left ones.
func (f foreign) tree() *tree {
	t := &tree{k: len(f.Values[0]), nodes: make([]node, 1), sets: []uint64{0}, values: make([]float64, len(f.Left)*len(f.Values[0])), cover: make([]float64, len(f.Left))}
	depth := make([]int, len(f.Left))
	from := []int{0} // by node of ours: theirs
	for i := 0; i < len(from); i++ {
		at := from[i]
		t.depth = max(t.depth, depth[i])
		if f.Left[at] < 0 {
			t.nodes[i] = node{kind: leaf}
			copy(t.leaf(uint32(i)), f.Values[at])
			t.cover[i] = f.Cover[at]
			continue
		}
		n := node{kind: missingRight, feature: uint16(f.Feature[at]), left: uint32(len(from))}
		if f.MissingLeft != nil && f.MissingLeft[at] {
			n.kind = missingLeft
		}
		n.cut = key(f.Threshold[at]) - uint64(n.kind)
		t.nodes[i] = n
		depth[len(from)], depth[len(from)+1] = depth[i]+1, depth[i]+1
		t.nodes = append(t.nodes, node{}, node{})
		from = append(from, f.Left[at], f.Right[at])
	}
	return t.close()
}

// Contributions are those that shap finds in scikit-learn's trees, and xgboost in its own.
func TestExplanationsOfForeignTrees(t *testing.T) {
	b, err := os.ReadFile("testdata/shap.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name      string
		Trees     []foreign
		X         [][]*float64
		Start     float64
		Base      []float64
		Values    [][][]float64 // by row, feature and output
		Tolerance float64
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		var columns []table.Column
		var schema table.Schema
		for f := range c.X[0] {
			x := make([]float64, len(c.X))
			for i, row := range c.X {
				if x[i] = math.NaN(); row[f] != nil {
					x[i] = *row[f]
				}
			}
			columns = append(columns, table.Float(fmt.Sprintf("x%d", f), "", x))
			schema = append(schema, table.Field{Name: columns[f].Name})
		}
		var trees []*tree
		for _, f := range c.Trees {
			trees = append(trees, f.tree())
		}
		var classes []string
		for o := range c.Base {
			classes = append(classes, fmt.Sprint(o))
		}
		m := assemble(schema, classes, trees, nil)
		v := table.Must(table.New(c.Name, columns...)).View()
		var got Explanation
		if trees[0].k > 1 {
			got = explanation(t, m, v)
		} else {
			got = explanation(t, &Boosted{model: assemble(schema, []string{"no", "yes"}, trees, nil), base: []float64{c.Start}, answer: []int{0, 1}}, v)
		}
		for o, want := range c.Base {
			if !(math.Abs(got.Base[o]-want) <= c.Tolerance) {
				t.Errorf("%s, output %d: base %v, want %v", c.Name, o, got.Base[o], want)
			}
		}
		for i, row := range c.Values {
			for f, outputs := range row {
				for o, want := range outputs {
					if v := got.At(i, f, o); !(math.Abs(v-want) <= c.Tolerance) {
						t.Errorf("%s, row %d, feature %d, output %d: %v, want %v", c.Name, i, f, o, v, want)
					}
				}
			}
		}
	}
}
