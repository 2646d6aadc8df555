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
	"fmt"
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

// task is what every Fit of this package starts from.
type task struct {
	rows    *dense.Rows
	labels  []int
	classes []string
	weights []float64   // nil: all 1
	counts  [][]float64 // by source; nil for a number
	model   *Model
}

// begin binds the plan, counts the levels of categories and sets the priors: those
// given, else each class's share of the weight.
func begin(ctx context.Context, plan *dense.Plan, train table.View, given []Prior) (*task, error) {
	labels, classes, weights, err := models.Trainable("bayes", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := plan.Bind("bayes", train)
	if err != nil {
		return nil, err
	}
	t := &task{rows: rows, labels: labels, classes: classes, weights: weights, counts: make([][]float64, len(plan.Source))}
	t.model = &Model{classes: classes, plan: plan, prior: make([]float64, len(classes))}
	total := 0.0
	for i, c := range labels {
		t.model.prior[c] += t.weight(i)
		total += t.weight(i)
	}
	for c := range classes {
		t.model.prior[c] = math.Log(t.model.prior[c] / total)
	}
	par.Do(len(t.counts), func(s int) {
		if plan.Source[s].Kind == table.CodeKind {
			t.counts[s] = t.count(s)
		}
	})
	if given != nil {
		err = t.priors(given)
	}
	return t, err
}

func (t *task) weight(i int) float64 {
	if t.weights == nil {
		return 1
	}
	return t.weights[i]
}

// priors checks and takes the priors given. A class without weight stays impossible.
func (t *task) priors(given []Prior) error {
	sum := 0.0
	seen := make([]bool, len(t.classes))
	for _, p := range given {
		c, ok := slices.BinarySearch(t.classes, p.Class)
		switch {
		case !ok:
			return fmt.Errorf("bayes: a prior is given for class %q, which is not among %q", p.Class, t.classes)
		case seen[c]:
			return fmt.Errorf("bayes: two priors are given for class %q", p.Class)
		case !(p.Share > 0):
			return fmt.Errorf("bayes: the prior of class %q is %v; want a share in (0, 1]", p.Class, p.Share)
		}
		seen[c] = true
		sum += p.Share
		if !math.IsInf(t.model.prior[c], -1) {
			t.model.prior[c] = math.Log(p.Share)
		}
	}
	if c := slices.Index(seen, false); c >= 0 {
		return fmt.Errorf("bayes: no prior is given for class %q; give one for each class or none", t.classes[c])
	}
	if !(math.Abs(sum-1) <= 1e-9) {
		return fmt.Errorf("bayes: the priors sum to %v; want 1", sum)
	}
	return nil
}

// k is the number of classes.
func (t *task) k() int { return len(t.classes) }

// numbers lists the columns that are numbers.
func (t *task) numbers() []int {
	var columns []int
	for j, c := range t.rows.Plan().Columns {
		if c.Kind == dense.Number || c.Kind == dense.Lookup {
			columns = append(columns, j)
		}
	}
	return columns
}

// sources lists the categorical sources of the columns of a kind, rising.
func (t *task) sources(kind dense.Kind) []int {
	var out []int
	for _, c := range t.rows.Plan().Columns {
		if c.Kind == kind {
			out = append(out, c.Source)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// count returns the weight of each code and class of a source: a line of k a
// code, unseen first, then missing.
func (t *task) count(source int) []float64 {
	k := t.k()
	n := make([]float64, (len(t.rows.Plan().Source[source].Levels)+2)*k)
	for i, code := range t.rows.Codes(source) {
		n[int(code+1)*k+t.labels[i]] += t.weight(i)
	}
	return n
}

// hot fills the chart of a source from its one-hot columns: factor(on, n) is the
// log factor of a column with the value off and on, given the weight on[c] of its
// level within the weight n[c] of each class.
func (t *task) hot(source int, factor func(c dense.Column, on, n []float64) (offScore, onScore []float64)) chart {
	k, count := t.k(), t.counts[source]
	n := make([]float64, k)
	for i, v := range count {
		n[i%k] += v
	}
	var columns []dense.Column
	var offs, ons [][]float64
	for _, c := range t.rows.Plan().Columns {
		if c.Kind == dense.Hot && c.Source == source {
			off, on := factor(c, count[int(c.Code+1)*k:int(c.Code+2)*k], n)
			columns, offs, ons = append(columns, c), append(offs, off), append(ons, on)
		}
	}
	// before[j] and after[j] sum the off scores of the columns left and right of j, so
	// that a code costs one addition a class and no sum cancels.
	q := len(columns)
	before, after := make([]float64, (q+1)*k), make([]float64, (q+1)*k)
	for j := range q {
		for c := range k {
			before[(j+1)*k+c] = before[j*k+c] + offs[j][c]
		}
	}
	for j := q - 1; j >= 0; j-- {
		for c := range k {
			after[j*k+c] = after[(j+1)*k+c] + offs[j][c]
		}
	}
	out := chart{source, make([]float64, len(count))}
	at := make([][]int, len(count)/k)
	for j, c := range columns {
		at[c.Code+1] = append(at[c.Code+1], j)
	}
	for code, places := range at {
		line := out.score[code*k : (code+1)*k]
		switch len(places) {
		case 0:
			copy(line, before[q*k:])
		case 1:
			j := places[0]
			for c := range line {
				line[c] = before[j*k+c] + ons[j][c] + after[(j+1)*k+c]
			}
		default: // a level with two columns
			for j := range columns {
				for c := range line {
					if slices.Contains(places, j) {
						line[c] += ons[j][c]
					} else {
						line[c] += offs[j][c]
					}
				}
			}
		}
	}
	return out
}
