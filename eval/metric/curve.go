package metric

import (
	"fmt"
	"math"
)

// Curve is a line through points, for a plot.
type Curve struct {
	X, Y      []float64
	Threshold []float64 // the score at and above which rows count as positive; +Inf for none
}

// maxPoints bounds a curve: no figure shows more.
const maxPoints = 400

// ROC returns the points (false positive rate, recall) of every distinct score of
// the class, from (0, 0) to (1, 1), thinned to at most 400: points on a straight
// line first, then by distance along the curve, the same for the same data. It is
// empty where the class is absent or alone, or a score is NaN. It panics where o has
// no such class.
func ROC(o Outcome, class int) Curve {
	scores, hits, rest, positives, negatives := cumulate(o, class)
	if positives == 0 || negatives == 0 {
		return Curve{}
	}
	c := Curve{[]float64{0}, []float64{0}, []float64{math.Inf(1)}}
	for b, s := range scores {
		c.add(rest[b]/negatives, hits[b]/positives, s)
	}
	return c.thin()
}

// PR returns the points (recall, precision) of every distinct score of the class,
// from the highest score to recall 1, thinned like ROC. Precision does not fall
// on a straight line between them: draw steps. It is empty where the class is
// absent or a score is NaN.
func PR(o Outcome, class int) Curve {
	scores, hits, rest, positives, _ := cumulate(o, class)
	if positives == 0 {
		return Curve{}
	}
	var c Curve
	for b, s := range scores {
		c.add(hits[b]/positives, hits[b]/(hits[b]+rest[b]), s)
		if hits[b] == positives {
			break
		}
	}
	return c.thin()
}

// cumulate returns the distinct scores, best first, and the rows of the class and
// of the others at or above each; nothing where a score is NaN.
func cumulate(o Outcome, class int) (scores, hits, rest []float64, positives, negatives float64) {
	if class < 0 || class >= len(o.Classes) {
		panic(fmt.Sprintf("metric: curve of class %d of %d", class, len(o.Classes)))
	}
	if !o.check("curve") {
		return nil, nil, nil, 0, 0
	}
	r := rank(o, class)
	hits, rest = r.halves(r.sums(o))
	for b := range hits {
		positives += hits[b]
		negatives += rest[b]
		hits[b], rest[b] = positives, negatives
	}
	return r.scores, hits, rest, positives, negatives
}

func (c *Curve) add(x, y, threshold float64) {
	c.X, c.Y, c.Threshold = append(c.X, x), append(c.Y, y), append(c.Threshold, threshold)
}

// thin drops the inner points of straight runs along an axis, then keeps the first
// point in each of maxPoints-1 equal lengths of the rest, and the last.
func (c Curve) thin() Curve {
	n := len(c.X)
	if n <= maxPoints {
		return c
	}
	var out Curve
	for i := range n {
		inner := i > 0 && i < n-1 &&
			(c.X[i-1] == c.X[i] && c.X[i] == c.X[i+1] || c.Y[i-1] == c.Y[i] && c.Y[i] == c.Y[i+1])
		if !inner {
			out.add(c.X[i], c.Y[i], c.Threshold[i])
		}
	}
	if len(out.X) <= maxPoints {
		return out
	}
	length := 0.0
	step := func(i int) float64 {
		return math.Abs(out.X[i]-out.X[i-1]) + math.Abs(out.Y[i]-out.Y[i-1])
	}
	for i := 1; i < len(out.X); i++ {
		length += step(i)
	}
	var kept Curve
	at, bin := 0.0, -1
	for i := range out.X {
		if i > 0 {
			at += step(i)
		}
		b := min(int(at/length*(maxPoints-1)), maxPoints-2)
		if last := i == len(out.X)-1; b > bin || last {
			kept.add(out.X[i], out.Y[i], out.Threshold[i])
			bin = b
		}
	}
	return kept
}
