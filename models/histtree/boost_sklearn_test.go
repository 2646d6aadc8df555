package histtree

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
)

type boostPeers struct {
	Folds []struct {
		Name string
		CV   map[string]struct{ Accuracy, LogLoss, AUC []float64 }
	}
	Draws []struct {
		Columns                [][]float64
		Class                  []int
		Accuracy, LogLoss, AUC float64
	}
	Exact []struct {
		Trees, Depth, Leaves int
		L2, MinLeaf, Rate    float64
		Columns              [][]float64
		Class                []int
		Weights              []float64
		Shares               [][]float64
	}
}

func readBoostPeers(t *testing.T) (peers boostPeers) {
	t.Helper()
	raw, err := os.ReadFile("testdata/boost.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &peers); err != nil {
		t.Fatal(err)
	}
	if len(peers.Folds) == 0 || len(peers.Draws) == 0 {
		t.Fatal("testdata/boost.json is empty")
	}
	return peers
}

// Boosting is within one standard error (over folds) of scikit-learn's, or better.
func TestBoostAsGoodAsScikitLearn(t *testing.T) {
	tables := map[string]peerTable{}
	for _, p := range peerTables(t) {
		tables[p.Name] = p
	}
	for _, peer := range readBoostPeers(t).Folds {
		p := tables[peer.Name]
		for setting, peer := range peer.CV {
			v := p.table(setting == "native", nil).View()
			var acc, loss, auc []float64
			for fold := range 5 {
				test := v.Where(func(r int) bool { return p.Folds[r] == fold })
				q := predicted(t, boosted(t, Boost{}, v.Where(func(r int) bool { return p.Folds[r] != fold })), test)
				acc, loss, auc = append(acc, accuracy(q, test)), append(loss, boostLoss(q, test)), append(auc, meanAUC(q, test))
			}
			for _, c := range []struct {
				what       string
				ours, peer []float64
				sign       float64
			}{{"accuracy", acc, peer.Accuracy, 1}, {"log loss", loss, peer.LogLoss, -1}, {"AUC", auc, peer.AUC, 1}} {
				got, _ := meanSE(c.ours)
				want, se := meanSE(c.peer)
				t.Logf("%s, %s: %s %.4f, scikit-learn %.4f ± %.4f", p.Name, setting, c.what, got, want, se)
				if !(c.sign*(got-want) >= -se) {
					t.Errorf("%s, %s: %s %.4f, scikit-learn %.4f ± %.4f", p.Name, setting, c.what, got, want, se)
				}
			}
		}
	}
}

// Where every value has its bin, the trees are scikit-learn's, but for its gradients in
// float32. (The weighted one takes leaves of any size: in scikit-learn rows count for it
// and not their weights.)
func TestBoostIsScikitLearns(t *testing.T) {
	for i, e := range readBoostPeers(t).Exact {
		v := peerTable{Name: "exact", Columns: e.Columns, Class: e.Class}.table(false, e.Weights).View()
		m := boosted(t, Boost{Trees: e.Trees, MaxDepth: e.Depth, Leaves: e.Leaves, L2: e.L2, MinLeaf: e.MinLeaf, Rate: e.Rate}, v)
		p := predicted(t, m, v)
		off := 0.0
		for r, want := range e.Shares {
			for c := range want {
				off = max(off, math.Abs(p.Row(r * 7)[c]-want[c]))
				if !(math.Abs(p.Row(r * 7)[c]-want[c]) <= 1e-5) {
					t.Errorf("model %d, row %d: probabilities %v, want %v", i, r*7, p.Row(r*7), want)
				}
			}
		}
		t.Logf("model %d: at most %.2g apart", i, off)
	}
}

// Four classes: over several tables, the mean difference from scikit-learn is within
// its own standard error of 0, or to the good.
func TestBoostSoftmaxAsGoodAsScikitLearn(t *testing.T) {
	diff := map[string][]float64{}
	for _, d := range readBoostPeers(t).Draws {
		for _, c := range d.Columns {
			for i := range c {
				c[i] /= 100
			}
		}
		v := peerTable{Name: "draw", Columns: d.Columns, Class: d.Class}.table(false, nil).View()
		test := v.Where(func(r int) bool { return r >= 400 })
		q := predicted(t, boosted(t, Boost{}, v.Where(func(r int) bool { return r < 400 })), test)
		diff["accuracy"] = append(diff["accuracy"], accuracy(q, test)-d.Accuracy)
		diff["log loss"] = append(diff["log loss"], d.LogLoss-boostLoss(q, test))
		diff["AUC"] = append(diff["AUC"], meanAUC(q, test)-d.AUC)
	}
	for what, d := range diff {
		mean, se := meanSE(d)
		t.Logf("%s: better than scikit-learn's by %.4f ± %.4f", what, mean, se)
		if !(mean >= -se) {
			t.Errorf("%s: better than scikit-learn's by %.4f ± %.4f", what, mean, se)
		}
	}
}

func boostLoss(p models.Prediction, v table.View) float64 {
	target, _ := v.Target()
	sum := 0.0
	for i := range p.Rows() {
		sum -= math.Log(p.Row(i)[slices.Index(p.Classes, target.String(i))]) // a class the model does not know panics
	}
	return sum / float64(p.Rows())
}

// meanAUC is the mean of each class against the rest: the share of pairs in order.
func meanAUC(p models.Prediction, v table.View) float64 {
	sum := 0.0
	labels := v.Strings("class")
	for _, class := range p.Classes {
		scores := p.Scores(class)
		ordered, pairs := 0.0, 0.0
		for i, x := range scores {
			for j, y := range scores {
				if labels[i] != class || labels[j] == class {
					continue
				}
				pairs++
				if x > y {
					ordered++
				} else if x == y {
					ordered += 0.5
				}
			}
		}
		sum += ordered / pairs
	}
	return sum / float64(len(p.Classes))
}
