package saved

import (
	"bytes"
	"context"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/anomaly"
	"flowbook/models/baseline"
	"flowbook/models/bayes"
	"flowbook/models/decision"
	"flowbook/models/decompose"
	"flowbook/models/encode"
	"flowbook/models/ensemble"
	"flowbook/models/golearn"
	"flowbook/models/histtree"
	"flowbook/models/internal/wire"
	"flowbook/models/linear"
	"flowbook/models/neighbors"
	"flowbook/models/neural"
	"flowbook/models/svm"
)

// flows are n rows of k classes (2 or 3), with gaps and hostile text if odd.
func flows(n, k int, odd bool) table.View {
	g := rng.New(3).Rand()
	rate, count, service, class := make([]float64, n), make([]int64, n), make([]string, n), make([]string, n)
	for i := range n {
		c := g.IntN(k)
		class[i] = []string{"normal", "attack", "probe"}[c]
		rate[i] = g.NormFloat64() + float64(2*c)
		count[i] = int64(g.IntN(9) + 5*c)
		service[i] = []string{"dns", "http", "ssh", "ftp"}[(g.IntN(2)+c)%4]
		if odd && i%7 == 0 {
			service[i] = []string{"", "\xff\x00<b>", "(unseen)"}[i/7%3]
		}
	}
	return table.Must(table.New("flows", table.Float("rate", "1/s", rate), table.Int("count", "", count),
		table.Text("service", service), table.Text("class", class).As(table.Label))).View()
}

// example is a small model of a kind, and what it was fitted on.
type example struct {
	name    string
	learner interface{ Name() string } // a models.Learner, or a models.RegressionLearner if classes is 0
	classes int
}

func examples() []example {
	tree, mixed := histtree.Tree{MaxDepth: 3}, bayes.Mixed{}
	numbers := func(l models.Learner) models.Learner {
		return encode.Then(l, encode.Impute{}, encode.OneHot{}, encode.Standardize{})
	}
	return []example{
		{"logistic", numbers(linear.Logistic{}), 3},
		{"components", numbers(encode.Then(linear.Logistic{}, decompose.PCA{K: 2}.Step())), 3},
		{"linear SVM", numbers(linear.SVM{}), 2},
		{"RBF SVM", numbers(svm.RBF{}), 3},
		{"Nyström SVM", numbers(svm.Nystroem{Landmarks: 9}), 3},
		{"perceptron", numbers(neural.MLP{Hidden: []int{4}, Epochs: 3}), 3},
		{"majority", baseline.Majority{}, 3},
		{"one rule", baseline.OneRule{}, 2},
		{"one rule behind steps", encode.Then(baseline.OneRule{}, encode.Log1p{Columns: []string{"count"}}, encode.Ordinal{}), 2},
		{"mixed bayes", mixed, 3},
		{"Bernoulli", numbers(bayes.Bernoulli{}), 2},
		{"neighbours", neighbors.KNN{K: 3}, 3},
		{"tree", tree, 3},
		{"forest", histtree.Forest{Trees: 3}, 2},
		{"boost", histtree.Boost{Trees: 3, Leaves: 4}, 2},
		{"boost of three", histtree.Boost{Trees: 2, Leaves: 4}, 3},
		{"bagging", ensemble.Bagging{Learner: tree, N: 2}, 2},
		{"AdaBoost", ensemble.AdaBoost{Rounds: 3}, 3},
		{"voting", ensemble.Voting{Learners: []models.Learner{tree, mixed}}, 3},
		{"stacking", ensemble.Stacking{Learners: []models.Learner{tree, mixed}, Final: mixed, K: 2}, 2},
		{"Platt", ensemble.Calibrated{Learner: tree, K: 2}, 2},
		{"isotonic", ensemble.Calibrated{Learner: tree, Method: ensemble.Isotonic, K: 2}, 3},
		{"golearn ID3", golearn.ID3{}, 3},
		{"golearn Bernoulli", golearn.BernoulliNB{}, 2},
		{"golearn neighbours", numbers(golearn.KNN{K: 3}), 2},
		{"boosted number", histtree.Boost{Trees: 3, Leaves: 4}, 0},
		{"perceptron of a number", numberPlan{neural.MLP{Hidden: []int{3}, Epochs: 2}}, 0},
		{"own threshold", decided{mixed}, 2},
		{"tuned", decided{tree}, 2},
		{"novelty", anomaly.Novelty{Detector: anomaly.Forest{Trees: 3}}, 3},
		{"novelty by outlier factor", numbers(anomaly.Novelty{Detector: anomaly.LOF{}}), 2},
		{"novelty by components", numbers(anomaly.Novelty{Detector: anomaly.Reconstruction{}}), 2},
		{"novelty by robust z", numbers(anomaly.Novelty{Detector: anomaly.RobustZ{}}), 2},
		{"novelty by autoencoder", numbers(anomaly.Novelty{Detector: anomaly.Autoencoder{Hidden: []int{2}, Epochs: 2}, K: 2}), 2},
	}
}

// decided fits as eval.Thresholded (Bayes) and eval.Tuned (others) do, and asks nobody.
type decided struct{ models.Learner }

func (d decided) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	m, err := d.Learner.Fit(ctx, train)
	if err != nil {
		return nil, err
	}
	if _, ok := d.Learner.(bayes.Mixed); ok {
		return decision.Cut(m, "attack", 0.3), nil
	}
	return decision.Chosen(m, "tree, candidate 1"), nil
}

func (e example) odd() bool { return e.name != "neighbours" }

// numberPlan drops what is no number before a regression.
type numberPlan struct{ neural.MLP }

func (l numberPlan) FitRegression(ctx context.Context, train table.View) (models.Regressor, error) {
	return l.MLP.FitRegression(ctx, train.Numeric())
}

func (e example) train(n int) table.View {
	if e.classes == 0 {
		return flows(n, 2, e.odd()).WithTarget("rate")
	}
	return flows(n, e.classes, e.odd())
}

func (e example) fit(t testing.TB, n int) wire.Described {
	t.Helper()
	var m any
	var err error
	if e.classes == 0 {
		m, err = e.learner.(models.RegressionLearner).FitRegression(context.Background(), e.train(n))
	} else {
		m, err = e.learner.(models.Learner).Fit(context.Background(), e.train(n))
	}
	if err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	return m.(wire.Described)
}

// write saves or ends the test.
func (e example) write(t testing.TB, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	p := Provenance{
		Learner: e.learner.Name(), Flowbook: "0.1.0", Experiment: "a test", Seed: "3", Parameters: map[string]string{"K": "2"},
		Origin: exhibit.Origin{Kind: exhibit.Simulated, Set: "flows"},
	}
	if err := Write(context.Background(), &b, e.fit(t, n), p, e.train(n)); err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	return b.Bytes()
}
