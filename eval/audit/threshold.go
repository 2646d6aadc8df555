package audit

import (
	"fmt"
	"math"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/models"
)

// Threshold states where the line between two classes comes from. Package eval
// takes the class with the highest score (0.5 with two classes) and chooses
// nothing; a learner that chooses a threshold of its own does so in Fit, on
// training rows, and tells how by ThresholdRule() string, also behind encoders or
// another name. So it always passes; its sentence is what matters. (TestTuned tries
// whether it is true.)
func Threshold(learners []models.Learner) exhibit.Check {
	c := exhibit.Check{
		ID:     "threshold",
		Title:  "Was a threshold chosen on the rows that it is judged on?",
		Value:  math.NaN(),
		Limit:  "thresholds come from training rows only",
		Detail: "No threshold was chosen: the class predicted is the one with the highest score, 0.5 with two classes.",
	}
	var own []string
	for _, l := range learners {
		if rule := thresholdRule(l); rule != "" {
			own = append(own, fmt.Sprintf("%s (%s)", l.Name(), rule))
		}
	}
	if len(own) > 0 {
		c.Detail = fmt.Sprintf("%d of %d learners choose a threshold in each fit: %s. The others predict the class with the highest score.",
			len(own), len(learners), strings.Join(own, "; "))
	}
	return c
}

func thresholdRule(l models.Learner) string {
	switch l := l.(type) {
	case interface{ ThresholdRule() string }:
		return l.ThresholdRule()
	case interface{ Unwrap() models.Learner }:
		return thresholdRule(l.Unwrap())
	}
	return ""
}
