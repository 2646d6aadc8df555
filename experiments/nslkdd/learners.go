package main

import (
	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/encode"
	"flowbook/models/golearn"
	"flowbook/models/histtree"
	"flowbook/models/linear"
	"flowbook/plots"
	"flowbook/reports"
)

// contest is what the chapters before the last one settled: the trials, who takes
// part, and who won within KDDTrain+.
type contest struct {
	binary, five eval.Trial
	train        table.View
	detectors    []models.Learner // answer normal or attack
	classifiers  []models.Learner // answer one of five classes
	drawn        []string         // detectors whose curves are drawn
	cv           *eval.Scores     // of the detectors
	best         string           // detector with the highest MCC in cross-validation
	bestFive     string           // classifier with the highest macro F1 in cross-validation
}

func compareLearners(nb *reports.Notebook, kdd *nslkdd.Set) contest {
	// ## How well do learners do inside KDDTrain+?
	//
	// All learners meet the same folds. Folds keep the share of each class, and rows with the same 41 features stay in one
	// fold, or a learner would be asked about rows it has by heart. Encoders (one-hot, scaling) are fitted again inside each
	// fold. The predicted class is the likelier one; no threshold is tuned anywhere. Pairs of learners are compared by a t test corrected
	// for the rows that training folds share [2].
	//
	// Three baselines come first, for a model that cannot clear them has learnt nothing: the larger class, *always attack*,
	// and the best rule on a single feature [3]. ID3 and Bernoulli naive Bayes are golearn's; the others are our own. Logistic
	// regression takes part twice, once with the heavy-tailed features on a log scale. The checks under each table ask what Arp
	// et al. [6] found to go wrong most often.

	data := kdd.Train
	if nb.Budget() == reports.Quick {
		data = kdd.Train20
	}
	train := data.View()

	tree, forest := histtree.Tree{}, histtree.Forest{Trees: nb.Budget().Pick(20, 100, 300)}
	logistic := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})
	logLogistic := eval.Named("logistic regression, log bytes",
		encode.Then(linear.Logistic{}, encode.Log1p{}, encode.OneHot{}, encode.Standardize{}))
	id3 := eval.Named("golearn ID3 (20,000 rows)", golearn.ID3{MaxRows: 20000})
	c := contest{
		train:       train,
		binary:      eval.Trial{Name: "binary", Target: "is_attack", Positive: "attack", Metrics: metric.Binary, Seed: nb.Seed("binary")},
		five:        eval.Trial{Name: "five classes", Target: "class", Metrics: metric.Multiclass, Seed: nb.Seed("five")},
		detectors:   []models.Learner{baseline.Majority{}, baseline.Always{Class: "attack"}, baseline.OneRule{}, logistic, logLogistic, tree, forest, id3, golearn.BernoulliNB{}},
		classifiers: []models.Learner{baseline.Majority{}, baseline.OneRule{}, logLogistic, tree, forest},
		drawn:       []string{logistic.Name(), tree.Name(), forest.Name(), baseline.OneRule{}.Name()},
	}

	// Folds are cut once for each target.

	k, groups := nb.Budget().Pick(3, 10, 10), resample.GroupsOf(train)
	folds := func(target string) resample.Folds {
		labels, _, err := train.WithTarget(target).Labels()
		reports.MustDo(err)
		return reports.Must(resample.StratifiedGroupKFold{K: k, Seed: nb.Seed("folds")}.Split(labels, groups))
	}

	// ### Normal or attack

	c.cv = reports.Must(c.binary.CrossValidate(nb.Context(), train, folds("is_attack"), c.detectors...))
	c.best = c.cv.Best(metric.MCC).Name()
	nb.Show(c.cv)
	nb.Show(c.cv.Pairwise(metric.MCC))
	nb.Textf("Inside %s the best detector is the %s: accuracy %.4f, MCC %.4f. One rule on one feature reaches %.4f accuracy. What figures from inside the training file are worth outside, the last chapter tells.",
		data.Name(), c.best, c.cv.Mean(c.best, metric.Accuracy), c.cv.Mean(c.best, metric.MCC), c.cv.Mean(baseline.OneRule{}.Name(), metric.Accuracy))

	// The probabilities matter as much as the answers. Pooled over the folds, each row scored by models that never saw it:

	rocs, prs := curves(c.cv.Pooled, c.drawn)
	nb.Show(plots.ROC{Name: "roc-cv", Title: "ROC inside KDDTrain+, out of fold", Curves: rocs})
	nb.Show(plots.PrecisionRecall{Name: "pr-cv", Title: "Precision and recall inside KDDTrain+, out of fold", Curves: prs,
		Prevalence: float64(countNot(train, "class", nslkdd.Normal)) / float64(train.Rows())})

	// ### Which class
	//
	// With five classes the rare ones decide: u2r has the fewest rows by far, so macro F1, which counts each class alike,
	// comes first.

	five := reports.Must(c.five.CrossValidate(nb.Context(), train, folds("class"), c.classifiers...))
	nb.Show(five)
	c.bestFive = five.Best(metric.MacroF1).Name()
	confusion := five.Confusion(c.bestFive)
	nb.Show(plots.Confusion{Name: "confusion-cv", Title: "Five classes inside KDDTrain+, out of fold: " + c.bestFive,
		Classes: confusion.Classes, Counts: confusion.Counts})

	// ### A library's learners at the size it bears
	//
	// golearn's nearest neighbours compare each row with every other, slowly, so they meet the others on the first two thousand rows
	// only; whether the order of the file matters was tested above. Fewer rows, wider intervals.

	few := kdd.Train.Head("the first 2,000 rows of KDDTrain+", 2000).View()
	labels, _, err := few.WithTarget("is_attack").Labels()
	reports.MustDo(err)
	fewFolds := reports.Must(resample.StratifiedGroupKFold{K: k, Seed: nb.Seed("few folds")}.Split(labels, resample.GroupsOf(few)))
	small := eval.Trial{Name: "two thousand rows", Target: "is_attack", Positive: "attack", Metrics: metric.Binary, Seed: nb.Seed("few")}
	nb.Show(reports.Must(small.CrossValidate(nb.Context(), few, fewFolds, baseline.Majority{}, baseline.OneRule{}, tree, forest,
		id3, golearn.BernoulliNB{}, encode.Then(golearn.KNN{}, encode.OneHot{}, encode.MinMax{}))))

	// ### What the forest looks at
	//
	// How much each feature's splits reduced Gini impurity, summed over a forest fitted to all training rows. Features that
	// repeat each other share their importance by chance.

	model := reports.Must(models.WithSeed(forest, nb.Seed("importance")).Fit(nb.Context(), train.WithTarget("is_attack")))
	nb.Show(importance(model.(*histtree.Model)))
	return c
}

