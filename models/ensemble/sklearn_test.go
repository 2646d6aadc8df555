package ensemble

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/histtree"
	"flowbook/models/linear"
)

type peer struct {
	Tables     []peerTable
	Sigmoid    []curveCase
	Isotonic   []curveCase
	Calibrated struct {
		Scores, At, Platt, Isotonic [][]float64
		Class                       []int
	}
}

type peerTable struct {
	Name         string
	Columns      [][]float64
	Class, Folds []int
	CV           map[string]struct{ Accuracy, LogLoss, AUC []float64 }
	Boosts       []struct {
		Real                bool
		Rate                float64
		Weights, Error, Say []float64
		Rounds              int
		Feature             []int
		Answers             []string
		P                   [][]float64
	}
}

type curveCase struct {
	Name                                         string
	Scores, Weights, Sklearn, Optimum, At, Value []float64
	Hit                                          []int
}

// input returns what the fits take.
func (c curveCase) input() (scores []float64, hit []bool, weights []float64) {
	hit = make([]bool, len(c.Hit))
	for i, h := range c.Hit {
		hit[i] = h == 1
	}
	if len(c.Weights) > 0 {
		weights = c.Weights
	}
	return c.Scores, hit, weights
}

func peers(t *testing.T) peer {
	t.Helper()
	raw, err := os.ReadFile("testdata/ensemble.json")
	if err != nil {
		t.Fatal(err)
	}
	var p peer
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p peerTable) table(weights []float64) *table.Table {
	var columns []table.Column
	for j, v := range p.Columns {
		columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	class := make([]string, len(p.Class))
	for i, c := range p.Class {
		class[i] = strconv.Itoa(c)
	}
	columns = append(columns, table.Text("class", class).As(table.Label))
	if len(weights) > 0 {
		columns = append(columns, table.Float("w", "", weights).As(table.Weight))
	}
	return table.Must(table.New(p.Name, columns...))
}

// Where no two stumps are equally good, every round is the one of scikit-learn.
func TestBoostIsScikitLearns(t *testing.T) {
	for _, p := range peers(t).Tables {
		for _, e := range p.Boosts {
			what := fmt.Sprintf("%s, SAMME.R %v", p.Name, e.Real)
			v := p.table(e.Weights).View()
			m := fitted(t, AdaBoost{Rounds: e.Rounds, Rate: e.Rate, Real: e.Real}, v).(*Boosted)
			if len(m.rounds) != e.Rounds {
				t.Errorf("%s: %d rounds, want %d", what, len(m.rounds), e.Rounds)
				continue
			}
			var third []int
			for i := 0; i < v.Rows(); i += 3 {
				third = append(third, i)
			}
			rows := v.Take(third)
			for r, got := range m.Rounds() {
				if !(math.Abs(got.Error-e.Error[r]) <= 1e-9) || !(math.Abs(got.Weight-e.Say[r]) <= 1e-9) {
					t.Fatalf("%s, round %d: error %v and weight %v, want %v and %v", what, r, got.Error, got.Weight, e.Error[r], e.Say[r])
				}
				stump := m.Members()[r].(*histtree.Model)
				for _, g := range stump.Importance() {
					if (g.Gain == 1) != (g.Name == fmt.Sprintf("x%d", e.Feature[r])) {
						t.Fatalf("%s, round %d: gain of %s is %v, want a split on x%d", what, r, g.Name, g.Gain, e.Feature[r])
					}
				}
				answers := ""
				q := predicted(t, stump, rows)
				for i := range q.Rows() {
					answers += q.Classes[q.Best(i)]
				}
				if answers != e.Answers[r] {
					t.Fatalf("%s, round %d: answers\n%s, want\n%s", what, r, answers, e.Answers[r])
				}
			}
			q := predicted(t, m, rows)
			for i, want := range e.P {
				for c := range want {
					if !(math.Abs(q.Row(i)[c]-want[c]) <= 1e-9) {
						t.Fatalf("%s, row %d: scores %v, want %v", what, 3*i, q.Row(i), want)
					}
				}
			}
		}
	}
}

// What draws or breaks ties by chance is compared by what it is worth: within one
// standard error of the difference (from both spreads over folds) of scikit-learn,
// or better.
func TestAsGoodAsScikitLearn(t *testing.T) {
	members := []models.Learner{histtree.Tree{MaxDepth: 4}, linear.Logistic{}, histtree.Tree{MinLeaf: 12}}
	leaves := histtree.Tree{MinLeaf: 12}
	for _, p := range peers(t).Tables {
		v := p.table(nil).View()
		for _, c := range []struct {
			name    string
			learner models.Learner
			seeds   int // more where chance matters more
		}{
			{"bagging", Bagging{}, 10},
			{"AdaBoost", AdaBoost{}, 1},
			{"AdaBoost SAMME.R", AdaBoost{Real: true}, 1},
			{"voting", Voting{Learners: members, Soft: true}, 1},
			{"stacking", Stacking{Learners: members}, 6},
			{"platt", Calibrated{Learner: leaves}, 6},
			{"isotonic", Calibrated{Learner: leaves, Method: Isotonic}, 6},
		} {
			acc, loss, auc := make([]float64, 5), make([]float64, 5), make([]float64, 5)
			for fold := range 5 {
				train := v.Where(func(r int) bool { return p.Folds[r] != fold })
				test := v.Where(func(r int) bool { return p.Folds[r] == fold })
				labels, _, err := test.Labels()
				if err != nil {
					t.Fatal(err)
				}
				seeds := float64(c.seeds)
				for s := range c.seeds {
					q := predicted(t, fitted(t, models.WithSeed(c.learner, rng.New(uint64(s))), train), test)
					acc[fold] += accuracy(q, labels) / seeds
					loss[fold] += logLoss(q, labels) / seeds
					auc[fold] += area(q, labels) / seeds
				}
			}
			want := p.CV[c.name]
			better(t, p.Name+", "+c.name+": accuracy", acc, want.Accuracy, 1)
			better(t, p.Name+", "+c.name+": log loss", loss, want.LogLoss, -1)
			better(t, p.Name+", "+c.name+": AUC", auc, want.AUC, 1)
		}
	}
}

// better compares means over folds; sign says which way is better.
func better(t *testing.T, what string, got, want []float64, sign float64) {
	t.Helper()
	g, a := meanSE(got)
	w, b := meanSE(want)
	se := math.Hypot(a, b)
	t.Logf("%s %.4f, scikit-learn %.4f, standard error %.4f", what, g, w, se)
	if !(sign*(g-w) >= -se) {
		t.Errorf("%s %.4f, scikit-learn %.4f, standard error %.4f", what, g, w, se)
	}
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

func accuracy(p models.Prediction, labels []int) float64 {
	hits := 0.0
	for i, c := range labels {
		if p.Best(i) == c {
			hits++
		}
	}
	return hits / float64(len(labels))
}

// logLoss counts scores below 0.005 as that, as the recipe does.
func logLoss(p models.Prediction, labels []int) float64 {
	sum := 0.0
	for i, c := range labels {
		sum -= math.Log(max(0.005, p.Row(i)[c]))
	}
	return sum / float64(len(labels))
}

// area is the mean over the classes of the chance that a row of the class outranks
// another row, pair by pair; of two classes both have the same.
func area(p models.Prediction, labels []int) float64 {
	sum := 0.0
	for c := range p.Classes {
		won, pairs := 0.0, 0.0
		for i, a := range labels {
			for j, b := range labels {
				if a != c || b == c {
					continue
				}
				pairs++
				switch x, y := p.Row(i)[c], p.Row(j)[c]; {
				case x > y:
					won++
				case x == y:
					won += 0.5
				}
			}
		}
		sum += won / pairs
	}
	return sum / float64(len(p.Classes))
}

func TestSigmoidIsScikitLearns(t *testing.T) {
	for _, c := range peers(t).Sigmoid {
		s := fitSigmoid(c.input())
		for i, got := range []float64{s.a, s.b} {
			if !(math.Abs(got-c.Optimum[i]) <= 1e-9*(1+math.Abs(c.Optimum[i]))) {
				t.Errorf("%s: %v, the optimum is %v", c.Name, s, c.Optimum)
			}
			if !(math.Abs(got-c.Sklearn[i]) <= 1e-6*(1+math.Abs(c.Sklearn[i]))) {
				t.Errorf("%s: %v, scikit-learn %v", c.Name, s, c.Sklearn)
			}
		}
	}
}

func TestIsotonicIsScikitLearns(t *testing.T) {
	for _, c := range peers(t).Isotonic {
		s := fitSteps(c.input())
		for i, f := range c.At {
			if got := s.at(f); !(math.Abs(got-c.Value[i]) <= 1e-9) {
				t.Errorf("%s: %v at %v, want %v", c.Name, got, f, c.Value[i])
			}
		}
		if !slices.IsSorted(s.y) || !slices.IsSorted(s.x) {
			t.Errorf("%s: the curve falls", c.Name)
		}
	}
}

// Three classes, one against the rest, made to sum to 1.
func TestCalibrationIsScikitLearns(t *testing.T) {
	c := peers(t).Calibrated
	scores := slices.Concat(c.Scores...)
	for method, want := range map[Method][][]float64{Platt: c.Platt, Isotonic: c.Isotonic} {
		tol := map[Method]float64{Platt: 1e-6, Isotonic: 1e-9}[method]
		m := &Calibration{curves: Calibrated{Method: method}.curves(scores, c.Class, nil, 3)}
		for i, row := range c.At {
			got := slices.Clone(row)
			m.calibrate(got)
			for k := range got {
				if !(math.Abs(got[k]-want[i][k]) <= tol) {
					t.Errorf("%s of %v: %v, want %v", method, row, got, want[i])
					break
				}
			}
		}
	}
}
