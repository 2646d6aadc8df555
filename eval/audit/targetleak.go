package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/table"
)

// Leak is how well one feature alone tells one class from all others.
type Leak struct {
	Feature, Class string
	Balanced       float64 // balanced accuracy on test, in [0, 1]; 0.5 is chance
}

// Leaks returns, for every feature, the class that it tells best from the rest, most
// telling first. The rule says "this class" in the parts of the feature (256 quantile
// bins of training, or the levels; missing values are a part) where the class has a
// larger share of its own training rows than the rest has of theirs. No rule on those
// parts has a higher balanced accuracy, which is half of one more than the distance in
// total variation between class and rest; judged on test, many levels bring no profit,
// for a part that training did not know says half yes and half no. Class shares do not
// matter, nor does which value stands for which class.
//
// Classes are those of training; one counts where it and the rest have at least 20 rows
// on either side. It fails where test lacks a feature, and where no target is set. NaN
// where no class counts. Time O((n + m + parts × classes) p).
func Leaks(train, test table.View) ([]Leak, error) {
	if err := unsealed(train, test); err != nil {
		return nil, err
	}
	schema := table.SchemaOf(train)
	if err := schema.Check(test); err != nil {
		return nil, fmt.Errorf("audit: leaks: %w", err)
	}
	y, classes, err := train.Labels()
	if err != nil {
		return nil, fmt.Errorf("audit: leaks: %w", err)
	}
	z, known, err := test.Labels()
	if err != nil {
		return nil, fmt.Errorf("audit: leaks: %w", err)
	}
	for i, l := range z {
		z[i] = slices.Index(classes, known[l]) // -1 is a rest of its own
	}
	leaks := make([]Leak, len(schema))
	par.Do(len(schema), func(k int) {
		a, b, parts := bins(schema, k, 256, train, test)
		learnt, judged := crossed(a, y, parts, len(classes)), crossed(b, z, parts, len(classes))
		leaks[k] = Leak{schema[k].Name, "", math.NaN()}
		for c, class := range classes {
			if v := telling(learnt, judged, c); v > leaks[k].Balanced || math.IsNaN(leaks[k].Balanced) && !math.IsNaN(v) {
				leaks[k].Class, leaks[k].Balanced = class, v
			}
		}
	})
	slices.SortStableFunc(leaks, func(a, b Leak) int { return cmp.Compare(b.Balanced, a.Balanced) })
	return leaks, nil
}

// crossed counts the rows of each part by class, and of classes unknown last.
func crossed(parts []int32, labels []int, n, classes int) [][]float64 {
	counts := make([][]float64, n)
	for i := range counts {
		counts[i] = make([]float64, classes+1)
	}
	for i, p := range parts {
		c := labels[i]
		if c < 0 {
			c = classes
		}
		counts[p][c]++
	}
	return counts
}

// telling is the balanced accuracy, on judged, of the rule for class c from learnt.
func telling(learnt, judged [][]float64, c int) float64 {
	own, rest := sides(learnt, c)
	hits, others := sides(judged, c)
	if min(own, rest, hits, others) < 20 {
		return math.NaN()
	}
	sum := 0.0
	for p := range learnt {
		a, b := learnt[p][c]/own, (total(learnt[p])-learnt[p][c])/rest
		x, y := judged[p][c]/hits, (total(judged[p])-judged[p][c])/others
		switch {
		case a > b:
			sum += x
		case a < b:
			sum += y
		default:
			sum += (x + y) / 2
		}
	}
	return sum / 2
}

// sides counts the rows of class c and of all others.
func sides(counts [][]float64, c int) (own, rest float64) {
	for _, part := range counts {
		own += part[c]
		rest += total(part) - part[c]
	}
	return own, rest
}

func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

// TargetLeak asks whether a feature is the class in disguise, known only once the class
// is: a copy of the label, also one with a few rows wrong, in other words or numbers, or
// a flag of one class only. Above a balanced accuracy of 0.95 on test it warns, above
// 0.98 it fails (see Leaks; the most telling feature of NSL-KDD, src_bytes, is at 0.954
// within KDDTrain+). A failure may be an honest feature of an easy class, one that is
// defined by it (the smurf attack is a protocol): say why its value is known before the
// class is, or leave it out. What two columns give away together is not seen. Value: the most telling feature's balanced accuracy.
//
// train and test are rows apart: on the same rows a column of ids, each with one row,
// would look like a leak.
func TargetLeak(train, test table.View, split string) (exhibit.Check, error) {
	leaks, err := Leaks(train, test)
	if err != nil {
		return exhibit.Check{}, err
	}
	c := exhibit.Check{
		ID:    "target-leak",
		Title: "Is a feature the class in disguise?",
		Limit: "balanced accuracy of one feature at most 0.95; up to 0.98 is a warning",
	}
	if len(leaks) == 0 || math.IsNaN(leaks[0].Balanced) {
		c.Value, c.Status, c.Detail = math.NaN(), exhibit.Warn, "There are no features, or no class with 20 rows, and 20 others, on either side."
		return c, nil
	}
	for _, l := range leaks[:min(maxRows, len(leaks))] {
		c.Rows = append(c.Rows, fmt.Sprintf("%s: %.4g for %s", l.Feature, l.Balanced, l.Class))
	}
	best := leaks[0]
	c.Value, c.Status = best.Balanced, grade(best.Balanced, 0.95, 0.98)
	c.Detail = fmt.Sprintf("%s alone tells %s from the rest of %s with a balanced accuracy of %.4g.", best.Feature, best.Class, split, best.Balanced)
	return c, nil
}
