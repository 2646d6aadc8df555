package audit

import (
	"fmt"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/models"
	"flowbook/models/baseline"
)

// IsBaseline reports whether a learner is one of package baseline, also behind
// encoders or another name (whatever has an Unwrap() models.Learner).
func IsBaseline(l models.Learner) bool {
	switch l := l.(type) {
	case baseline.Majority, baseline.Always, baseline.OneRule:
		return true
	case interface{ Unwrap() models.Learner }:
		return IsBaseline(l.Unwrap())
	}
	return false
}

// Baselines asks that every comparison carry a trivial learner. Value: how many do.
func Baselines(learners []models.Learner) exhibit.Check {
	var names []string
	for _, l := range learners {
		if IsBaseline(l) {
			names = append(names, l.Name())
		}
	}
	c := exhibit.Check{
		ID:     "baselines",
		Title:  "Is there a trivial learner to beat?",
		Value:  float64(len(names)),
		Unit:   "learners",
		Limit:  "at least 1",
		Detail: fmt.Sprintf("%d of %d learners are baselines: %s.", len(names), len(learners), strings.Join(names, ", ")),
	}
	if len(names) == 0 {
		c.Status = exhibit.Fail
		c.Detail = fmt.Sprintf("None of %d learners is a baseline; add baseline.Majority, Always or OneRule.", len(learners))
	}
	return c
}
