// Package ensemble answers: do several learners together judge better than one,
// and what is a score worth as a probability?
//
//	ensemble.Bagging{N: 50, Seed: seed}                                  // trees on bootstrap samples
//	ensemble.AdaBoost{}                                                  // 50 stumps, each on what those before got wrong
//	ensemble.Voting{Learners: learners, Soft: true}                      // the mean of their scores
//	ensemble.Stacking{Learners: learners}                                // a logistic regression on their scores
//	ensemble.Calibrated{Learner: forest, Method: ensemble.Isotonic}      // scores that are probabilities
//	ensemble.ClassWeighted{Learner: forest}                              // rare classes weigh as much as common ones
//
// All of them are learners and take any learner as a member, also one with
// encoders before it (encode.Then) and one of their own kind. Members that draw
// random numbers get a seed each, below the ensemble's own, in the place of the one
// they were given. Rows of weight 0 are left out before anything is drawn or dealt.
package ensemble

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
)

// training is what every Fit starts from.
type training struct {
	rows    table.View // those of a weight above 0
	labels  []int
	classes []string
	weights []float64 // nil: all 1
	schema  table.Schema
}

// begin checks the rows and leaves out those of weight 0.
func begin(ctx context.Context, train table.View) (training, error) {
	if err := ctx.Err(); err != nil {
		return training{}, within(err)
	}
	t := training{rows: train}
	var err error
	if t.labels, t.classes, t.weights, err = models.Trainable("ensemble", train); err != nil {
		return t, err
	}
	t.schema = table.SchemaOf(train)
	if !slices.Contains(t.weights, 0) {
		return t, nil
	}
	var kept []int
	for i, w := range t.weights {
		if w > 0 {
			kept = append(kept, i)
		}
	}
	t.rows = train.Take(kept)
	t.labels, t.classes, t.weights, err = models.Trainable("ensemble", t.rows)
	return t, err
}

// weight of row i; nil weights are all 1.
func (t training) weight(i int) float64 {
	if t.weights == nil {
		return 1
	}
	return t.weights[i]
}

// ready checks what every Predict checks first.
func ready(ctx context.Context, schema table.Schema, rows table.View) error {
	if err := ctx.Err(); err != nil {
		return within(err)
	}
	return models.Predictable("ensemble", schema, rows)
}

// A member is a fitted part of an ensemble and where its classes, which may be
// fewer, stand among those of the whole.
type member struct {
	models.Classifier
	place []int
}

func newMember(c models.Classifier, classes []string) (member, error) {
	m := member{Classifier: c}
	for _, name := range c.Classes() {
		i, ok := slices.BinarySearch(classes, name)
		if !ok {
			return m, fmt.Errorf("it answers class %q, which is not among those of training, %q", name, classes)
		}
		m.place = append(m.place, i)
	}
	return m, nil
}

// predict returns the member's scores of the rows by the ensemble's k classes; a
// class that the member does not know has a score of 0.
func (m member) predict(ctx context.Context, rows table.View, k int) ([]float64, error) {
	p, err := m.Predict(ctx, rows)
	if err != nil {
		return nil, err
	}
	if len(m.place) == k {
		return p.P, nil // sorted alike: the same places
	}
	out := make([]float64, rows.Rows()*k)
	for i := range rows.Rows() {
		for c, v := range p.Row(i) {
			out[i*k+m.place[c]] = v
		}
	}
	return out, nil
}

// size adds up the members' sizes where they have one unit, and counts the members
// where they do not.
func size(members []member) (int, string) {
	total, unit := 0, ""
	for i, m := range members {
		s, ok := m.Classifier.(models.Sized)
		if !ok {
			return len(members), "models"
		}
		n, u := s.Size()
		if i > 0 && u != unit {
			return len(members), "models"
		}
		total, unit = total+n, u
	}
	return total, unit
}

// best is the index of the highest score, the lowest of a tie.
func best(scores []float64) int {
	b := 0
	for c, v := range scores {
		if v > scores[b] {
			b = c
		}
	}
	return b
}

// within puts the package's name before an error of another.
func within(err error) error {
	if err != nil {
		err = fmt.Errorf("ensemble: %w", err)
	}
	return err
}

// trouble says which member failed.
func trouble(what string, i int, l models.Learner, err error) error {
	return fmt.Errorf("ensemble: %s: member %d, %s: %w", what, i+1, l.Name(), err)
}
