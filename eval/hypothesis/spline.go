package hypothesis

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/glm"
	"flowbook/internal/num"
)

// Curve is a logistic regression on one number whose effect may bend.
type Curve struct {
	ID      string // prefix of the measures
	Subject string // the number: "log1p(src_bytes)"
	Data    string // the rows it was done on: "KDDTest+"
	Outcome string // "attack"
	Knots   []float64
	// Bend is the likelihood ratio of the curve against a straight line (df: knots
	// less 2): the test of the hypothesis that the log odds are linear.
	Bend Result
	// Whole is the likelihood ratio of the curve against a constant.
	Whole Result
	// The fitted probability and its pointwise interval at Level, at 101 points
	// evenly spaced from the 0.5 % to the 99.5 % quantile of x; for drawing.
	X, Prob, Low, High []float64
	Level              float64
	N, Events          int
	Warnings           []string
}

// SplineLogistic regresses the log odds of y on a natural cubic spline of x with the
// given number of knots, 3 to 7 (0 means 5), on Harrell's quantiles, and tests it
// against a straight line. Where ties make the knots coincide, they go to the
// quantiles of the distinct values, with a warning. Take a logarithm of bytes first: a
// spline of a column that spans nine decades bends in the wrong places.
//
// NaN in x are left out with a warning. Errors: lengths that differ, one class only,
// fewer than three distinct values.
func SplineLogistic(x []float64, y []bool, knots int) (Curve, error) {
	if knots == 0 {
		knots = 5
	}
	if len(x) != len(y) {
		return Curve{}, fmt.Errorf("hypothesis: SplineLogistic: %d values for %d rows", len(x), len(y))
	}
	c := Curve{Level: DefaultLevel, Outcome: "the outcome"}
	x, y, dropped := drop(x, y)
	if dropped > 0 {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%d missing values were left out", dropped))
	}
	s, err := glm.NewSpline(x, knots)
	if err != nil && knots >= 3 && knots <= 7 {
		distinct := slices.Compact(slices.Clone(num.Sorted(x)))
		if s, err = glm.NewSpline(distinct, knots); err == nil {
			c.Warnings = append(c.Warnings, "x is too tied for knots on its quantiles; they are on those of its distinct values")
		}
	}
	if err != nil {
		return Curve{}, fmt.Errorf("hypothesis: SplineLogistic: %w", err)
	}
	if len(s.Knots) < knots {
		c.Warnings = append(c.Warnings, fmt.Sprintf("ties leave %d of %d knots", len(s.Knots), knots))
	}
	c.Knots = s.Knots
	k := s.Columns() + 1
	p := glm.Problem{P: k, X: make([]float64, 0, len(x)*k), Y: make([]float64, len(x))}
	for i, v := range x {
		p.X = s.Basis(append(p.X, 1), v)
		if y[i] {
			p.Y[i] = 1
			c.Events++
		}
	}
	c.N = len(x)
	if c.Events == 0 || c.Events == c.N {
		return Curve{}, fmt.Errorf("hypothesis: SplineLogistic: %d of %d rows are positive; want both classes", c.Events, c.N)
	}
	p = glm.Compact(p)
	fit, err := glm.Logistic(p, glm.Options{})
	if err != nil {
		return Curve{}, fmt.Errorf("hypothesis: SplineLogistic: %w", err)
	}
	if !fit.Converged {
		c.Warnings = append(c.Warnings, "the curve runs to infinity somewhere: x separates the classes there")
	}
	bends := make([]int, k-2)
	for j := range bends {
		bends[j] = j + 2
	}
	if c.Bend, err = c.ratio(p, fit, "spline against line", "the log odds are linear in x", bends); err != nil {
		return Curve{}, err
	}
	if c.Whole, err = c.ratio(p, fit, "spline against constant", "the odds do not depend on x", append([]int{1}, bends...)); err != nil {
		return Curve{}, err
	}
	c.draw(s, fit, num.Sorted(x))
	return c, nil
}

