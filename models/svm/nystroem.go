package svm

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Nystroem is a support vector machine with the Gaussian kernel of RBF as seen from a
// few landmark rows L, for more rows than RBF takes [1]. A row x becomes the features
//
//	φ(x) = Λ^(-1/2) Uᵀ K(L, x),  where K(L, L) = U Λ Uᵀ
//
// whose products φ(x)·φ(z) are K(x, L) K(L, L)⁻¹ K(L, z): the kernel itself where x or
// z is a landmark, and near it where landmarks are near. They are the features of
// scikit-learn's Nystroem but for a rotation, which a quadratic penalty does not see.
// Directions with an eigenvalue below 1e-8 of the largest are left out. In the
// features it minimises, for each class against the others (the second, of two),
//
//	½ |w|² + C Σ_i s_i max(0, 1 - y_i (w·φ(x_i) + b))²
//
// over all rows, s the row weights (1 without a weight column): the objective of
// linear.SVM. The hinge is squared here and is not in RBF, so that with more landmarks
// the answers near those of a kernel machine with the squared hinge, which seldom
// differ from RBF's. The class of the largest w·φ + b wins. The zero value is ready.
//
// Landmarks are drawn by Seed, uniformly without replacement, from the rows that are
// distinct in their features and have a weight above 0, in the order in which they
// first occur: neither classes nor repeated rows change the draw. All are taken where
// there are no more than Landmarks.
//
// Features must be numbers, present and finite: put encode.OneHot, encode.Impute and
// encode.Standardize before it. Scores are the logistic function of w·φ + b with two
// classes, with more the softmax of each class's; ensemble.Calibrated makes
// probabilities of them.
//
// Features are float32, what is summed float64. With n rows, m landmarks and a usual
// number q of entries of a row that differ from their column's usual value, features
// cost O(n m (q + m)) and 4 n m bytes, a round of Newton's method O(n m + a m²) with
// a the rows within the margin [2]; predicting a row costs O(m q).
//
// [1] Williams, Seeger (2001), NIPS 13, 682-688; Drineas, Mahoney (2005), JMLR 6, 2153-2175.
// [2] Keerthi, DeCoste (2005), JMLR 6, 341-361: a modified finite Newton method.
type Nystroem struct {
	Landmarks int      // rows the kernel is seen from, 1 to 2000; 0 means 300
	C         float64  // weight of the data against the penalty, above 0; 0 means 1
	Gamma     float64  // γ, above 0; 0 means 1/(p v), as in RBF
	Tolerance float64  // relative precision of w aimed at, above 0; 0 means 1e-6
	MaxRounds int      // Newton rounds a class; 0 means 100
	Seed      rng.Seed // of the landmarks
}

// Name is "Nyström SVM".
func (Nystroem) Name() string { return "Nyström SVM" }

// WithSeed returns it with another seed.
func (l Nystroem) WithSeed(seed rng.Seed) models.Learner { l.Seed = seed; return l }

// Fit draws landmarks and finds the optimum for numeric features.
func (l Nystroem) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	return fitView(ctx, train, l.FitPlan)
}

