package metric

// MacroF1 is the mean of the F1 of each class, all counting alike, in [0, 1], over
// the classes that occur or were predicted (as scikit-learn does). Interval:
// bootstrap over cells.
//
// It is the mean of F1s, not the F1 of mean precision and mean recall: the two
// differ (Opitz, Burst 2019, arXiv 1911.03347).
var MacroF1 = overCells(
	Metric{Name: "macro-f1", Title: "macro F1", Low: 0, High: 1, HigherIsBetter: true}, macroF1)

func macroF1(c cells, _ int) float64 { return c.mean(c.appears, f1) }
