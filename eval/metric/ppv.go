package metric

// PPVAt is the share of alarms that are right where a share prevalence of all rows
// is positive: Bayes' rule on a recall and a false positive rate measured
// elsewhere. It is NaN where no alarm is ever raised.
//
// Axelsson (2000), "The base-rate fallacy and the difficulty of intrusion
// detection", ACM TISSEC 3(3), 186-205.
func PPVAt(recall, fpr, prevalence float64) float64 {
	right, wrong := recall*prevalence, fpr*(1-prevalence)
	return right / (right + wrong) // 0/0 is NaN
}
