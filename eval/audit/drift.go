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

// Shift is how far a feature's distribution moved between training and test.
type Shift struct {
	Feature string
	PSI     float64
}

// PSI returns the population stability index of every feature, largest first:
// Σ (q - p) ln(q/p) over ten quantile bins of training, or the levels, with p and q
// the shares of training and of test [1]. It is at least 0; 0.1 is commonly called a
// small and 0.25 a large shift. Half a row is added to each bin so that an empty
// one does not make it infinite. Time O((n + m) p).
//
// [1] Siddiqi (2006), Credit Risk Scorecards, ch. 5. It is the Jeffreys divergence.
func PSI(train, test table.View) ([]Shift, error) {
	schema := table.SchemaOf(train)
	if err := schema.Check(test); err != nil {
		return nil, fmt.Errorf("audit: drift: %w", err)
	}
	shifts := make([]Shift, len(schema))
	par.Do(len(schema), func(k int) {
		a, b, parts := bins(schema, k, 10, train, test)
		shifts[k] = Shift{schema[k].Name, psi(count(a, parts), count(b, parts))}
	})
	slices.SortStableFunc(shifts, func(a, b Shift) int { return cmp.Compare(b.PSI, a.PSI) })
	return shifts, nil
}

func count(bins []int32, parts int) []int {
	n := make([]int, parts)
	for _, b := range bins {
		n[b]++
	}
	return n
}

// psi of two counts over the same bins; bins empty in both do not count.
func psi(a, b []int) float64 {
	used, na, nb := 0.0, 0.0, 0.0
	for i := range a {
		if a[i]+b[i] > 0 {
			used++
		}
		na += float64(a[i])
		nb += float64(b[i])
	}
	sum := 0.0
	for i := range a {
		if a[i]+b[i] > 0 {
			p, q := (float64(a[i])+0.5)/(na+0.5*used), (float64(b[i])+0.5)/(nb+0.5*used)
			sum += float64((q - p) * math.Log(q/p))
		}
	}
	return sum
}

// Drift asks whether the test rows look like the training rows, feature by
// feature: the largest PSI warns above 0.1 and fails above 0.25. A failure means
// that cross-validation inside the training rows does not foretell the test.
func Drift(train, test table.View, split string) (exhibit.Check, error) {
	shifts, err := PSI(train, test)
	if err != nil {
		return exhibit.Check{}, err
	}
	c := exhibit.Check{
		ID:    "sampling-drift",
		Title: fmt.Sprintf("Are the features of %s distributed as in training?", split),
		Limit: "largest PSI at most 0.1; up to 0.25 is a warning",
	}
	if len(shifts) == 0 {
		c.Value, c.Status, c.Detail = math.NaN(), exhibit.Warn, "There are no features."
		return c, nil
	}
	moved := 0
	for i, s := range shifts {
		if s.PSI > 0.25 {
			moved++
		}
		if i < maxRows {
			c.Rows = append(c.Rows, fmt.Sprintf("%s: PSI %.3g", s.Feature, s.PSI))
		}
	}
	c.Value, c.Status = shifts[0].PSI, grade(shifts[0].PSI, 0.1, 0.25)
	c.Detail = fmt.Sprintf("%s moved most, PSI %.3g; %d of %d features are above 0.25.", shifts[0].Feature, shifts[0].PSI, moved, len(shifts))
	return c, nil
}
