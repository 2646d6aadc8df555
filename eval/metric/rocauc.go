package metric

import "flowbook/internal/num"

// ROCAUC is the area under the ROC curve of the positive class's score: the chance
// that a random positive row outranks a random negative one, ties counting one
// half, in [0, 1]; 0.5 is a coin [1]. NaN where a class is absent. Interval: DeLong
// [2], cut to [0, 1]; of no width where the classes are separated completely.
//
// Without a positive class it is the mean over the classes that occur and have
// others beside them, one against the rest; interval by bootstrap over rows. Time
// O(n log n) a class.
//
// [1] Hanley, McNeil (1982), Radiology 143(1), 29-36.
// [2] DeLong, DeLong, Clarke-Pearson (1988), Biometrics 44, 837-845.
var ROCAUC = withDeLong(overRanking(
	Metric{Name: "roc-auc", Title: "ROC-AUC", Low: 0, High: 1, HigherIsBetter: true}, num.AUC))
