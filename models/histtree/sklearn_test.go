package histtree

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

type peerTable struct {
	Name     string
	Category []int
	Columns  [][]float64
	Class    []int
	Folds    []int
	CV       map[string]struct{ Accuracy, LogLoss []float64 }
	Exact    []struct {
		Depth, Leaves, Nodes int
		MinLeaf              float64
		Criterion            Criterion
		Weights, Importance  []float64
		Shares               [][]float64
	}
}

func peerTables(t *testing.T) []peerTable {
	t.Helper()
	raw, err := os.ReadFile("testdata/histtree.json")
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ Tables []peerTable }
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out.Tables
}

// table makes categories of the category columns if native is set.
func (p peerTable) table(native bool, weights []float64) *table.Table {
	var columns []table.Column
	for j, v := range p.Columns {
		name := fmt.Sprintf("x%d", j)
		category := false
		for _, c := range p.Category {
			category = category || c == j
		}
		if category && native {
			text := make([]string, len(v))
			for i, x := range v {
				text[i] = fmt.Sprintf("l%02.0f", x)
			}
			columns = append(columns, table.Text(name, text))
		} else {
			columns = append(columns, table.Float(name, "", v))
		}
	}
	class := make([]string, len(p.Class))
	for i, c := range p.Class {
		class[i] = fmt.Sprintf("c%d", c)
	}
	columns = append(columns, table.Text("class", class).As(table.Label))
	if len(weights) > 0 {
		columns = append(columns, table.Float("w", "", weights).As(table.Weight))
	}
	return table.Must(table.New(p.Name, columns...))
}

// Shallow trees are those of scikit-learn, to the last share.
func TestTreeIsScikitLearns(t *testing.T) {
	for _, p := range peerTables(t) {
		for i, e := range p.Exact {
			what := fmt.Sprintf("%s, tree %d", p.Name, i)
			v := p.table(false, e.Weights).View()
			m := fitted(t, Tree{MaxDepth: e.Depth, MaxLeaves: e.Leaves, MinLeaf: e.MinLeaf, Criterion: e.Criterion}, v)
			if n, _ := m.Size(); n != e.Nodes {
				t.Errorf("%s: %d nodes, want %d", what, n, e.Nodes)
				continue
			}
			got := predicted(t, m, v)
			for r, want := range e.Shares {
				for c := range want {
					if !(math.Abs(got.Row(r * 7)[c]-want[c]) <= 1e-9) {
						t.Fatalf("%s, row %d: shares %v, want %v", what, r*7, got.Row(r*7), want)
					}
				}
			}
			for _, g := range m.Importance() {
				var f int
				fmt.Sscanf(g.Name, "x%d", &f)
				if !(math.Abs(g.Gain-e.Importance[f]) <= 1e-9) {
					t.Errorf("%s: importance of %s is %v, want %v", what, g.Name, g.Gain, e.Importance[f])
				}
			}
		}
	}
}

// Deep trees and forests break ties by chance, so they are compared by what they
// are worth: within one standard error (over folds) of scikit-learn, or better.
func TestAsGoodAsScikitLearn(t *testing.T) {
	for _, p := range peerTables(t) {
		for _, native := range []bool{false, true} {
			if native && len(p.Category) == 0 {
				continue
			}
			v := p.table(native, nil).View()
			for name, learner := range map[string]models.Learner{"tree": Tree{}, "forest": Forest{}} {
				var acc, loss []float64
				for fold := range 5 {
					train := v.Where(func(r int) bool { return p.Folds[r] != fold })
					test := v.Where(func(r int) bool { return p.Folds[r] == fold })
					a, l := 0.0, 0.0
					for s := range 3 {
						q := predicted(t, fitted(t, models.WithSeed(learner, rng.New(uint64(s))), train), test)
						a += accuracy(q, test) / 3
						l += logLoss(q, test) / 3
					}
					acc, loss = append(acc, a), append(loss, l)
				}
				peer := p.CV[name]
				a, _ := meanSE(acc)
				want, se := meanSE(peer.Accuracy)
				t.Logf("%s, native %v, %s: accuracy %.4f, scikit-learn %.4f ± %.4f", p.Name, native, name, a, want, se)
				if !(a >= want-se) {
					t.Errorf("%s, native %v, %s: accuracy %.4f, scikit-learn %.4f ± %.4f", p.Name, native, name, a, want, se)
				}
				l, _ := meanSE(loss)
				want, se = meanSE(peer.LogLoss)
				t.Logf("%s, native %v, %s: log loss %.4f, scikit-learn %.4f ± %.4f", p.Name, native, name, l, want, se)
				if !(l <= want+se) {
					t.Errorf("%s, native %v, %s: log loss %.4f, scikit-learn %.4f ± %.4f", p.Name, native, name, l, want, se)
				}
			}
		}
	}
}

// logLoss counts shares below 0.005 as that, as the recipe does.
func logLoss(p models.Prediction, v table.View) float64 {
	labels := v.Strings("class")
	sum := 0.0
	for i := range p.Rows() {
		for c, name := range p.Classes {
			if name == labels[i] {
				sum -= math.Log(max(0.005, p.Row(i)[c]))
			}
		}
	}
	return sum / float64(p.Rows())
}

func meanSE(x []float64) (mean, se float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		se += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(se / float64(len(x)-1) / float64(len(x)))
}
