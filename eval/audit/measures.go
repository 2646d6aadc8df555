package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
)

// Metrics asks whether the metrics suit the classes, given how many rows each has.
// Accuracy alone, or recall without the false positive rate, is a failure. So is
// accuracy as the first metric, by which learners are ranked and chosen, or a lack of
// MCC or PR-AUC, where the smallest class that occurs has less than a fifth of the
// rows; on more even classes it is a warning. Value: the share of the smallest class.
func Metrics(metrics []metric.Metric, counts []int) exhibit.Check {
	has := func(m metric.Metric) bool {
		return slices.ContainsFunc(metrics, func(o metric.Metric) bool { return o.Name == m.Name })
	}
	total, least := 0, math.Inf(1)
	for _, n := range counts {
		total += n
	}
	for _, n := range counts {
		if n > 0 {
			least = min(least, float64(n)/float64(total))
		}
	}
	c := exhibit.Check{
		ID:    "suitable-metrics",
		Title: "Do the metrics see what the class shares hide?",
		Value: least,
		Limit: "accuracy never alone; false positive rate beside recall; MCC and PR-AUC where a class has less than 20 % of the rows",
	}
	var missing []string
	fail := false
	if has(metric.Accuracy) && len(metrics) == 1 {
		missing, fail = append(missing, "anything beside accuracy"), true
	}
	if has(metric.Recall) && !has(metric.FPR) {
		missing, fail = append(missing, "the false positive rate beside recall"), true
	}
	if len(metrics) > 1 && metrics[0].Name == metric.Accuracy.Name {
		missing = append(missing, "a metric other than accuracy to rank by")
		c.Limit += ", and there no ranking by accuracy"
		fail = fail || least < 0.2
	}
	for _, m := range []metric.Metric{metric.MCC, metric.PRAUC} {
		if !has(m) {
			missing = append(missing, m.Title)
			fail = fail || least < 0.2
		}
	}
	c.Detail = fmt.Sprintf("%d metrics for classes of which the smallest has %s of the rows.", len(metrics), percent(least))
	if len(missing) > 0 {
		c.Status = exhibit.Warn
		c.Detail += " Missing: " + strings.Join(missing, ", ") + "."
	}
	if fail {
		c.Status = exhibit.Fail
	}
	return c
}