func (c *Curve) ratio(p glm.Problem, fit glm.Fit, test, null string, zero []int) (Result, error) {
	lr, tail, err := glm.Ratio(p, fit, zero...)
	if err != nil {
		return Result{}, fmt.Errorf("hypothesis: SplineLogistic: %w", err)
	}
	r := blank(test, null)
	r.StatisticName, r.Statistic, r.DF, r.N = "LR", lr, float64(len(zero)), []int{c.N}
	r.setTail(tail)
	r.EffectName, r.Effect, r.EffectNull = "McFadden R2", lr/2/(lr/2-fit.LogLik), 0
	return r, nil
}

// draw evaluates the curve with its delta-method interval on the scale of log odds.
func (c *Curve) draw(s glm.Spline, fit glm.Fit, sorted []float64) {
	const points = 101
	a, b := num.Quantile(sorted, 0.005), num.Quantile(sorted, 0.995)
	z, k := zOf(c.Level), len(fit.Coef)
	row := make([]float64, 0, k)
	for i := range points {
		v := a + (b-a)*float64(i)/(points-1)
		row = s.Basis(append(row[:0], 1), v)
		eta, variance := 0.0, 0.0
		for j, u := range row {
			eta += u * fit.Coef[j]
			for m, w := range row {
				variance += u * w * fit.Cov[j*k+m]
			}
		}
		half := z * math.Sqrt(max(0, variance))
		c.X = append(c.X, v)
		c.Prob = append(c.Prob, 1/(1+math.Exp(-eta)))
		c.Low = append(c.Low, 1/(1+math.Exp(half-eta)))
		c.High = append(c.High, 1/(1+math.Exp(-half-eta)))
	}
}

// Lowest returns the point of the drawn curve where the fitted probability is least.
func (c Curve) Lowest() (x, prob float64) {
	i := 0
	for j, p := range c.Prob {
		if p < c.Prob[i] {
			i = j
		}
	}
	return c.X[i], c.Prob[i]
}

// Exhibit shows both tests; the curve is for a plot.
func (c Curve) Exhibit() exhibit.Exhibit {
	g := exhibit.Grid{Title: title("Spline logistic", c.Subject, c.Data),
		Caption: fmt.Sprintf("Natural cubic spline with %d knots, %d rows, %d of them positive.", len(c.Knots), c.N, c.Events),
		Columns: []string{"test", "null hypothesis", "LR", "df", "p", "McFadden R2"}}
	for _, w := range c.Warnings {
		g.Caption += " Note: " + w + "."
	}
	var e exhibit.Exhibit
	for _, r := range []Result{c.Bend, c.Whole} {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(r.Test), exhibit.Text(r.Null), exhibit.Num(r.Statistic), exhibit.Num(r.DF), exhibit.P(r.P, r.Log10P), exhibit.Num(r.Effect)})
		e.Measures = append(e.Measures, r.Measures(c.ID, r.Test)...)
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// Sentence says whether the log odds bend, and where the curve is lowest.
func (c Curve) Sentence() string {
	verdict := "A straight line does as well as a curve"
	if c.Bend.P < 0.05 {
		verdict = "A curve fits better than a straight line"
	}
	subject := c.Subject
	if subject == "" {
		subject = "x"
	}
	x, p := c.Lowest()
	last := len(c.Prob) - 1
	least := "" // said where it is not at an end
	if x > c.X[0] && x < c.X[last] {
		least = fmt.Sprintf(", %s at %s, where it is least,", sig(p), sig(x))
	}
	return fmt.Sprintf("%s (LR %s, df %s, %s): the fitted chance of %s is %s at %s %s%s and %s at %s.",
		verdict, sig(c.Bend.Statistic), sig(c.Bend.DF), c.Bend.pText(), c.Outcome,
		sig(c.Prob[0]), subject, sig(c.X[0]), least, sig(c.Prob[last]), sig(c.X[last]))
}
