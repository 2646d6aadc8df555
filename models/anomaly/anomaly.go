// Package anomaly answers: which rows are unlike the rest?
//
// A Detector learns from rows alone what is usual; its fitted Model gives every row a
// score, the higher the more unusual. Labels play no part: no function of this package
// that fits, or chooses a threshold, looks at a target, and none takes test rows. (Novelty,
// which makes a classifier of a detector, reads in training which rows are called normal,
// and shows the detector those.)
//
//	w, err := anomaly.Alarm{Detector: anomaly.Forest{Seed: seed}, Rate: 0.01}.Fit(ctx, train)
//	flags, err := w.Flag(ctx, later)
package anomaly

import (
	"context"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Detector is an unfitted anomaly detector: a value with exported settings whose zero
// value works.
type Detector interface {
	// Name says what it is, in the field's words: "isolation forest".
	Name() string
	// FitDetector learns from the view's features; the target, if one is set, is not
	// looked at. It refuses sealed rows and leaves the view untouched.
	FitDetector(ctx context.Context, train table.View) (Model, error)
}

// Seeded is a Detector that draws random numbers.
type Seeded interface {
	Detector
	WithSeed(rng.Seed) Detector
}

// Model is a fitted detector: immutable, safe for concurrent use, and one row alone
// has the score it has in a batch, to the bit.
type Model interface {
	// Score returns a number a row, finite, the higher the more unusual. Its scale is
	// the detector's own. It refuses sealed rows that have not been opened, and rows
	// without the columns of training.
	Score(ctx context.Context, rows table.View) ([]float64, error)
}
