package metric

import (
	"math"

	"flowbook/internal/num"
)

// LogLoss is the mean of -ln(score of the true class), in nats: at least 0, lower
// is better. Scores are divided by their row's sum after being held to
// [2⁻⁵², 1 - 2⁻⁵²], as scikit-learn 1.2 does, so that one confident error costs 36
// and not infinity. The positive class does not matter. Interval: the mean's, by
// the normal approximation.
var LogLoss = perRow(
	Metric{Name: "log-loss", Title: "log loss", Low: 0, High: math.Inf(1), HigherIsBetter: false},
	func(o Outcome, i int, row []float64) float64 {
		const eps = 0x1p-52
		sum := 0.0
		for _, v := range row {
			sum += min(max(v, eps), 1-eps)
		}
		v := min(max(row[o.Truth[i]], eps), 1-eps)
		return -math.Log(v / sum)
	})

// perRow completes a metric that is a weighted mean over rows.
func perRow(m Metric, loss func(o Outcome, i int, row []float64) float64) Metric {
	m.Of = func(o Outcome) float64 {
		mean, _ := rowMean(o, m.Name, loss)
		return mean
	}
	m.Interval = func(o Outcome, level float64) (low, high float64) {
		mean, se := rowMean(o, m.Name, loss)
		if o.Weights != nil {
			return math.NaN(), math.NaN()
		}
		half := -num.NormalQuantile((1-level)/2) * se
		return max(m.Low, mean-half), min(m.High, mean+half)
	}
	return m
}

// rowMean is the weighted mean of the rows' losses and, unweighted, its standard
// error (NaN for one row).
func rowMean(o Outcome, name string, loss func(o Outcome, i int, row []float64) float64) (mean, se float64) {
	if !o.check(name) {
		return math.NaN(), math.NaN()
	}
	k, n := len(o.Classes), len(o.Truth)
	losses := make([]float64, n)
	sum, total := 0.0, 0.0
	for i := range losses {
		losses[i] = loss(o, i, o.P[i*k:(i+1)*k])
		w := o.weight(i)
		sum += float64(w * losses[i])
		total += w
	}
	mean = sum / total
	squares := 0.0
	for _, v := range losses {
		squares += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(squares / float64(n-1) / float64(n))
}
