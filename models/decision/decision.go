// Package decision answers: what did a fit decide beside its model, and how does
// that stay with the model when it is saved?
//
//	model = decision.Cut(model, "attack", 0.31) // a threshold other than one half
//	model = decision.Chosen(model, "tree, candidate 2")
//
// eval.Thresholded and eval.Tuned return these; they live here because what is to be
// saved stands among the models.
package decision

import (
	"context"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/wire"
)

// Thresholder is a classifier with a threshold of its own: Positive is the class and
// Threshold the score, from 0 to 1, of the classifier behind it from which on a row
// counts as positive. Its own scores are moved so that the threshold lies at 0.5.
type Thresholder interface {
	models.Classifier
	Positive() string
	Threshold() float64
	Unwrap() models.Classifier
}

// Chooser is a classifier that won a comparison within its training rows.
type Chooser interface {
	models.Classifier
	Chosen() string
	Unwrap() models.Classifier
}

// Cut returns a two-class model whose threshold for class positive is τ, from 0 to 1:
// its scores s become s/2τ below τ and (1 + (s-τ)/(1-τ))/2 above, so that one half
// is where the decision turns. Their order stays. A model without that class, or of
// one class, keeps its scores.
func Cut(model models.Classifier, positive string, threshold float64) models.Classifier {
	c := cut{model, positive, threshold}
	if s, ok := model.(models.Sized); ok {
		return sizedCut{c, s}
	}
	return c
}

// Move writes the two scores of a row so that a score of threshold for the class at
// becomes 0.5.
func Move(scores, out []float64, at int, threshold float64) {
	s := scores[at]
	switch {
	case threshold == 0.5:
	case s < threshold:
		s = s / (2 * threshold)
	case threshold >= 1: // the middle of 1 and the number below it rounds to 1
		s = 1
	default:
		s = 0.5 + 0.5*((s-threshold)/(1-threshold))
	}
	out[at], out[1-at] = s, 1-s
}

type cut struct {
	models.Classifier
	positive  string
	threshold float64
}

func (c cut) Positive() string          { return c.positive }
func (c cut) Threshold() float64        { return c.threshold }
func (c cut) Unwrap() models.Classifier { return c.Classifier }

func (c cut) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	p, err := c.Classifier.Predict(ctx, rows)
	at := slices.Index(p.Classes, c.positive)
	if err != nil || len(p.Classes) != 2 || at < 0 || c.threshold == 0.5 {
		return p, err
	}
	moved := models.NewPrediction(p.Classes, p.Rows())
	for i := range p.Rows() {
		Move(p.Row(i), moved.Row(i), at, c.threshold)
	}
	return moved, nil
}

type sizedCut struct {
	cut
	models.Sized
}

// Chosen returns the model with the name of the candidate that it is.
func Chosen(model models.Classifier, name string) models.Classifier {
	c := chosen{model, name}
	if s, ok := model.(models.Sized); ok {
		return sizedChosen{c, s}
	}
	return c
}

type chosen struct {
	models.Classifier
	name string
}

func (c chosen) Chosen() string            { return c.name }
func (c chosen) Unwrap() models.Classifier { return c.Classifier }

type sizedChosen struct {
	chosen
	models.Sized
}

// Kinds says how these are read back. The models behind them have kinds of their own.
func Kinds() wire.Kinds {
	return wire.Kinds{
		"decision.Cut": func(r *wire.Reader) any {
			positive, threshold, model := r.String(), r.Finite(), r.Classifier()
			if !r.Check(threshold >= 0 && threshold <= 1, "decision: threshold %v; want 0 to 1", threshold) {
				return nil
			}
			return Cut(model, positive, threshold)
		},
		"decision.Chosen": func(r *wire.Reader) any {
			name, model := r.String(), r.Classifier()
			if r.Err() != nil {
				return nil
			}
			return Chosen(model, name)
		},
	}
}

// Kind names the saved form.
func (c cut) Kind() string { return "decision.Cut" }

// Schema is that of the model behind it.
func (c cut) Schema() table.Schema { return schemaOf(c.Classifier) }

// Save appends the threshold and the model.
func (c cut) Save(w *wire.Writer) {
	w.String(c.positive)
	w.Float(c.threshold)
	w.Nested(c.Classifier)
}

// Kind names the saved form.
func (c chosen) Kind() string { return "decision.Chosen" }

// Schema is that of the model behind it.
func (c chosen) Schema() table.Schema { return schemaOf(c.Classifier) }

// Save appends the name and the model.
func (c chosen) Save(w *wire.Writer) {
	w.String(c.name)
	w.Nested(c.Classifier)
}

// schemaOf is nil for a model that cannot be saved.
func schemaOf(model models.Classifier) table.Schema {
	if d, ok := model.(wire.Described); ok {
		return d.Schema()
	}
	return nil
}
