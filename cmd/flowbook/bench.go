package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/bayes"
	"flowbook/models/encode"
	"flowbook/models/ensemble"
	"flowbook/models/histtree"
	"flowbook/models/linear"
	"flowbook/models/neighbors"
	"flowbook/models/neural"
	"flowbook/reports"
)

func newBench() *cobra.Command {
	var b bench
	cmd := &cobra.Command{
		Use:   "bench nslkdd",
		Short: "Time the learners, in the form of the scikit-learn peer script",
		Long: `bench fits the learners to KDDTrain+ and judges them on KDDTest+ and KDDTest-21,
printing one JSON object a line, with the model names of the scikit-learn script
it stands beside (dt decision tree, rf random forest, gbdt gradient boosting, bagging,
adaboost, lr logistic regression, linsvm linear SVM, nb naive Bayes, knn, mlp
multilayer perceptron, stacking; --clusters: kmeans5, kmeans23, pca2 two principal
components, iforest isolation forest, dbscan20k, ward10k and tsne5k on the first 20,000,
10,000 and 5,000 rows, and sil20k, the exact silhouette of kmeans5 on 20,000 rows, for
which the script has no line). Times are those of this machine: run both sides in
one go on an otherwise idle one. Fit times include binning, encoding and scaling.`,
		Example: "  flowbook bench nslkdd\n  flowbook bench nslkdd --only dt,rf --cv 10",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "nslkdd" {
				return usagef("there is no bench for %q yet; have nslkdd", args[0])
			}
			b.out = cmd.OutOrStdout()
			return b.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&b.data, "data", "", "data folder (else $FLOWBOOK_DATA, else ./data)")
	cmd.Flags().StringVar(&b.only, "only", "", "models to run, with commas: dt,rf")
	cmd.Flags().IntVar(&b.folds, "cv", 0, "also cross-validate over this many stratified folds")
	cmd.Flags().IntVar(&b.jobs, "jobs", 2, "cores to use")
	cmd.Flags().Uint64Var(&b.seed, "seed", 0, "root of all random numbers")
	cmd.Flags().BoolVar(&b.clusters, "clusters", false, "the clusterings instead of the classifiers")
	return cmd
}

type bench struct {
	data, only  string
	folds, jobs int
	seed        uint64
	clusters    bool
	out         io.Writer
}

// entry is a model of the bench under the peer script's name for it.
type entry struct {
	name     string
	features int // as the peer counts them: 41 with ordinal codes, 122 one-hot
	learner  models.Learner
}

func learners() []entry {
	bayes, forest := bayes.Mixed{}, histtree.Forest{Trees: 100}
	return []entry{
		{"dt", 41, histtree.Tree{}},
		{"rf", 41, forest},
		{"gbdt", 41, histtree.Boost{}},
		{"bagging", 41, ensemble.Bagging{}},
		{"adaboost", 41, ensemble.AdaBoost{Real: true}}, // SAMME.R, as the peer's default is
		{"lr", 122, encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})},
		{"linsvm", 122, encode.Then(linear.SVM{InterceptScale: 1}, encode.OneHot{}, encode.Standardize{})}, // the peer's optimum
		{"nb", 41, bayes},
		{"knn", 41, neighbors.KNN{}}, // the distance of one-hot, standardised columns, without them
		{"mlp", 122, encode.Then(neural.MLP{Hidden: []int{64, 32}, Epochs: 30, L2: 1e-4}, encode.OneHot{}, encode.Standardize{})},
		{"stacking", 41, ensemble.Stacking{Learners: []models.Learner{histtree.Tree{}, forest, bayes}}},
	}
}

// line is one JSON object of the output; the fields stand in the peer's order.
type line struct {
	Step     string               `json:"step,omitempty"`
	Model    string               `json:"model,omitempty"`
	Features int                  `json:"features,omitempty"`
	Rows     int                  `json:"rows,omitempty"`
	Seconds  *float64             `json:"seconds,omitempty"`
	Fit      *float64             `json:"fit_s,omitempty"`
	Loss     *float64             `json:"loss,omitempty"` // of the last epoch's training rows, for models that have epochs
	Predict  *float64             `json:"predict_s,omitempty"`
	Plus     *scores              `json:"KDDTest+,omitempty"`
	Minus21  *scores              `json:"KDDTest-21,omitempty"`
	CVTime   *float64             `json:"cv_s,omitempty"`
	CV       map[string][]float64 `json:"cv,omitempty"`
	Inertia  *float64             `json:"inertia,omitempty"`
	KL       *float64             `json:"kl,omitempty"`
	Explains []float64            `json:"explained,omitempty"`  // share of the variance, by component
	Value    *float64             `json:"silhouette,omitempty"` // exact
	Clusters int                  `json:"clusters,omitempty"`
	Bouldin  *float64             `json:"davies_bouldin,omitempty"`
	Sil      *float64             `json:"silhouette5k,omitempty"`
	Peak     float64              `json:"peak_mb,omitempty"` // the most held since the start, in 10⁶ bytes: of one model with --only
	Origin   string               `json:"origin,omitempty"`
}

