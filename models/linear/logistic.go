// Package linear answers: how far does a weighted sum of the features go?
//
// Logistic is penalised logistic regression and SVM a linear support vector machine,
// both for two classes or more and solved to their one optimum; their coefficients
// can be read.
//
//	learner := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})
//	model, err := learner.Fit(ctx, train.WithTarget("class"))
package linear

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Logistic is logistic regression with a quadratic penalty, one of absolute values
// (lasso), or both (elastic net). It minimises
//
//	½ (1-ρ) Σ β² + ρ Σ |β| + C Σ_i s_i loss_i
//
// over coefficients β and intercepts, which are not penalised; s are the row
// weights (1 without a weight column). With two classes the loss is logistic and
// the second class has coefficients; with more it is the multinomial one, each
// class has coefficients, and the intercepts sum to 0. This is the objective, and
// so the optimum, of scikit-learn's LogisticRegression. With ρ above 0 the smaller C,
// the more coefficients are 0 to the bit. With ρ of 1 several optima may be equally
// good (two equal columns; an even number of classes). The zero value is ready.
//
// Features must be numbers, present and finite: put encode.OneHot, encode.Impute
// and encode.Standardize before it. Unscaled features are penalised unequally.
//
// The solver is Newton's method: with two classes the Hessian is factorised, with
// more (or above 1000 columns) each step is solved by preconditioned conjugate
// gradients [1]. Large data are first solved on a sample, which moves the start
// and not the optimum. A round costs O(n q²), q the usual number of entries of a
// row that differ from their column's usual value: one-hot columns cost what the
// one category would.
//
// With absolute values each round minimises the quadratic model with the penalty as it
// is [2], by an active set method over the coefficients of all classes together; its
// time grows with the cube of how many are not 0, so that some thousands are too many.
//
// [1] Lin, Weng, Keerthi (2008), JMLR 9, 627-650.
// [2] Lee, Sun, Saunders (2014), SIAM J. Optimization 24, 1420-1443.
type Logistic struct {
	C         float64 // weight of the data against the penalty, above 0; 0 means 1
	L1Ratio   float64 // share ρ of the absolute values in the penalty, from 0 (ridge) to 1 (lasso)
	MaxRounds int     // Newton rounds, on the sample and on all rows; 0 means 100; Model.Warning says if they ran out
	Tolerance float64 // relative precision of the coefficients aimed at; 0 means 1e-8
}

// Name is "logistic regression".
func (Logistic) Name() string { return "logistic regression" }

// Fit finds the optimum for numeric features.
func (l Logistic) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	return fit(ctx, l, train)
}

// FitPlan finds the optimum for the columns of a plan; encode.Then calls it.
func (l Logistic) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	l, err := l.defaults()
	if err != nil {
		return nil, err
	}
	x, labels, classes, weights, err := bind(ctx, plan, train)
	if err != nil {
		return nil, err
	}
	m := &Model{newLines(plan, classes)}
	m.unit = "Newton rounds"
	if m.k == 0 {
		return m, nil
	}
	theta := make([]float64, (x.P+1)*m.k)
	weight := scaled(x.N, weights, l.C)
	if x.N >= sampleFrom {
		x, labels, weight := sample(x, labels, weight)
		if m.rounds, _, err = l.solve(ctx, x, labels, weight, m.k, theta, math.Max(l.Tolerance, 1e-3)); err != nil {
			return nil, err
		}
	}
	rounds, converged, err := l.solve(ctx, x, labels, weight, m.k, theta, l.Tolerance)
	if err != nil {
		return nil, err
	}
	m.rounds += rounds
	if !converged {
		m.warning = fmt.Sprintf("linear: logistic regression stopped after %d rounds without reaching its tolerance", rounds)
	}
	m.set(x.Base, theta)
	if m.k > 1 {
		centre(m.intercept, m.k)
	}
	return m, nil
}

// solve takes θ to the optimum.
func (l Logistic) solve(ctx context.Context, x *dense.Compact, labels []int, s []float64, k int, theta []float64, tol float64) (rounds int, converged bool, err error) {
	var o interface {
		problem
		curved
	} = newScalar(x, logloss{labels, s}, 1-l.L1Ratio, 0)
	if k > 1 {
		o = newMulti(x, labels, s, k, 1-l.L1Ratio)
	}
	if l.L1Ratio > 0 {
		return proximal(ctx, o, theta, l.L1Ratio, l.MaxRounds, tol)
	}
	return newton(ctx, o, theta, l.MaxRounds, tol, false)
}

func (l Logistic) defaults() (Logistic, error) {
	if l.C == 0 {
		l.C = 1
	}
	if l.MaxRounds == 0 {
		l.MaxRounds = 100
	}
	if l.Tolerance == 0 {
		l.Tolerance = 1e-8
	}
	switch {
	case !(l.C > 0) || math.IsInf(l.C, 0):
		return l, fmt.Errorf("linear: C is %v; want a number above 0", l.C)
	case !(l.L1Ratio >= 0 && l.L1Ratio <= 1):
		return l, fmt.Errorf("linear: L1Ratio is %v; want a share from 0 to 1", l.L1Ratio)
	case l.MaxRounds < 0:
		return l, fmt.Errorf("linear: MaxRounds is %d; want at least 1", l.MaxRounds)
	case !(l.Tolerance > 0):
		return l, fmt.Errorf("linear: Tolerance is %v; want a number above 0", l.Tolerance)
	}
	return l, nil
}

// Model is a fitted Logistic. Its numbers are changes of the log-odds (with three
// classes or more, of the class's score) by one unit of a column.
type Model struct{ lines }

// Predict gives calibrated probabilities as far as the model holds.
func (m *Model) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	return m.predict(ctx, rows, func(z, row []float64) {
		if len(z) == 1 {
			row[0], row[1] = sigmoid(-z[0]), sigmoid(z[0])
			return
		}
		copy(row, z)
		softmax(row, math.Inf(1))
	})
}

// sigmoid is 1/(1+exp(-z)) without overflow.
func sigmoid(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

// logloss is the loss of two classes, weighted.
type logloss struct {
	labels []int
	s      []float64
}

func (l logloss) tile(lo int, z, d, h []float64) float64 {
	total := 0.0
	for i, z := range z {
		y, s := l.labels[lo+i], l.s[lo+i]
		loss, p := logistic(z, y)
		total += float64(s * loss)
		d[i] = s * (p - float64(y))
		h[i] = s * p * (1 - p)
	}
	return total
}

// logistic returns the loss -log P(y) at score z and the probability of the second
// class, with one exponential.
func logistic(z float64, y int) (loss, p float64) {
	e := math.Exp(-math.Abs(z))
	if p = 1 / (1 + e); z < 0 {
		p = e / (1 + e)
	}
	if e < 1e-9 {
		loss = e // to the last bit of the sum, and most rows end here
	} else {
		loss = math.Log1p(e)
	}
	if (y == 1) == (z < 0) {
		loss += math.Abs(z)
	}
	return loss, p
}