// FitPlan does it for the columns of a plan; encode.Then calls it.
func (l Nystroem) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	l, err := l.defaults()
	if err != nil {
		return nil, err
	}
	d, err := begin(ctx, plan, train, 0, false)
	if err != nil {
		return nil, err
	}
	if l.Gamma == 0 {
		l.Gamma = d.scale()
	}
	m := &NystroemModel{expansion: expansion{plan: plan, classes: d.classes, base: d.x.Base, gamma: l.Gamma}}
	lines := linesOf(len(d.classes))
	m.intercept, m.rounds = make([]float64, lines), make([]int, lines)
	marks := d.landmarks(l.Landmarks, l.Seed)
	if lines == 0 {
		marks = nil
	}
	m.setVectors(d.q.take(marks))
	if lines == 0 {
		return m, nil
	}
	t, err := whiten(ctx, m.vectors, l.Gamma)
	if err != nil {
		return nil, err
	}
	m.features = t.cols
	phi, err := features(ctx, d.q, m.pack, l.Gamma, t)
	if err != nil {
		return nil, err
	}
	task := par.Track(ctx, "Nyström SVM", lines)
	defer task.Done()
	for c := range lines {
		h := newHinge(phi, t.cols, d, c, l.C)
		w, rounds, converged, err := h.solve(ctx, l.MaxRounds, l.Tolerance)
		if err != nil {
			return nil, err
		}
		m.segments = append(m.segments, segment{line: c, coeff: t.times(w[:t.cols])})
		m.intercept[c], m.rounds[c] = w[t.cols], rounds
		if !converged {
			m.warning = fmt.Sprintf("svm: Nyström SVM of class %q stopped after %d rounds without reaching its tolerance", d.classes[len(d.classes)-lines+c], rounds)
		}
		task.Add(1)
	}
	return m, nil
}

// linesOf is the number of lines for k classes: none for one, one for two.
func linesOf(k int) int {
	if k <= 2 {
		return k - 1
	}
	return k
}

func (l Nystroem) defaults() (Nystroem, error) {
	if l.Landmarks == 0 {
		l.Landmarks = 300
	}
	if l.C == 0 {
		l.C = 1
	}
	if l.Tolerance == 0 {
		l.Tolerance = 1e-6
	}
	if l.MaxRounds == 0 {
		l.MaxRounds = 100
	}
	switch {
	case l.Landmarks < 0 || l.Landmarks > 2000:
		return l, fmt.Errorf("svm: Landmarks is %d; want 1 to 2000, for their eigenvalues cost its cube", l.Landmarks)
	case !(l.C > 0) || math.IsInf(l.C, 0):
		return l, fmt.Errorf("svm: C is %v; want a number above 0", l.C)
	case !(l.Gamma >= 0) || math.IsInf(l.Gamma, 0):
		return l, fmt.Errorf("svm: Gamma is %v; want a number above 0, or 0 for 1/(columns × variance)", l.Gamma)
	case !(l.Tolerance > 0):
		return l, fmt.Errorf("svm: Tolerance is %v; want a number above 0", l.Tolerance)
	case l.MaxRounds < 0:
		return l, fmt.Errorf("svm: MaxRounds is %d; want at least 1", l.MaxRounds)
	}
	return l, nil
}

// NystroemModel is a fitted Nystroem. It is immutable and safe for concurrent use.
type NystroemModel struct {
	expansion // its vectors are the landmarks
	features  int
	rounds    []int // by line
	warning   string
}

// Size is the number of landmarks.
func (m *NystroemModel) Size() (int, string) { return m.vectors.n(), "landmarks" }

// Features is the number of directions that the landmarks span.
func (m *NystroemModel) Features() int { return m.features }

// Rounds is the number of Newton rounds of each line, those on a sample included.
func (m *NystroemModel) Rounds() []int { return append([]int(nil), m.rounds...) }

// Warning says that the optimum was not reached; "" if it was.
func (m *NystroemModel) Warning() string { return m.warning }

// Margins returns w·φ + b of every row, row-major: of the second class of two, or of
// each class.
func (m *NystroemModel) Margins(ctx context.Context, rows table.View) ([]float64, error) {
	return m.values(ctx, rows)
}

// Predict scores by margins; see Nystroem for how.
func (m *NystroemModel) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	f, err := m.values(ctx, rows)
	if err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(m.Classes(), rows.Rows())
	par.Blocks(rows.Rows(), 4096, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.Row(i)
			switch len(row) {
			case 1:
				row[0] = 1
			case 2:
				row[0], row[1] = logistic(-f[i]), logistic(f[i])
			default:
				copy(row, f[i*len(row):])
				softmax(row)
			}
		}
	})
	return p, nil
}
