package linear

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Loss is what a linear support vector machine pays for a row within its margin.
type Loss string

const (
	SquaredHinge Loss = "squared hinge" // max(0, 1-yz)²
	Hinge        Loss = "hinge"         // max(0, 1-yz)
)

// SVM is a linear support vector machine [1]. For each class against the others (for
// the second, of two) it minimises
//
//	½ Σ β² + C Σ_i s_i loss(y_i (x_i·β + b))
//
// over coefficients β and the intercept b, with y of 1 and -1 and s the row weights
// (1 without a weight column). The class of the largest x·β + b wins. This is the
// objective, and so the optimum, of scikit-learn's LinearSVC, but for b: LinearSVC
// penalises it as the coefficient of one more column of the value InterceptScale, by
// default 1, so that its answer depends on where the columns' zeros are. Here b is
// free unless InterceptScale is set. The zero value is ready to use.
//
// Features must be numbers, present and finite: put encode.OneHot, encode.Impute
// and encode.Standardize before it. Unscaled features are penalised unequally.
//
// The scores of Predict are no probabilities: they are a function of x·β + b that
// only rises (see SVMModel.Predict); ensemble.Calibrated makes probabilities of them.
//
// The solver is Newton's method, for the hinge within a method of multipliers: the
// objective is quadratic in pieces, and the few rows within the margin make up its
// Hessian [3]. Dual coordinate descent [2], which liblinear has for the hinge, took some
// twenty times the processor time on KDDTrain+ one-hot. Above 1000 columns steps are
// solved for by conjugate gradients. A round costs O(n q + a q²), with a the rows
// within the margin and q the usual number of entries of a row that differ from their
// column's usual value. The classes are fitted one after the other.
//
// [1] Cortes, Vapnik (1995), Machine Learning 20, 273-297.
// [2] Hsieh, Chang, Lin, Keerthi, Sundararajan (2008), ICML.
// [3] Keerthi, DeCoste (2005), JMLR 6, 341-361: a modified finite Newton method.
type SVM struct {
	C              float64 // weight of the data against the penalty, above 0; 0 means 1
	Loss           Loss    // "" means SquaredHinge
	InterceptScale float64 // 0: the intercept is free; else it is penalised by ½ (b / InterceptScale)²
	MaxRounds      int     // Newton rounds a class; 0 means 1000; SVMModel.Warning says if they ran out
	Tolerance      float64 // relative precision of the coefficients aimed at, or absolute one of x·β + b; 0 means 1e-8
}

// Name is "linear SVM".
func (SVM) Name() string { return "linear SVM" }

// Fit finds the optimum for numeric features.
func (l SVM) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	return fit(ctx, l, train)
}

// FitPlan finds the optimum for the columns of a plan; encode.Then calls it.
func (l SVM) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	l, err := l.defaults()
	if err != nil {
		return nil, err
	}
	x, labels, classes, weights, err := bind(ctx, plan, train)
	if err != nil {
		return nil, err
	}
	m := &SVMModel{newLines(plan, classes)}
	m.unit = "Newton rounds"
	s := scaled(x.N, weights, l.C)
	theta := make([]float64, (x.P+1)*m.k)
	task := par.Track(ctx, "linear SVM, classes", m.k)
	defer task.Done()
	for c := range m.k {
		class := c
		if m.k == 1 {
			class = 1
		}
		line := make([]float64, x.P+1)
		rounds, converged, err := l.solve(ctx, x, signs(labels, class), s, line)
		if err != nil {
			return nil, err
		}
		m.rounds += rounds
		if !converged {
			m.warning = fmt.Sprintf("linear: the SVM of class %q stopped after %d rounds without reaching its tolerance", classes[class], rounds)
		}
		for j, v := range line {
			theta[j*m.k+c] = v
		}
		task.Add(1)
	}
	m.set(x.Base, theta)
	return m, nil
}

func (l SVM) defaults() (SVM, error) {
	if l.C == 0 {
		l.C = 1
	}
	if l.Loss == "" {
		l.Loss = SquaredHinge
	}
	if l.MaxRounds == 0 {
		l.MaxRounds = 1000
	}
	if l.Tolerance == 0 {
		l.Tolerance = 1e-8
	}
	switch {
	case !(l.C > 0) || math.IsInf(l.C, 0):
		return l, fmt.Errorf("linear: C is %v; want a number above 0", l.C)
	case l.Loss != SquaredHinge && l.Loss != Hinge:
		return l, fmt.Errorf("linear: Loss is %q; want %q or %q", l.Loss, SquaredHinge, Hinge)
	case !(l.InterceptScale >= 0) || math.IsInf(l.InterceptScale, 0):
		return l, fmt.Errorf("linear: InterceptScale is %v; want a number above 0, or 0 for an intercept without penalty", l.InterceptScale)
	case l.MaxRounds < 0:
		return l, fmt.Errorf("linear: MaxRounds is %d; want at least 1", l.MaxRounds)
	case !(l.Tolerance > 0):
		return l, fmt.Errorf("linear: Tolerance is %v; want a number above 0", l.Tolerance)
	}
	return l, nil
}

// solve finds the line of one class against the others.
func (l SVM) solve(ctx context.Context, x *dense.Compact, y, s, theta []float64) (rounds int, converged bool, err error) {
	bind := 0.0
	if l.InterceptScale > 0 {
		bind = 1 / (l.InterceptScale * l.InterceptScale)
	}
	if l.Loss == Hinge {
		return hinge(ctx, x, y, s, bind, theta, l.MaxRounds, l.Tolerance)
	}
	return newton(ctx, newScalar(x, squaredHinge{y, s}, 1, bind), theta, l.MaxRounds, l.Tolerance, true)
}

// SVMModel is a fitted SVM.
type SVMModel struct{ lines }

// Predict scores rows by z = x·β + b: the logistic function of z with two classes;
// with more, that of each class's z, divided by their sum. From |z| = 10 on its rest,
// logistic(-10), is divided by |z|-9 in the place of falling exponentially: rows far
// out keep their order, where the logistic function would round them all to 1.
func (m *SVMModel) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	return m.predict(ctx, rows, func(z, row []float64) {
		if len(z) == 1 {
			row[0], row[1] = squashed(-z[0]), squashed(z[0])
			return
		}
		sum := 0.0
		for c, v := range z {
			row[c] = squashed(v)
			sum += row[c]
		}
		for c := range row {
			row[c] /= sum
		}
	})
}

// squashed rises from 0 to 1, with squashed(z) + squashed(-z) = 1.
func squashed(z float64) float64 {
	const from = 10
	if math.Abs(z) <= from {
		return sigmoid(z)
	}
	rest := sigmoid(-from) / (math.Abs(z) - from + 1)
	if z > 0 {
		return 1 - rest
	}
	return rest
}
