package ensemble

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/linear"
)

// Stacking learns how to combine learners (Wolpert 1992, Stacked generalization,
// Neural Networks 5, 241-259): the final learner's features are the members' scores
// of rows that they were not fitted on, out of K stratified folds. Then the members
// are fitted again, on all rows. With a Final of linear.Logistic it is what
// scikit-learn's StackingClassifier does.
//
// The final learner sees a column of scores a member and class, in the order in
// which the classes first appear, so that their names do not matter; the first of
// two classes is left out, for it says what the other does. It keeps the row
// weights. Rows with equal features stay in one fold, so that no member is asked
// for rows that it knows by heart; scikit-learn deals them apart. Members fitted on
// all rows score a little otherwise than those of the folds; a final learner that
// is smooth does not mind, a tree, whose cuts may lie anywhere between two scores,
// does. The zero value has nothing to stack and fails in Fit.
//
// Time K+1 fits a member, as many at the same time as there are cores.
type Stacking struct {
	Learners []models.Learner // at least one
	Final    models.Learner   // learns from scores; nil means linear.Logistic{}
	K        int              // folds, at least 2, no more than rows are used; 0 means 5
	Seed     rng.Seed         // of the folds and the members
}

// Name returns "stacking".
func (Stacking) Name() string { return "stacking" }

// WithSeed returns the ensemble with another seed.
func (s Stacking) WithSeed(seed rng.Seed) models.Learner { s.Seed = seed; return s }

// Fit scores the rows out of fold, fits the final learner on the scores and the
// members on all rows. It fails where there is no member, where K is out of range,
// and where a member fails, in one fold or on all rows.
func (s Stacking) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if err := present("Stacking", s.Learners); err != nil {
		return nil, err
	}
	if s.Final == nil {
		s.Final = linear.Logistic{}
	}
	t, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	scores, members, err := t.outOfFold(ctx, s.Name(), s.Learners, s.K, s.Seed)
	if err != nil {
		return nil, err
	}
	m := &Stacked{schema: t.schema, classes: t.classes, members: members, order: appearance(t.labels)}
	if len(m.order) == 2 {
		m.order = m.order[1:]
	}
	for i, l := range s.Learners {
		m.names = append(m.names, fmt.Sprintf("member %d, %s", i+1, l.Name()))
	}
	columns := m.columns(scores)
	target, _ := t.rows.Target()
	columns = append(columns, target.Named("class").As(table.Label))
	if t.weights != nil {
		columns = append(columns, table.Float("weight", "", t.weights).As(table.Weight))
	}
	meta, err := table.New("scores of "+t.rows.Table().Name(), columns...)
	if err != nil {
		return nil, fmt.Errorf("ensemble: stacking: %w", err)
	}
	final, err := models.WithSeed(s.Final, s.Seed.At("final")).Fit(ctx, meta.View())
	if err == nil {
		m.final, err = newMember(final, t.classes)
	}
	if err != nil {
		return nil, fmt.Errorf("ensemble: stacking: final learner, %s: %w", s.Final.Name(), err)
	}
	return m, nil
}

// Stacked is a fitted Stacking. It is immutable and safe for concurrent use.
type Stacked struct {
	schema  table.Schema
	classes []string
	names   []string // of the members
	order   []int    // classes whose scores are features
	members []member
	final   member
}

// Classes are the classes of training, sorted.
func (s *Stacked) Classes() []string { return slices.Clone(s.classes) }

// Size is the sum of the members' sizes, the final one left out, or their number
// where their units differ.
func (s *Stacked) Size() (int, string) { return size(s.members) }

// Members returns the members fitted on all rows, in order.
func (s *Stacked) Members() []models.Classifier { return classifiers(s.members) }

// Final returns the classifier of scores. Its features are called "member 1, NAME:
// score 1, CLASS".
func (s *Stacked) Final() models.Classifier { return s.final.Classifier }

// columns makes features of the members' scores, rows by classes each.
func (s *Stacked) columns(scores [][]float64) []table.Column {
	k := len(s.classes)
	var columns []table.Column
	for i, p := range scores {
		for at, c := range s.order {
			v := make([]float64, len(p)/k)
			for r := range v {
				v[r] = p[r*k+c]
			}
			columns = append(columns, table.Float(fmt.Sprintf("%s: score %d, %s", s.names[i], at+1, s.classes[c]), "", v))
		}
	}
	return columns
}

// appearance lists the classes in the order in which labels have them.
func appearance(labels []int) []int {
	var order []int
	seen := map[int]bool{}
	for _, c := range labels {
		if !seen[c] {
			seen[c] = true
			order = append(order, c)
		}
	}
	return order
}

// scoresAtOnce bounds the members' scores that are kept at a time, in numbers: 128 MB.
const scoresAtOnce = 1 << 24

// Predict gives the final classifier's scores of the members' scores.
func (s *Stacked) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	block := max(1, scoresAtOnce/(len(s.members)*len(s.classes)))
	if rows.Rows() <= block {
		return s.predict(ctx, rows)
	}
	out := models.Prediction{Classes: s.Classes()}
	for lo := 0; lo < rows.Rows(); lo += block {
		part := make([]int, min(block, rows.Rows()-lo))
		for i := range part {
			part[i] = lo + i
		}
		p, err := s.predict(ctx, rows.Take(part))
		if err != nil {
			return models.Prediction{}, err
		}
		out.P = append(out.P, p.P...)
	}
	return out, nil
}

func (s *Stacked) predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ready(ctx, s.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	scores := make([][]float64, len(s.members))
	for i, m := range s.members {
		var err error
		if scores[i], err = m.predict(ctx, rows, len(s.classes)); err != nil {
			return models.Prediction{}, fmt.Errorf("ensemble: stacking: %w", err)
		}
	}
	meta, err := table.New("scores", s.columns(scores)...)
	if err != nil {
		return models.Prediction{}, fmt.Errorf("ensemble: stacking: %w", err)
	}
	p, err := s.final.predict(ctx, meta.View(), len(s.classes))
	if err != nil {
		return models.Prediction{}, fmt.Errorf("ensemble: stacking: final classifier: %w", err)
	}
	return models.Prediction{Classes: s.Classes(), P: p}, nil
}
