package ensemble

import (
	"context"
	"fmt"

	"flowbook/eval/resample"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/models"
)

// outOfFold fits each learner K+1 times: on all folds but one, to score the rows of
// that one, which it has not met, and on all rows, to stay. scores[l] are rows by
// classes. With one class there is nothing to deal, and every score is 1.
//
// Rows with equal features stay in one fold, as far as there are groups of them
// enough: a score of a row whose copy was learnt from is a score of memory.
func (t training) outOfFold(ctx context.Context, what string, learners []models.Learner, k int, seed rng.Seed) (scores [][]float64, members []member, err error) {
	folds, err := t.folds(k, seed.At("folds"))
	if err != nil {
		return nil, nil, err
	}
	n, classes := t.rows.Rows(), len(t.classes)
	scores = make([][]float64, len(learners))
	for l := range scores {
		scores[l] = make([]float64, n*classes)
		if folds.Len() == 0 {
			for i := range scores[l] {
				scores[l][i] = 1
			}
		}
	}
	tasks := folds.Len() + 1
	progress := par.Track(ctx, what, len(learners)*tasks)
	defer progress.Done()
	fitted, err := par.Map(ctx, len(learners)*tasks, func(ctx context.Context, i int) (member, error) {
		// The fits on all rows come first: they take longest.
		l, fold := i%len(learners), i/len(learners)-1
		m, err := t.fold(ctx, learners[l], seed.Index("member", l), folds, fold, scores[l])
		if err != nil {
			return m, trouble(what, l, learners[l], err)
		}
		progress.Add(1)
		return m, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return scores, fitted[:len(learners)], nil
}

// fold fits one learner on the training rows of a fold and writes the scores of its
// test rows; fold -1 has all rows to train on and none to score.
func (t training) fold(ctx context.Context, l models.Learner, seed rng.Seed, folds resample.Folds, fold int, scores []float64) (member, error) {
	if fold < 0 {
		return fitMember(ctx, l, seed.At("all"), t.rows, t.classes)
	}
	m, err := fitMember(ctx, l, seed.Index("fold", fold), t.rows.Take(folds.Train[fold]), t.classes)
	if err != nil {
		return m, fmt.Errorf("fold %d: %w", fold+1, err)
	}
	test, k := folds.Test[fold], len(t.classes)
	p, err := m.predict(ctx, t.rows.Take(test), k)
	if err != nil {
		return m, fmt.Errorf("fold %d: %w", fold+1, err)
	}
	for i, r := range test {
		copy(scores[r*k:(r+1)*k], p[i*k:])
	}
	return member{}, nil // it has done its work
}

// folds deals the rows into k stratified folds, fewer where there are fewer rows.
func (t training) folds(k int, seed rng.Seed) (resample.Folds, error) {
	if k == 0 {
		k = 5
	}
	if k < 2 {
		return resample.Folds{}, fmt.Errorf("ensemble: K is %d; want at least 2, or 0 for 5", k)
	}
	if len(t.classes) == 1 {
		return resample.Folds{}, nil
	}
	groups := resample.GroupsOf(t.rows)
	distinct := 0
	for _, g := range groups {
		distinct = max(distinct, g+1)
	}
	if distinct >= k {
		folds, err := resample.StratifiedGroupKFold{K: k, Seed: seed}.Split(t.labels, groups)
		return folds, within(err)
	}
	folds, err := resample.StratifiedKFold{K: min(k, len(t.labels)), Seed: seed}.Split(t.labels)
	return folds, within(err)
}
