package audit

import (
	"fmt"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
)

// Prevalences at which BaseRate looks: one row in a hundred to one in a million.
var Prevalences = []float64{1e-2, 1e-3, 1e-4, 1e-5, 1e-6}

// BaseRate asks what share of a detector's alarms would be right in traffic that
// is nearly all benign (PPV), given its recall and false positive rate and the
// negative rows that the latter rests on. Below one half at a prevalence of 1e-3 it
// warns. Value: PPV at 1e-3; NaN where no alarm is ever raised. A false positive
// rate of 0 is taken for 3/n, the upper end of its 95 % interval (the rule of three,
// Hanley and Lippman-Hand 1983), for no number of rows shows that it is none.
func BaseRate(learner string, recall, fpr float64, negatives int) exhibit.Check {
	c := exhibit.Check{
		ID:    "base-rate",
		Title: fmt.Sprintf("Would the alarms of %s be right in real traffic?", learner),
		Limit: "at least 0.5 at prevalence 1e-3",
	}
	note := ""
	if fpr == 0 && negatives > 0 {
		fpr = min(1, 3/float64(negatives))
		note = fmt.Sprintf(" (none seen in %d rows: held to 3/n)", negatives)
	}
	for _, p := range Prevalences {
		c.Rows = append(c.Rows, fmt.Sprintf("prevalence %.0e: PPV %.3g", p, metric.PPVAt(recall, fpr, p)))
	}
	c.Value = metric.PPVAt(recall, fpr, 1e-3)
	if !(c.Value >= 0.5) {
		c.Status = exhibit.Warn
	}
	c.Detail = fmt.Sprintf("With recall %.3g and false positive rate %.3g%s, %s of alarms are right where one row in 1000 is positive.",
		recall, fpr, note, percent(c.Value))
	return c
}