type scores struct {
	Accuracy float64 `json:"acc"`
	F1       float64 `json:"f1"`
	AUC      float64 `json:"auc"`
}

func (b bench) run(ctx context.Context) error {
	if b.jobs < 1 || b.folds < 0 || b.folds == 1 {
		return usagef("--jobs is %d and --cv is %d; want at least 1 job, and 0 or at least 2 folds", b.jobs, b.folds)
	}
	wanted, err := b.wanted()
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(b.jobs))
	start := time.Now()
	kdd, err := nslkdd.OpenOrSimulate(ctx, datasets.Folder(b.data), rng.New(b.seed).At("simulator"), nslkdd.Whole)
	if err != nil {
		return err
	}
	load := line{Step: "load", Seconds: since(start), Rows: kdd.Train.Rows()}
	if kdd.Origin.Kind != exhibit.Real {
		load.Origin = string(kdd.Origin.Kind)
	}
	if err := b.print(load); err != nil {
		return err
	}
	if b.clusters {
		return b.cluster(ctx, kdd, wanted)
	}
	return b.classify(ctx, kdd, wanted)
}

// wanted checks --only against the names there are.
func (b bench) wanted() (func(string) bool, error) {
	var have []string
	if b.clusters {
		for _, e := range clusterings() {
			have = append(have, e.name)
		}
	} else {
		for _, e := range learners() {
			have = append(have, e.name)
		}
	}
	if b.only == "" {
		return func(string) bool { return true }, nil
	}
	only := strings.Split(b.only, ",")
	for _, name := range only {
		if !slices.Contains(have, name) {
			return nil, usagef("--only: there is no model %q; have %s", name, strings.Join(have, ", "))
		}
	}
	return func(name string) bool { return slices.Contains(only, name) }, nil
}

func (b bench) classify(ctx context.Context, kdd *nslkdd.Set, wanted func(string) bool) error {
	train := kdd.Train.View().WithTarget("is_attack")
	tests := []table.View{kdd.Test.Open("bench").WithTarget("is_attack"), kdd.Test21.Open("bench").WithTarget("is_attack")}
	for _, e := range learners() {
		if !wanted(e.name) {
			continue
		}
		runtime.GC() // what the model before left behind is not this one's cost
		learner := models.WithSeed(e.learner, rng.New(b.seed).At(e.name))
		row := line{Model: e.name, Features: e.features}
		start := time.Now()
		model, err := learner.Fit(ctx, train)
		if err != nil {
			return err
		}
		row.Fit = since(start)
		if m, ok := model.(interface{ Losses() []float64 }); ok {
			loss := m.Losses()
			row.Loss = &loss[len(loss)-1]
		}
		for i, test := range tests {
			start := time.Now()
			p, err := model.Predict(ctx, test)
			if err != nil {
				return err
			}
			took := since(start)
			labels, classes, err := test.Labels()
			if err != nil {
				return err
			}
			o := metric.Outcome{Classes: classes, Truth: labels, P: p.P, Positive: slices.Index(classes, "attack")}
			s := &scores{round(metric.Accuracy.Of(o), 4), round(metric.F1.Of(o), 4), round(metric.ROCAUC.Of(o), 4)}
			if i == 0 {
				row.Predict, row.Plus = took, s
			} else {
				row.Minus21 = s
			}
		}
		if b.folds > 0 {
			if err := b.crossValidate(ctx, train, learner, &row); err != nil {
				return err
			}
		}
		if err := b.print(row); err != nil {
			return err
		}
	}
	return nil
}

func (b bench) crossValidate(ctx context.Context, train table.View, l models.Learner, row *line) error {
	labels, _, err := train.Labels()
	if err != nil {
		return err
	}
	folds, err := resample.StratifiedKFold{K: b.folds, Seed: rng.New(b.seed).At("folds")}.Split(labels)
	if err != nil {
		return err
	}
	start := time.Now()
	judged := []metric.Metric{metric.Accuracy, metric.F1, metric.ROCAUC}
	cv, err := eval.Trial{Name: "bench", Target: "is_attack", Positive: "attack", Metrics: judged, Seed: rng.New(b.seed)}.CrossValidate(ctx, train, folds, l)
	if err != nil {
		return err
	}
	row.CVTime, row.CV = since(start), map[string][]float64{}
	for i, key := range []string{"accuracy", "f1", "roc_auc"} {
		row.CV[key] = []float64{round(cv.Mean(l.Name(), judged[i]), 5), round(cv.SD(l.Name(), judged[i]), 5)}
	}
	return nil
}

func (b bench) print(l line) error {
	l.Peak = round(float64(reports.PeakMemory())/1e6, 0)
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(b.out, "%s\n", text)
	return err
}

func since(start time.Time) *float64 {
	s := round(time.Since(start).Seconds(), 4)
	return &s
}

// round keeps as many decimals as the peer script prints, or one more.
func round(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}
