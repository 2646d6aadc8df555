// Package bayes answers: how far do the features go, each looked at alone?
//
// Naive Bayes takes the features for independent within each class: a row's score
// is the class's prior times one factor a feature. Fitting is counting, so it is
// the first model worth trying and the fastest.
//
//	model, err := bayes.Mixed{}.Fit(ctx, train.WithTarget("class"))
//	p, err := model.Predict(ctx, test)
//
// Mixed takes numbers and categories as they are and is the one to use. Gaussian,
// Bernoulli and Categorical are the textbook's, with the answers of scikit-learn's
// GaussianNB, BernoulliNB and CategoricalNB.
//
// A missing value is left out, in fitting and in scoring: its factor is 1. The
// probabilities are pushed towards 0 and 1 where features repeat each other; their
// order is better than their size.
package bayes

import (
	"context"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Prior is the share of a class expected where the model is used.
type Prior struct {
	Class string
	Share float64
}

// Model is a fitted learner of this package.
type Model struct {
	classes []string
	plan    *dense.Plan
	prior   []float64 // log of each class's prior; -Inf for a class of weight 0
	bells   []bell
	steps   []step
	charts  []chart
}

// bell scores a number by one normal density a class.
type bell struct {
	column          int // of the plan
	mean, half, top []float64
	spread          float64 // the variance over all classes in training
}

// step scores a number by which side of a threshold it is on.
type step struct {
	column    int
	threshold float64
	off, on   []float64
}

// chart scores a categorical source by a line of k log factors a code: unseen,
// missing, level 0, level 1, …
type chart struct {
	source int
	score  []float64
}

// Classes are the classes of training, sorted.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of factors that the model keeps.
func (m *Model) Size() (int, string) {
	n := len(m.classes)
	for _, b := range m.bells {
		n += 2 * len(b.mean)
	}
	for _, s := range m.steps {
		n += len(s.on)
	}
	for _, c := range m.charts {
		n += len(c.score)
	}
	return n, "parameters"
}

// Predict gives each class's share of the joint likelihood. A row that no class
// gives a likelihood above 0 in float64, or that is so far out that its logarithm
// is infinite, gets the priors. An infinite number is an error.
func (m *Model) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	z, n, err := m.joint(ctx, rows)
	if err != nil {
		return models.Prediction{}, err
	}
	p := models.Prediction{Classes: m.Classes(), P: z}
	prior := slices.Clone(m.prior)
	softmax(prior)
	par.Blocks(n, blockRows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			if row := p.Row(i); !softmax(row) {
				copy(row, prior)
			}
		}
	})
	return p, nil
}

// Joint returns log prior + Σ log factor for each row and class, row-major: rows ×
// classes. It is -Inf for a class whose training rows all have weight 0.
func (m *Model) Joint(ctx context.Context, rows table.View) ([]float64, error) {
	z, _, err := m.joint(ctx, rows)
	return z, err
}

const (
	blockRows = 4096 // rows of one item of parallel work
	tile      = 512  // rows scored at a time, class by class
)

func (m *Model) joint(ctx context.Context, rows table.View) ([]float64, int, error) {
	r, err := m.plan.Bind("bayes", rows)
	if err != nil {
		return nil, 0, err
	}
	k := len(m.classes)
	z := make([]float64, r.Len()*k)
	_, err = par.Map(ctx, par.Count(r.Len(), blockRows), func(_ context.Context, b int) (struct{}, error) {
		lo, hi := b*blockRows, min(r.Len(), (b+1)*blockRows)
		x, s := make([]float64, tile), make([]float64, tile*k)
		for ; lo < hi; lo += tile {
			to := min(hi, lo+tile)
			if err := m.score(r, x[:to-lo], s[:(to-lo)*k], lo, to); err != nil {
				return struct{}{}, err
			}
			for i := range to - lo {
				for c := range k {
					z[(lo+i)*k+c] = s[c*(to-lo)+i]
				}
			}
		}
		return struct{}{}, nil
	})
	if err == nil {
		err = ctx.Err() // also where there are no rows
	}
	return z, r.Len(), err
}

// score fills s, a line of hi-lo scores a class, for rows lo ≤ i < hi.
func (m *Model) score(r *dense.Rows, x, s []float64, lo, hi int) error {
	n := hi - lo
	line := func(c int) []float64 { return s[c*n : (c+1)*n] }
	for c, v := range m.prior {
		for i := range line(c) {
			s[c*n+i] = v
		}
	}
	k := len(m.classes)
	for _, t := range m.charts {
		codes := r.Codes(t.source)[lo:hi]
		for c := range k {
			l := line(c)
			for i, code := range codes {
				l[i] += t.score[int(code+1)*k+c]
			}
		}
	}
	for _, b := range m.bells {
		if err := finite(r, b.column, x, lo, hi); err != nil {
			return err
		}
		for c := range k {
			b.add(c, x, line(c))
		}
	}
	for _, t := range m.steps {
		if err := finite(r, t.column, x, lo, hi); err != nil {
			return err
		}
		for c := range k {
			l := line(c)
			for i, v := range x {
				switch {
				case v > t.threshold:
					l[i] += t.on[c]
				case v <= t.threshold:
					l[i] += t.off[c]
				}
			}
		}
	}
	return nil
}

func (b *bell) add(c int, x, score []float64) {
	mean, half, top := b.mean[c], b.half[c], b.top[c]
	for i, v := range x {
		d := v - mean
		if q := float64(d*d) * half; q == q { // not missing
			score[i] += top - q
		}
	}
}

// finite reads a column's numbers; missing ones stay NaN, infinite ones are an error.
func finite(r *dense.Rows, column int, x []float64, lo, hi int) error {
	r.Values(column, x, lo, hi)
	for i, v := range x {
		if v-v != 0 && v == v {
			return r.Bad("bayes", column, lo+i, v)
		}
	}
	return nil
}

// softmax turns log scores into shares of 1 in place; false if none is finite.
func softmax(z []float64) bool {
	top := slices.Max(z)
	if math.IsInf(top, 0) || math.IsNaN(top) {
		return false
	}
	sum := 0.0
	for c, v := range z {
		z[c] = math.Exp(v - top)
		sum += z[c]
	}
	for c := range z {
		z[c] /= sum
	}
	return true
}
