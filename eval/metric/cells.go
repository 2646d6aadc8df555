package metric

import (
	"math"

	"flowbook/internal/num"
)

// cells is a confusion matrix of weights: entry t*k+p is the weight of the rows
// of true class t that were predicted p.
type cells struct {
	k int
	w []float64
}

// tally sums an outcome into cells; ok is false where o cannot be judged.
func tally(o Outcome, name string) (c cells, ok bool) {
	if !o.check(name) {
		return cells{}, false
	}
	k := len(o.Classes)
	c = cells{k, make([]float64, k*k)}
	for i, t := range o.Truth {
		c.w[t*k+o.Predicted(i)] += o.weight(i)
	}
	return c, true
}

func (c cells) at(truth, predicted int) float64 { return c.w[truth*c.k+predicted] }

// support is the weight of the rows of a class, answers that of the rows
// predicted so, total that of all, hits that of the rows predicted right.
func (c cells) support(class int) (s float64) {
	for p := range c.k {
		s += c.at(class, p)
	}
	return s
}

func (c cells) answers(class int) (s float64) {
	for t := range c.k {
		s += c.at(t, class)
	}
	return s
}

func (c cells) total() (s float64) {
	for _, w := range c.w {
		s += w
	}
	return s
}

func (c cells) hits() (s float64) {
	for t := range c.k {
		s += c.at(t, t)
	}
	return s
}

// binary is one class against the rest: true and false positives and negatives.
type binary struct{ tp, fp, fn, tn float64 }

func (c cells) against(class int) binary {
	tp := c.at(class, class)
	fn, fp := c.support(class)-tp, c.answers(class)-tp
	return binary{tp, fp, fn, c.total() - tp - fn - fp}
}

// mean is the mean of f over the classes that keep holds for, in order; NaN for none.
func (c cells) mean(keep func(class int) bool, f func(b binary) float64) float64 {
	sum, n := 0.0, 0
	for class := range c.k {
		if keep(class) {
			sum += f(c.against(class))
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}

// occurs: some row is of the class. appears: some row is of it or predicted so.
func (c cells) occurs(class int) bool  { return c.support(class) > 0 }
func (c cells) appears(class int) bool { return c.support(class) > 0 || c.answers(class) > 0 }

// ratio is a/b, or whenNone where b is 0.
func ratio(a, b, whenNone float64) float64 {
	if b == 0 {
		return whenNone
	}
	return a / b
}

// overCells completes a metric that is a function of the cells and the positive
// class (-1: none). Its interval is a bootstrap over cells.
func overCells(m Metric, f func(c cells, positive int) float64) Metric {
	return overShare(m, f, func(cells, int) (hits, n float64, ok bool) { return 0, 0, false })
}

// overShare is overCells for a share of rows: where share tells it (ok), the
// interval is Wilson's.
func overShare(m Metric, f func(c cells, positive int) float64, share func(c cells, positive int) (hits, n float64, ok bool)) Metric {
	m.Of = func(o Outcome) float64 {
		c, ok := tally(o, m.Name)
		if !ok {
			return math.NaN()
		}
		return f(c, o.Positive)
	}
	m.Interval = func(o Outcome, level float64) (low, high float64) {
		c, ok := tally(o, m.Name)
		if !ok || o.Weights != nil {
			return math.NaN(), math.NaN()
		}
		if hits, n, ok := share(c, o.Positive); ok {
			return num.Wilson(int(hits), int(n), level) // unweighted: whole numbers
		}
		return bootstrapCells(c, level, func(c cells) float64 { return f(c, o.Positive) })
	}
	return m
}
