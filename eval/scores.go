package eval

import (
	"math"
	"sync"

	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/table"
	"flowbook/models"
)

// Scores is the outcome of a cross-validation: learner × fold × metric. Methods
// that take the name of a learner, or a metric, panic if it took no part.
type Scores struct {
	Trial   Trial
	Folds   resample.Folds
	Classes []string // of the data, sorted

	learners []models.Learner
	names    []string
	data     table.View
	truth    []int
	positive int
	owner    []int32     // the fold whose prediction of a row is kept; -1: none
	pooled   [][]float64 // by learner: scores of all rows, n × k
	jobs     [][]job     // by learner and fold

	audit  sync.Once
	checks []exhibit.Check
}

// Learners returns the names in the order given.
func (s *Scores) Learners() []string { return s.names }

// ByFold returns a metric in each fold.
func (s *Scores) ByFold(learner string, m metric.Metric) []float64 {
	return s.byFold(index("learner", learner, s.names), s.Trial.metricIndex(m))
}

func (s *Scores) byFold(l, m int) []float64 {
	out := make([]float64, len(s.jobs[l]))
	for f, j := range s.jobs[l] {
		out[f] = j.values[m]
	}
	return out
}

// Mean is the mean over folds; NaN where the metric is undefined in one of them.
func (s *Scores) Mean(learner string, m metric.Metric) float64 {
	return num.Mean(s.ByFold(learner, m))
}

// SD is the standard deviation over folds.
func (s *Scores) SD(learner string, m metric.Metric) float64 {
	return num.StdDev(s.ByFold(learner, m))
}

// Interval is the t interval of the mean at the trial's level, cut to the metric's
// range, with the variance that Nadeau and Bengio correct for the overlap of
// training sets: s² (1/K + n_test/n_train) in place of s²/K.
//
// Nadeau, Bengio (2003), Machine Learning 52, 239-281, section 3.2.
func (s *Scores) Interval(learner string, m metric.Metric) (low, high float64) {
	mean, half := correctedInterval(s.ByFold(learner, m), s.testToTrain(), s.Trial.Level)
	return max(m.Low, mean-half), min(m.High, mean+half)
}

// testToTrain is n_test/n_train, the mean over folds.
func (s *Scores) testToTrain() float64 {
	sum := 0.0
	for f, test := range s.Folds.Test {
		sum += float64(len(test)) / float64(len(s.Folds.Train[f]))
	}
	return sum / float64(s.Folds.Len())
}

// correctedError is Nadeau and Bengio's standard error of a mean over folds.
func correctedError(values []float64, testToTrain float64) (mean, se float64) {
	mean, variance := num.MeanVariance(values)
	return mean, math.Sqrt(variance * (1/float64(len(values)) + testToTrain))
}

func correctedInterval(values []float64, testToTrain, level float64) (mean, half float64) {
	mean, se := correctedError(values, testToTrain)
	return mean, se * -num.StudentQuantile((1-level)/2, float64(len(values)-1))
}

// Best returns the learner with the best mean, the first of a tie. Baselines may
// win.
func (s *Scores) Best(m metric.Metric) models.Learner {
	return s.learners[s.order(s.Trial.metricIndex(m))[0]]
}

// order sorts the learners by mean, best first, ties in the order given.
func (s *Scores) order(m int) []int {
	means := make([]float64, len(s.names))
	for l := range means {
		means[l] = num.Mean(s.byFold(l, m))
	}
	return ordered(means, s.Trial.Metrics[m])
}

// Rows is the number of rows that some fold judges.
func (s *Scores) Rows() int {
	n := 0
	for _, f := range s.owner {
		if f >= 0 {
			n++
		}
	}
	return n
}

// Pooled puts together what a learner predicted for rows that it was not fitted
// on, for curves, confusions and thresholds: each row that some fold judges once,
// in the view's order. The models behind it differ from fold to fold, so ranks
// across rows are a little blurred. Callers only read.
func (s *Scores) Pooled(learner string) metric.Outcome {
	l := index("learner", learner, s.names)
	o := metric.Outcome{Classes: s.Classes, Positive: s.positive}
	if s.Rows() == len(s.owner) {
		o.Truth, o.P = s.truth, s.pooled[l]
		return o
	}
	k := len(s.Classes)
	for r, f := range s.owner {
		if f >= 0 {
			o.Truth = append(o.Truth, s.truth[r])
			o.P = append(o.P, s.pooled[l][r*k:(r+1)*k]...)
		}
	}
	return o
}

// PooledRows are the rows of the view that Pooled speaks of, in its order.
func (s *Scores) PooledRows() []int {
	rows := make([]int, 0, len(s.owner))
	for r, f := range s.owner {
		if f >= 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// Confusion counts the pooled predictions of a learner.
func (s *Scores) Confusion(learner string) metric.Confusion {
	return metric.NewConfusion(s.Trial.Name+": "+learner+", out of fold", s.Pooled(learner))
}

// cost is the mean size of a learner's models.
func (s *Scores) cost(l int) cost {
	c := cost{unit: s.jobs[l][0].cost.unit}
	for _, j := range s.jobs[l] {
		c.n += j.cost.n
	}
	c.n /= float64(len(s.jobs[l]))
	return c
}
