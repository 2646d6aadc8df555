// Package svm answers: how far does a boundary of largest margin go, when it may
// bend?
//
// RBF is the support vector machine with the Gaussian kernel, solved to its one
// optimum; its cost grows with the square of the rows, and it takes some twenty
// thousand. Nystroem works on the kernel to a few hundred landmark rows and takes
// any number.
//
//	learner := encode.Then(svm.RBF{C: 10}, encode.OneHot{}, encode.Standardize{})
//	model, err := learner.Fit(ctx, train.WithTarget("class"))
package svm

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// RBF is a support vector machine with the kernel K(x, z) = exp(-γ|x-z|²) [1]. For
// two classes, y = ±1, it minimises
//
//	½ |w|² + C Σ_i s_i max(0, 1 - y_i (w·φ(x_i) + b))
//
// in the space of the kernel, where K(x, z) = φ(x)·φ(z); s are the row weights (1
// without a weight column; rows of weight 0 are left out before anything is looked
// at). For a weight a class, give its rows that weight. More classes meet one against
// one: k(k-1)/2 machines, each on the rows of its two classes, which is cheaper than
// one against the rest and what libsvm does. This is the objective, and so the
// optimum, of scikit-learn's SVC. The zero value is ready.
//
// Features must be numbers, present and finite: put encode.OneHot, encode.Impute and
// encode.Standardize before it. The kernel sees distances: unscaled features drown
// the others.
//
// The answer is the class with most votes of the machines, and of a tie the one with
// the larger sum of margins. Scores are not probabilities. With two classes they are
// the logistic function of the margin f; with more the softmax of the votes plus
// t/(3(|t|+1)), t the sum of a class's margins, as in scikit-learn's
// decision_function with break_ties: the largest score is the answer, and scores
// rise with margins. ensemble.Calibrated makes probabilities of them.
//
// The solver is sequential minimal optimisation with second-order working sets [2],
// shrinking, and kernel rows in float32 (as in libsvm) in a cache of bounded size;
// what is summed is float64. Time between O(n²) and O(n³), the square times the usual
// number of entries of a row that differ from their column's usual value; memory
// CacheMB and O(n). Both cores compute kernel rows; the result does not depend on
// their number or on CacheMB.
//
// [1] Cortes, Vapnik (1995), Machine Learning 20, 273-297.
// [2] Fan, Chen, Lin (2005), JMLR 6, 1889-1918; Chang, Lin (2011), ACM TIST 2(3), 27.
type RBF struct {
	C         float64 // weight of the data against the width of the margin, above 0; 0 means 1
	Gamma     float64 // γ, above 0; 0 means 1/(p v), p columns, v the (weighted) variance of all their numbers: scikit-learn's "scale"
	Tolerance float64 // largest violation of the optimum's conditions, above 0; 0 means 1e-3
	MaxSteps  int     // steps of two rows, for each pair of classes; 0 means 10 million or 100 a row, the larger
	MaxRows   int     // more rows of weight above 0 are refused; 0 means 20,000
	CacheMB   int     // megabytes of kernel rows kept; 0 means 200
}

// Name is "RBF SVM".
func (RBF) Name() string { return "RBF SVM" }

// Fit finds the optimum for numeric features.
func (l RBF) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	return fitView(ctx, train, l.FitPlan)
}

// fitView fits the view's own numeric features.
func fitView(ctx context.Context, train table.View, fit func(context.Context, *dense.Plan, table.View) (models.Classifier, error)) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("svm", train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("svm", train)
	if err != nil {
		return nil, err
	}
	return fit(ctx, plan, train)
}

// FitPlan finds the optimum for the columns of a plan; encode.Then calls it.
func (l RBF) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	l, err := l.defaults()
	if err != nil {
		return nil, err
	}
	d, err := begin(ctx, plan, train, l.MaxRows, true)
	if err != nil {
		return nil, err
	}
	if l.Gamma == 0 {
		l.Gamma = d.scale()
	}
	m := &Machine{expansion: expansion{plan: plan, classes: d.classes, base: d.x.Base, gamma: l.Gamma}}
	pairs := m.pairs()
	at := min(max(1, len(pairs)), runtime.GOMAXPROCS(0)) // pairs that are solved at the same time
	budget := l.CacheMB << 18 / at
	solved, err := par.Map(ctx, len(pairs), func(ctx context.Context, p int) (*solution, error) {
		return l.pair(ctx, d, pairs[p], budget)
	})
	if err != nil {
		return nil, err
	}
	m.keep(d, pairs, solved)
	return m, nil
}

// pair solves the classes a and b: the margin is positive on the side of b.
func (l RBF) pair(ctx context.Context, d *data, pair [2]int, budget int) (*solution, error) {
	n := d.q.n()
	y, c := make([]float64, n), make([]float64, n)
	var active []int32
	for side, class := range pair {
		for i := d.first[class]; i < d.first[class+1]; i++ {
			active = append(active, int32(i))
			y[i], c[i] = float64(2*side-1), l.C
			if d.weights != nil {
				c[i] *= d.weights[i]
			}
		}
	}
	steps := l.MaxSteps
	if steps == 0 {
		steps = max(1e7, 100*len(active))
	}
	return newSMO(newKernelRows(d.q, l.Gamma, budget), active, y, c, l.Tolerance, steps).solve(ctx)
}

func (l RBF) defaults() (RBF, error) {
	if l.C == 0 {
		l.C = 1
	}
	if l.Tolerance == 0 {
		l.Tolerance = 1e-3
	}
	if l.MaxRows == 0 {
		l.MaxRows = 20000
	}
	if l.CacheMB == 0 {
		l.CacheMB = 200
	}
	switch {
	case !(l.C > 0) || math.IsInf(l.C, 0):
		return l, fmt.Errorf("svm: C is %v; want a number above 0", l.C)
	case !(l.Gamma >= 0) || math.IsInf(l.Gamma, 0):
		return l, fmt.Errorf("svm: Gamma is %v; want a number above 0, or 0 for 1/(columns × variance)", l.Gamma)
	case !(l.Tolerance > 0):
		return l, fmt.Errorf("svm: Tolerance is %v; want a number above 0", l.Tolerance)
	case l.MaxSteps < 0:
		return l, fmt.Errorf("svm: MaxSteps is %d; want at least 1", l.MaxSteps)
	case l.MaxRows < 0:
		return l, fmt.Errorf("svm: MaxRows is %d; want at least 1", l.MaxRows)
	case l.CacheMB < 0 || l.CacheMB > 1<<20:
		return l, fmt.Errorf("svm: CacheMB is %d; want 1 to %d", l.CacheMB, 1<<20)
	}
	return l, nil
}