// curves draws the named learners from what outcome says of each.
func curves(outcome func(string) metric.Outcome, names []string) (rocs []plots.ROCCurve, prs []plots.PRCurve) {
	for _, name := range names {
		o := outcome(name)
		roc, pr := metric.ROC(o, o.Positive), metric.PR(o, o.Positive)
		rocs = append(rocs, plots.ROCCurve{Name: name, FPR: roc.X, TPR: roc.Y, AUC: metric.ROCAUC.Of(o)})
		prs = append(prs, plots.PRCurve{Name: name, Recall: pr.X, Precision: pr.Y, AP: metric.PRAUC.Of(o)})
	}
	return rocs, prs
}

// importance draws the fifteen features with the largest gain.
func importance(m *histtree.Model) plots.Bars {
	bars := plots.Bars{
		Name: "importance", Title: "What the forest splits on", XLabel: "share of the total gain",
		Caption: "Gain in Gini impurity, summed over all splits of a forest; the fifteen largest.", Percent: true,
	}
	series := plots.BarSeries{Name: "gain"}
	for i, f := range m.Importance() {
		if i == 15 {
			break
		}
		bars.Labels = append(bars.Labels, f.Name)
		series.Values = append(series.Values, f.Gain)
	}
	bars.Series = []plots.BarSeries{series}
	return bars
}
