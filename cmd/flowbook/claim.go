package main

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/reports"
)

// claim is a published figure, known to so many decimals.
type claim struct {
	measure
	value       float64
	half        float64 // half a unit of its last decimal
	text        string
	lowerBetter bool
}

// measure is what may be claimed.
type measure struct {
	name string
	of   func(tp, fn, fp, tn float64) float64
	ours metric.Metric // specificity is 1 less it
}

// claimable are all measures, in the order of the help.
var claimable = []measure{
	{"accuracy", func(tp, fn, fp, tn float64) float64 { return (tp + tn) / (tp + fn + fp + tn) }, metric.Accuracy},
	{"precision", func(tp, fn, fp, tn float64) float64 { return tp / (tp + fp) }, metric.Precision},
	{"recall", func(tp, fn, fp, tn float64) float64 { return tp / (tp + fn) }, metric.Recall},
	{"fpr", func(tp, fn, fp, tn float64) float64 { return fp / (fp + tn) }, metric.FPR},
	{"specificity", func(tp, fn, fp, tn float64) float64 { return tn / (fp + tn) }, metric.FPR},
	{"f1", func(tp, fn, fp, tn float64) float64 { return 2 * tp / (2*tp + fp + fn) }, metric.F1},
	{"mcc", func(tp, fn, fp, tn float64) float64 {
		return (tp*tn - fp*fn) / math.Sqrt(tp+fp) / math.Sqrt(tp+fn) / math.Sqrt(tn+fp) / math.Sqrt(tn+fn)
	}, metric.MCC},
}

// parseClaims reads "accuracy=0.99,recall=98.0%". A percent sign moves the decimals.
func parseClaims(text string) ([]claim, error) {
	if text == "" {
		return nil, nil
	}
	var out []claim
	for _, part := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		at := slices.IndexFunc(claimable, func(c measure) bool { return c.name == name })
		if at < 0 {
			var names []string
			for _, c := range claimable {
				names = append(names, c.name)
			}
			return nil, usagef("--claim: %q; want NAME=VALUE with a name of %s", clip(part), strings.Join(names, ", "))
		}
		if slices.ContainsFunc(out, func(c claim) bool { return c.name == name }) {
			return nil, usagef("--claim: %s is claimed twice", name)
		}
		digits, scale := strings.TrimSuffix(value, "%"), 1.0
		if digits != value {
			scale = 0.01
		}
		v, err := strconv.ParseFloat(digits, 64)
		_, decimals, _ := strings.Cut(digits, ".")
		low := 0.0
		if name == "mcc" {
			low = -1
		}
		if err != nil || strings.ContainsAny(digits, "eExX") || !(v*scale >= low && v*scale <= 1) {
			return nil, usagef("--claim: %s is %q; want a number from %g to 1, or a percentage", name, clip(value), low)
		}
		out = append(out, claim{value: v * scale, half: scale * math.Pow(10, -float64(len(decimals))) / 2, text: value, measure: claimable[at], lowerBetter: name == "fpr"})
	}
	return out, nil
}

// holds reports whether a confusion matrix has the figure to its digits.
func (c claim) holds(tp, fn, fp, tn float64) bool {
	return math.Abs(c.of(tp, fn, fp, tn)-c.value) <= c.half*(1+1e-9)
}

// matrices counts the confusion matrices of p positives and n negatives that have all
// the figures, and returns the middle one of them by true, then by false positives.
// Time O(p n), some tenths of a second for KDDTest+.
func matrices(claims []claim, p, n int) (count int, tp, fp int) {
	within := func(t, f int) bool {
		for _, c := range claims {
			if !c.holds(float64(t), float64(p-t), float64(f), float64(n-f)) {
				return false
			}
		}
		return true
	}
	upTo := make([]int, p+1) // with so many true positives or fewer
	for t := range upTo {
		for f := 0; f <= n; f++ {
			if within(t, f) {
				count++
			}
		}
		upTo[t] = count
	}
	if count == 0 {
		return 0, 0, 0
	}
	place := count / 2
	tp, _ = slices.BinarySearch(upTo, place+1)
	if tp > 0 {
		place -= upTo[tp-1]
	}
	for fp = 0; ; fp++ {
		if within(tp, fp) {
			if place == 0 {
				return count, tp, fp
			}
			place--
		}
	}
}

// checkClaims says whether the figures can be true together, and what they are worth.
func checkClaims(sheet *reports.Sheet, claims []claim, held *eval.Holdout, rule string) {
	confusion := held.Confusion(rule, "KDDTest+")
	at := slices.Index(confusion.Classes, "attack")
	p, n := confusion.Support(at), confusion.Support(1-at)
	count, tp, fp := matrices(claims, p, n)
	var said []string
	for _, c := range claims {
		said = append(said, c.name+" "+c.text)
	}
	if count == 0 {
		sheet.Textf("**No confusion matrix of %d attacks and %d normal rows has %s at once.** A figure is of other rows (a part of the file, cross-validation inside KDDTrain+, a mean over classes), or mistyped.",
			p, n, strings.Join(said, ", "))
	} else {
		sheet.Textf("%d confusion matrices of %d attacks and %d normal rows have %s at once; the middle one finds %d attacks and raises %d false alarms.",
			count, p, n, strings.Join(said, ", "), tp, fp)
	}
	grid := exhibit.Grid{Title: "Claims beside one rule on one feature", Caption: "The rule is the best single cut of KDDTrain+, judged on KDDTest+.",
		Columns: []string{"measure", "claimed", rule, "claim is better"}}
	for _, c := range claims {
		of := held.Score(rule, c.ours, "KDDTest+")
		if c.name == "specificity" {
			of = 1 - of
		}
		better := "no"
		if c.lowerBetter && c.value < of || !c.lowerBetter && c.value > of {
			better = "yes"
		}
		grid.Rows = append(grid.Rows, []exhibit.Cell{exhibit.Text(c.name), exhibit.Text(c.text), exhibit.Num(of), exhibit.Text(better)})
	}
	sheet.Show(grid)
	if count > 0 && tp+fp > 0 {
		sheet.Textf("With that matrix, if one connection in ten thousand were an attack, %.3g %% of the alarms would be real.",
			100*metric.PPVAt(float64(tp)/float64(p), float64(fp)/float64(n), 1e-4))
	}
}
