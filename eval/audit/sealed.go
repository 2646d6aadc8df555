package audit

import (
	"fmt"
	"math"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// Sealed asks whether a test set was under seal until it was opened, so that no
// learner or encoder could have seen it, and whether training rows come from one.
func Sealed(train, test table.View, split string) exhibit.Check {
	c := exhibit.Check{
		ID:     "sealed-test",
		Title:  fmt.Sprintf("Was %s out of reach until the end?", split),
		Value:  math.NaN(),
		Limit:  "test rows sealed, training rows not of a test set",
		Detail: fmt.Sprintf("%s was sealed: learners and encoders refused it until it was opened.", split),
	}
	switch {
	case train.FromTest():
		c.Status, c.Detail = exhibit.Fail, "The training rows come from a sealed test set that was opened."
	case !test.FromTest():
		c.Status, c.Detail = exhibit.Warn, fmt.Sprintf("%s was never sealed, so nothing but care kept learners from it.", split)
	}
	return c
}
