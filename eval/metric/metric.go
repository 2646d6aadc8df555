// Package metric answers: how good is a list of predictions, in one number, and
// how far might that number be off?
//
// A Metric is a value that knows its name, range and direction, so that tables,
// sorting and plots need no switch. Each stands in its own file.
//
//	o := metric.Outcome{Classes: p.Classes, Truth: labels, P: p.P, Positive: 0}
//	v := metric.MCC.Of(o)
//	low, high := metric.MCC.Interval(o, 0.95)
//
// The predicted class of a row is the one with the highest score, the lowest
// index of a tie; with two classes and scores that sum to 1 that is a threshold
// of 0.5. With a Positive class the binary metrics set it against all others;
// without one (-1) they are the mean over classes, one against the rest.
//
// Every metric is NaN for no rows and where any score is NaN: a model that
// answers NaN has no quality to speak of. What else leaves a metric undefined
// stands at the metric.
package metric

import (
	"fmt"
	"math"
)

// Outcome is what was true and what was predicted, for the same rows.
type Outcome struct {
	Classes  []string  // k names
	Truth    []int     // for each row an index into Classes
	P        []float64 // n × k scores, row-major, as models.Prediction
	Positive int       // index of the class counted as positive; -1: none, multi-class
	Weights  []float64 // how much each row counts, at least 0; nil: 1 each
}

// Rows is the number of rows.
func (o Outcome) Rows() int { return len(o.Truth) }

// Predicted returns the class of row i with the highest score, the lowest of a tie.
func (o Outcome) Predicted(i int) int {
	k := len(o.Classes)
	row := o.P[i*k : (i+1)*k]
	best := 0
	for c, v := range row {
		if v > row[best] {
			best = c
		}
	}
	return best
}

// Metric is a way to judge an Outcome.
type Metric struct {
	Name           string  // part of a measure's id: "roc-auc"
	Title          string  // heading of a column: "ROC-AUC"
	Low, High      float64 // range; ±Inf where it has no end
	HigherIsBetter bool

	// Of computes it. It panics where the lengths in o do not fit one another.
	Of func(o Outcome) float64
	// Interval is a confidence interval at the level, in (0, 1), for rows drawn
	// at random like these. It is NaN, NaN where the metric is undefined and
	// for weighted outcomes: weights do not say how many rows were drawn.
	Interval func(o Outcome, level float64) (low, high float64)
}

// String returns the title.
func (m Metric) String() string { return m.Title }

// Better reports whether a is strictly better than b; NaN is worse than anything.
func (m Metric) Better(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return !math.IsNaN(a)
	}
	if m.HigherIsBetter {
		return a > b
	}
	return a < b
}

// Binary is what a table of detectors shows: accuracy never alone, the false
// positive rate beside recall, a measure of both classes (MCC), and the ranking
// with (PR-AUC) and without (ROC-AUC) the base rate. The first is what tables
// are sorted by.
var Binary = []Metric{MCC, Accuracy, Precision, Recall, FPR, F1, BalancedAccuracy, ROCAUC, PRAUC, LogLoss, Brier}

// Multiclass is the same for more than two classes, where recall, precision and
// false positive rate are means over classes. (Mean recall is balanced accuracy.)
var Multiclass = []Metric{MacroF1, Accuracy, BalancedAccuracy, Precision, FPR, MCC, ROCAUC, PRAUC, LogLoss, Brier}

// check panics where the parts of o do not fit, and reports whether o can be
// judged at all: it has rows and no NaN among its scores.
func (o Outcome) check(name string) bool {
	n, k := len(o.Truth), len(o.Classes)
	if len(o.P) != n*k {
		panic(fmt.Sprintf("metric: %s of %d scores for %d rows of %d classes", name, len(o.P), n, k))
	}
	if o.Weights != nil && len(o.Weights) != n {
		panic(fmt.Sprintf("metric: %s of %d weights for %d rows", name, len(o.Weights), n))
	}
	if o.Positive < -1 || o.Positive >= k && n > 0 {
		panic(fmt.Sprintf("metric: %s: positive class %d of %d", name, o.Positive, k))
	}
	for i, c := range o.Truth {
		if c < 0 || c >= k {
			panic(fmt.Sprintf("metric: %s: row %d has class %d of %d", name, i, c, k))
		}
	}
	for _, v := range o.P {
		if math.IsNaN(v) {
			return false
		}
	}
	return n > 0
}

// weight of row i.
func (o Outcome) weight(i int) float64 {
	if o.Weights == nil {
		return 1
	}
	return o.Weights[i]
}
