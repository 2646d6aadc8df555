package audit

import (
	"math"

	"flowbook/internal/exhibit"
)

// Threshold states that the class predicted is the one with the highest score (0.5
// with two classes), so that no threshold was chosen on the rows judged. Package
// eval attaches it to every result, for it knows no other rule; a learner that
// moves its own scores does so in Fit, on training rows.
func Threshold() exhibit.Check {
	return exhibit.Check{
		ID:     "threshold",
		Title:  "Was a threshold chosen on the rows that it is judged on?",
		Value:  math.NaN(),
		Limit:  "thresholds come from training rows only",
		Detail: "No threshold was chosen: the class predicted is the one with the highest score, 0.5 with two classes.",
	}
}
