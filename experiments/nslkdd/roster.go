package main

import (
	"fmt"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/bayes"
	"flowbook/models/encode"
	"flowbook/models/ensemble"
	"flowbook/models/golearn"
	"flowbook/models/histtree"
	"flowbook/models/linear"
	"flowbook/models/neighbors"
	"flowbook/models/neural"
	"flowbook/models/svm"
	"flowbook/reports"
)

// roster is the learners, by kind, with the settings that no row of the test files
// had a say in: defaults throughout.
type roster struct {
	budget                  reports.Budget
	majority, always, rule  models.Learner // baselines
	logistic                linear.Logistic
	bayes                   bayes.Mixed
	neighbors               neighbors.KNN
	tree                    histtree.Tree
	forest                  histtree.Forest
	boosting                histtree.Boost
	bagging                 ensemble.Bagging
	adaboost                ensemble.AdaBoost
	id3, bernoulli, slowKNN models.Learner // golearn's
}

func newRoster(b reports.Budget) roster {
	return roster{
		budget:    b,
		majority:  baseline.Majority{},
		always:    baseline.Always{Class: "attack"},
		rule:      baseline.OneRule{},
		forest:    histtree.Forest{Trees: b.Pick(20, 100, 300)},
		bagging:   ensemble.Bagging{N: b.Pick(5, 10, 50)},
		adaboost:  ensemble.AdaBoost{Rounds: b.Pick(10, 50, 200)},
		boosting:  histtree.Boost{Trees: b.Pick(30, 100, 200)},
		id3:       eval.Named("golearn ID3 (20,000 rows)", golearn.ID3{MaxRows: 20000}),
		bernoulli: golearn.BernoulliNB{},
		slowKNN:   encode.Then(golearn.KNN{}, encode.OneHot{}, encode.MinMax{}),
	}
}

// encoders are what a learner needs before it.
func (r roster) encoders(l models.Learner) []encode.Step {
	if l.Name() == r.logistic.Name() {
		return []encode.Step{encode.OneHot{}, encode.Standardize{}}
	}
	return nil
}

// plain and logBytes are logistic regression on the features as they are, and with
// the heavy-tailed ones on a log scale.
func (r roster) plain() models.Learner { return encode.Then(r.logistic, r.encoders(r.logistic)...) }

func (r roster) logBytes() models.Learner {
	return eval.Named("logistic regression, log bytes", onLogs(r.logistic))
}

// tuned chooses how far a tree may grow, in folds of its own training rows.
func (r roster) tuned() models.Learner {
	candidates := []models.Learner{r.tree}
	for _, depth := range []int{5, 10, 15, 20} {
		candidates = append(candidates, eval.Named(fmt.Sprintf("depth %d", depth), histtree.Tree{MaxDepth: depth}))
	}
	return eval.Tuned{Label: "tuned tree", Candidates: candidates, Positive: "attack"}
}

// The support vector machines and the perceptron see the features as logBytes does:
// tails would rule them. The Gaussian kernel itself takes a sample of the rows; seen
// from landmarks it takes them all.
func (r roster) svm() models.Learner { return onLogs(linear.SVM{}) }

func (r roster) landmarks() models.Learner {
	return onLogs(svm.Nystroem{Landmarks: r.budget.Pick(50, 100, 500)})
}

func (r roster) kernel() models.Learner {
	return eval.Fewer(r.few(), eval.Sampled{Learner: onLogs(svm.RBF{}), Rows: r.budget.Pick(1000, 5000, 15000)})
}

func (r roster) perceptron() models.Learner {
	return onLogs(neural.MLP{Hidden: []int{64, 32}, Epochs: r.budget.Pick(3, 15, 50), L2: 1e-4})
}

func onLogs(l models.Learner) models.Learner {
	return encode.Then(l, encode.Log1p{}, encode.OneHot{}, encode.Standardize{})
}

// stacking combines learners of different kinds.
func (r roster) stacking() models.Learner {
	return eval.Fewer(r.few(), ensemble.Stacking{K: 3, Learners: []models.Learner{r.bagging, r.boosting, r.bayes, r.logBytes()}})
}

// few is how many seeds a learner gets on the test files whose fits take long;
// once is for those whose seed decides next to nothing.
func (r roster) few() int { return r.budget.Pick(1, 3, 10) }

func once(l models.Learner) models.Learner { return eval.Fewer(1, l) }

// singles are the learners that stand for themselves, from the simplest on.
func (r roster) singles() []models.Learner {
	return []models.Learner{r.plain(), r.logBytes(), r.svm(), eval.Fewer(r.few(), r.landmarks()), r.bayes, r.neighbors, r.perceptron(),
		r.tree, r.bagging, r.forest, once(r.adaboost), once(r.boosting)}
}

// detectors answer normal or attack.
func (r roster) detectors() []models.Learner {
	list := []models.Learner{r.majority, r.always, r.rule}
	list = append(list, r.singles()...)
	return append(list, r.kernel(), r.tuned(), r.stacking(), r.id3, r.bernoulli)
}

// classifiers answer one of five classes.
func (r roster) classifiers() []models.Learner {
	return []models.Learner{r.majority, r.rule, r.logBytes(), r.svm(), r.bayes, r.neighbors, eval.Fewer(r.few(), r.perceptron()),
		r.tree, r.bagging, r.forest, eval.Fewer(r.few(), ensemble.ClassWeighted{Learner: r.forest}), once(r.adaboost), once(r.boosting)}
}

// recipe is the detector that is declared before the test files are opened: the
// named learners' mean score, cut where one in a hundred normal rows raises an
// alarm, out of fold within the training rows.
func (r roster) recipe(members []models.Learner) models.Learner {
	return eval.Fewer(r.few(), eval.Named("declared recipe", eval.Thresholded{
		Learner:  ensemble.Voting{Soft: true, Learners: members},
		Positive: "attack",
		Metric:   recallAtOnePercent,
	}))
}

// recallAtOnePercent is recall as long as no more than one in a hundred normal rows
// raises an alarm; beyond, it falls below 0.
var recallAtOnePercent = metric.Metric{Name: "recall-at-1-percent", Title: "recall at a false positive rate of 1 %", Low: -1, High: 1, HigherIsBetter: true,
	Of: func(o metric.Outcome) float64 {
		if fpr := metric.FPR.Of(o); fpr > 0.01 {
			return -fpr
		}
		return metric.Recall.Of(o)
	}}
