package encode

import (
	"context"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Then puts steps before a learner. Its Fit fits each step on the training rows
// as the steps before left them, then the learner; target and weights go through
// unchanged. It has the learner's name and takes a seed if the learner does. A
// fitted classifier expects rows with the raw columns and is Sized if the
// learner's is.
func Then(l models.Learner, steps ...Step) models.Learner {
	c := chain{l, steps}
	if _, ok := l.(models.Seeded); ok {
		return seededChain{c}
	}
	return c
}

type chain struct {
	learner models.Learner
	steps   []Step
}

func (c chain) Name() string { return c.learner.Name() }

// Unwrap returns the learner behind the steps.
func (c chain) Unwrap() models.Learner { return c.learner }

func (c chain) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("encode", train); err != nil {
		return nil, err
	}
	p, rows, err := fitAll(ctx, c.steps, train)
	if err != nil {
		return nil, err
	}
	if l, ok := c.learner.(dense.Learner); ok && p.last != nil {
		model, err := l.FitPlan(ctx, p.last, rows)
		if err != nil || len(p.before) == 0 {
			return model, err
		}
		p.last = nil // the model holds it
		return wrap(p, model), nil
	}
	if rows, err = p.finish(rows); err != nil {
		return nil, err
	}
	model, err := c.learner.Fit(ctx, rows)
	if err != nil {
		return nil, err
	}
	return wrap(p, model), nil
}

type seededChain struct{ chain }

func (c seededChain) WithSeed(s rng.Seed) models.Learner {
	return Then(models.WithSeed(c.learner, s), c.steps...)
}

// wrap puts a fitted pipeline before a fitted classifier.
func wrap(p pipeline, model models.Classifier) models.Classifier {
	e := encoded{p, model}
	if s, ok := model.(models.Sized); ok {
		return sizedEncoded{e, s}
	}
	return e
}

type encoded struct {
	pipeline pipeline
	model    models.Classifier
}

func (e encoded) Classes() []string { return e.model.Classes() }

// Unwrap returns the classifier behind the encoders.
func (e encoded) Unwrap() models.Classifier { return e.model }

func (e encoded) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	t, err := e.pipeline.transform(ctx, rows, false)
	if err != nil {
		return models.Prediction{}, err
	}
	return e.model.Predict(ctx, t.View())
}

type sizedEncoded struct {
	encoded
	models.Sized
}
