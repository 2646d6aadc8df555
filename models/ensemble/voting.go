package ensemble

import (
	"context"
	"fmt"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// Voting fits different learners on the same rows and lets each have an equal say:
// the share of votes for a class is its score, or, where Soft, the mean of the
// scores (Kittler, Hatef, Duin, Matas 1998, On combining classifiers, IEEE PAMI 20,
// 226-239: the vote and the sum rule). Of equal shares the class that sorts first
// wins, as in scikit-learn's VotingClassifier.
//
// Votes of few members make coarse scores; for curves and log loss take Soft. The
// zero value has nobody to vote and fails in Fit.
type Voting struct {
	Learners []models.Learner // at least one
	Soft     bool             // average scores, where false counts votes
	Seed     rng.Seed         // of the members
}

// Name returns "voting".
func (Voting) Name() string { return "voting" }

// WithSeed returns the ensemble with another seed.
func (v Voting) WithSeed(seed rng.Seed) models.Learner { v.Seed = seed; return v }

// Fit fits the members. It fails where there is none and where one fails.
func (v Voting) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if err := present("Voting", v.Learners); err != nil {
		return nil, err
	}
	t, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	progress := par.Track(ctx, v.Name(), len(v.Learners))
	defer progress.Done()
	members, err := par.Map(ctx, len(v.Learners), func(ctx context.Context, i int) (member, error) {
		m, err := fitMember(ctx, v.Learners[i], v.Seed.Index("member", i), t.rows, t.classes)
		if err != nil {
			return m, trouble("voting", i, v.Learners[i], err)
		}
		progress.Add(1)
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	return &Mean{schema: t.schema, classes: t.classes, members: members, vote: !v.Soft}, nil
}

func fitMember(ctx context.Context, l models.Learner, seed rng.Seed, rows table.View, classes []string) (member, error) {
	c, err := models.WithSeed(l, seed).Fit(ctx, rows)
	if err != nil {
		return member{}, err
	}
	return newMember(c, classes)
}

// present checks a list of learners.
func present(what string, learners []models.Learner) error {
	if len(learners) == 0 {
		return fmt.Errorf("ensemble: %s has no Learners; want at least one", what)
	}
	for i, l := range learners {
		if l == nil {
			return fmt.Errorf("ensemble: %s: Learners[%d] is nil; want a learner", what, i)
		}
	}
	return nil
}
