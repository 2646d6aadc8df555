// Package linear answers: how far does a weighted sum of the features go?
//
// Logistic is penalised logistic regression, for two classes or more, solved to
// its one optimum; its coefficients can be read.
//
//	learner := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})
//	model, err := learner.Fit(ctx, train.WithTarget("class"))
package linear

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Logistic is logistic regression with a quadratic penalty. It minimises
//
//	½ Σ β² + C Σ_i s_i loss_i
//
// over coefficients β and intercepts, which are not penalised; s are the row
// weights (1 without a weight column). With two classes the loss is logistic and
// the second class has coefficients; with more it is the multinomial one, each
// class has coefficients, and the intercepts sum to 0. This is the objective, and
// so the optimum, of scikit-learn's LogisticRegression. The zero value is ready.
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
// [1] Lin, Weng, Keerthi (2008), JMLR 9, 627-650.
type Logistic struct {
	C         float64 // weight of the data against the penalty, above 0; 0 means 1
	MaxRounds int     // Newton rounds; 0 means 100
	Tolerance float64 // relative precision of the coefficients aimed at; 0 means 1e-8
}

// Name is "logistic regression".
func (Logistic) Name() string { return "logistic regression" }

// Fit finds the optimum for numeric features.
func (l Logistic) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("linear", train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("linear", train)
	if err != nil {
		return nil, err
	}
	return l.FitPlan(ctx, plan, train)
}

// FitPlan finds the optimum for the columns of a plan; encode.Then calls it.
func (l Logistic) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	l, err := l.defaults()
	if err != nil {
		return nil, err
	}
	labels, classes, weights, err := models.Trainable("linear", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := plan.Bind("linear", train)
	if err != nil {
		return nil, err
	}
	x, err := dense.NewCompact(rows, "linear")
	if err != nil {
		return nil, err
	}
	m := &Model{classes: classes, plan: plan, k: len(classes)}
	if m.k <= 2 {
		m.k-- // one line of coefficients for two classes, none for one
	}
	m.beta = make([]float64, plan.Width()*m.k)
	m.intercept = make([]float64, m.k)
	if m.k == 0 {
		return m, nil
	}
	o := newObjective(x, labels, weights, m.k, l.C)
	theta := make([]float64, o.size())
	if x.N >= sampleFrom {
		rounds, _, err := newton(ctx, o.sample(), theta, l.MaxRounds, math.Max(l.Tolerance, 1e-3))
		if err != nil {
			return nil, err
		}
		m.rounds += rounds
	}
	rounds, converged, err := newton(ctx, o, theta, l.MaxRounds, l.Tolerance)
	if err != nil {
		return nil, err
	}
	m.rounds += rounds
	if !converged {
		m.warning = fmt.Sprintf("linear: logistic regression stopped after %d rounds without reaching its tolerance", rounds)
	}
	copy(m.beta, theta)
	copy(m.intercept, theta[plan.Width()*m.k:])
	for j, base := range x.Base {
		for c := range m.k {
			m.intercept[c] -= float64(base * m.beta[j*m.k+c])
		}
	}
	return m, nil
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
	case l.MaxRounds < 0:
		return l, fmt.Errorf("linear: MaxRounds is %d; want at least 1", l.MaxRounds)
	case !(l.Tolerance > 0):
		return l, fmt.Errorf("linear: Tolerance is %v; want a number above 0", l.Tolerance)
	}
	return l, nil
}

// Model is a fitted Logistic.
type Model struct {
	classes         []string
	plan            *dense.Plan
	k               int // lines of coefficients: 0, 1 or the number of classes
	beta, intercept []float64
	rounds          int
	warning         string
}

// Classes are the classes of training, sorted.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of Newton rounds, those on a sample included.
func (m *Model) Size() (int, string) { return m.rounds, "Newton rounds" }

// Warning says that the optimum was not reached; "" if it was.
func (m *Model) Warning() string { return m.warning }

// Coefficients are a model's numbers in the units of its columns.
type Coefficients struct {
	Columns   []string    // the columns after encoding
	Classes   []string    // what the lines stand for: the second class of two, or each class
	Values    [][]float64 // a line a class, a number a column: change of the log-odds (or score) by one unit
	Intercept []float64   // one a class
}

// Coefficients returns a copy of the coefficients.
func (m *Model) Coefficients() Coefficients {
	c := Coefficients{Columns: m.plan.Names(), Intercept: append([]float64(nil), m.intercept...)}
	if c.Classes = m.Classes(); m.k < len(c.Classes) {
		c.Classes = c.Classes[1:]
	}
	for k := range m.k {
		line := make([]float64, len(c.Columns))
		for j := range line {
			line[j] = m.beta[j*m.k+k]
		}
		c.Values = append(c.Values, line)
	}
	return c
}

// Predict gives calibrated probabilities as far as the model holds.
func (m *Model) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, err
	}
	r, err := m.plan.Bind("linear", rows)
	if err != nil {
		return models.Prediction{}, err
	}
	z, err := dense.Linear(r, "linear", m.beta, m.intercept)
	if err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(m.Classes(), r.Len())
	par.Blocks(r.Len(), 4096, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.Row(i)
			switch m.k {
			case 0:
				row[0] = 1
			case 1:
				row[0], row[1] = sigmoid(-z[i]), sigmoid(z[i])
			default:
				copy(row, z[i*m.k:])
				softmax(row)
			}
		}
	})
	return p, nil
}

// sigmoid is 1/(1+exp(-z)) without overflow.
func sigmoid(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

// softmax turns scores into probabilities in place and returns log Σ exp.
func softmax(z []float64) float64 {
	top := z[0]
	for _, v := range z[1:] {
		top = max(top, v)
	}
	sum := 0.0
	for c, v := range z {
		z[c] = math.Exp(v - top)
		sum += z[c]
	}
	for c := range z {
		z[c] /= sum
	}
	return top + math.Log(sum)
}
