package ensemble

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/histtree"
)

// Bagging fits N copies of a learner, each on a bootstrap sample of the rows, as
// many as there are, drawn with replacement, and gives each row the mean of their
// scores (Breiman 1996, Bagging predictors, Machine Learning 24, 123-140). The zero
// value is ready to use and bags what scikit-learn's BaggingClassifier does: ten
// full trees.
//
// A row's weight counts as often as the row was drawn. Members are fitted at the
// same time, as many as there are cores, and predict one after the other. Time N
// fits of n rows, of which some 0.63 n differ.
type Bagging struct {
	Learner models.Learner // what is bagged; nil means histtree.Tree{}
	N       int            // members; 0 means 10
	Seed    rng.Seed       // of the samples and the members
}

// Name returns "bagging".
func (Bagging) Name() string { return "bagging" }

// WithSeed returns the ensemble with another seed.
func (b Bagging) WithSeed(seed rng.Seed) models.Learner { b.Seed = seed; return b }

// Fit draws the samples and fits the members. It fails where N is negative and
// where a member fails.
func (b Bagging) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if b.N < 0 {
		return nil, fmt.Errorf("ensemble: N is %d; want at least 1, or 0 for 10", b.N)
	}
	if b.N == 0 {
		b.N = 10
	}
	if b.Learner == nil {
		b.Learner = histtree.Tree{}
	}
	t, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	fit, err := b.fitter(ctx, t)
	if err != nil {
		return nil, within(err)
	}
	progress := par.Track(ctx, b.Name(), b.N)
	defer progress.Done()
	members, err := par.Map(ctx, b.N, func(ctx context.Context, i int) (member, error) {
		seed := b.Seed.Index("member", i)
		c, err := fit(ctx, draw(t.rows.Rows(), seed.At("rows")), seed)
		if err != nil {
			return member{}, trouble("bagging", i, b.Learner, err)
		}
		m, err := newMember(c, t.classes)
		if err != nil {
			return member{}, trouble("bagging", i, b.Learner, err)
		}
		progress.Add(1)
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	return &Mean{schema: t.schema, classes: t.classes, members: members}, nil
}

// fitter returns what fits a member to rows drawn so many times. A learner that can
// prepare takes the times as weights: a tree cuts its bins once for all members, and
// grows, to the bit, what it would grow on the rows themselves, from fewer of them.
// Others may not heed weights and get the rows as often as they were drawn.
func (b Bagging) fitter(ctx context.Context, t training) (func(ctx context.Context, times []int, seed rng.Seed) (models.Classifier, error), error) {
	p, ok := b.Learner.(preparer)
	if !ok {
		return func(ctx context.Context, times []int, seed rng.Seed) (models.Classifier, error) {
			return models.WithSeed(b.Learner, seed).Fit(ctx, t.repeated(times))
		}, nil
	}
	refit, err := p.Prepare(ctx, t.rows)
	return func(ctx context.Context, times []int, seed rng.Seed) (models.Classifier, error) {
		weights := make([]float64, len(times))
		for i, k := range times {
			weights[i] = float64(k) * t.weight(i)
		}
		return refit(ctx, weights, seed)
	}, err
}

// draw counts how often each row was drawn.
func draw(n int, seed rng.Seed) []int {
	times := make([]int, n)
	g := seed.Rand()
	for range n {
		times[g.IntN(n)]++
	}
	return times
}

// repeated returns the rows in order, each so many times.
func (t training) repeated(times []int) table.View {
	rows := make([]int, 0, len(times))
	for i, k := range times {
		for range k {
			rows = append(rows, i)
		}
	}
	return t.rows.Take(rows)
}

// Mean is fitted members whose scores are averaged: bagging, soft voting.
type Mean struct {
	schema  table.Schema
	classes []string
	members []member
	vote    bool // each member's best class counts 1, in the place of its scores
}

// Classes are the classes of training, sorted.
func (m *Mean) Classes() []string { return slices.Clone(m.classes) }

// Size is the sum of the members' sizes, or their number where their units differ.
func (m *Mean) Size() (int, string) { return size(m.members) }

// Members returns the fitted members in order.
func (m *Mean) Members() []models.Classifier { return classifiers(m.members) }

// Votes reports whether each member's best class counts 1, in the place of its scores.
func (m *Mean) Votes() bool { return m.vote }

func classifiers(members []member) []models.Classifier {
	out := make([]models.Classifier, len(members))
	for i, m := range members {
		out[i] = m.Classifier
	}
	return out
}

// Predict averages the members' scores, or their votes. They are added in order.
func (m *Mean) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ready(ctx, m.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	k := len(m.classes)
	out := models.NewPrediction(m.Classes(), rows.Rows())
	for _, mem := range m.members {
		p, err := mem.predict(ctx, rows, k)
		if err != nil {
			return models.Prediction{}, within(err)
		}
		for i := 0; i < len(p); i += k {
			if m.vote {
				out.P[i+best(p[i:i+k])]++
				continue
			}
			for c, v := range p[i : i+k] {
				out.P[i+c] += v
			}
		}
	}
	for i := range out.P {
		out.P[i] /= float64(len(m.members))
	}
	return out, nil
}
