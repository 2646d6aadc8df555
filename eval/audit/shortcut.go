package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/table"
)

// Rule is how well one feature alone ranks test rows.
type Rule struct {
	Feature string
	AUC     float64
}

// OneFeature returns, for every feature, the ROC-AUC on test of the rule that
// scores a row by the share of positives in its part of that feature, best first.
// Parts are 32 quantile bins of training, or the levels, so that a U-shaped
// feature counts too; a part unseen in training gets the overall share. With the
// same rows as train and test the rules are a little optimistic: a part of n rows
// knows its own. NaN where the test rows are of one class. Time O((n + m) p).
func OneFeature(train, test table.View, positive string) ([]Rule, error) {
	if err := unsealed(train, test); err != nil {
		return nil, err
	}
	schema := table.SchemaOf(train)
	if err := schema.Check(test); err != nil {
		return nil, fmt.Errorf("audit: shortcuts: %w", err)
	}
	y, err := isClass(train, positive)
	if err != nil {
		return nil, err
	}
	z, err := isClass(test, positive)
	if err != nil {
		return nil, err
	}
	rules := make([]Rule, len(schema))
	par.Do(len(schema), func(k int) {
		a, b, parts := bins(schema, k, 32, train, test)
		rules[k] = Rule{schema[k].Name, binAUC(shares(a, y, parts), b, z)}
	})
	slices.SortStableFunc(rules, func(a, b Rule) int { return cmp.Compare(b.AUC, a.AUC) })
	return rules, nil
}

func isClass(v table.View, class string) ([]bool, error) {
	labels, classes, err := v.Labels()
	if err != nil {
		return nil, fmt.Errorf("audit: shortcuts: %w", err)
	}
	at := slices.Index(classes, class)
	out := make([]bool, len(labels))
	for i, l := range labels {
		out[i] = l == at
	}
	return out, nil
}

// shares is the share of positives in each bin, drawn towards the overall share by
// one row's worth.
func shares(bins []int32, positive []bool, parts int) []float64 {
	hits, rows, all := make([]float64, parts), make([]float64, parts), 0.0
	for i, b := range bins {
		rows[b]++
		if positive[i] {
			hits[b]++
			all++
		}
	}
	all /= float64(max(1, len(bins)))
	for b := range hits {
		hits[b] = (hits[b] + all) / (rows[b] + 1)
	}
	return hits
}

// binAUC is the area under the ROC curve of rows scored by bin.
func binAUC(score []float64, bins []int32, positive []bool) float64 {
	hits, rest := make([]float64, len(score)), make([]float64, len(score))
	for i, b := range bins {
		if positive[i] {
			hits[b]++
		} else {
			rest[b]++
		}
	}
	order := make([]int, len(score))
	for b := range order {
		order[b] = b
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	var h, r []float64 // by distinct score
	for i, b := range order {
		if i == 0 || score[b] != score[order[i-1]] {
			h, r = append(h, 0), append(r, 0)
		}
		h[len(h)-1] += hits[b]
		r[len(r)-1] += rest[b]
	}
	return num.AUC(h, r)
}

// Shortcut asks whether one feature does the model's work: it warns where the best
// rule on one feature ranks the test rows with an AUC of at least 0.95, or within
// 0.01 of the model's. Such a feature may be honest; a reader should know it.
// Value: the best rule's AUC.
func Shortcut(train, test table.View, positive, learner string, modelAUC float64) (exhibit.Check, error) {
	rules, err := OneFeature(train, test, positive)
	if err != nil {
		return exhibit.Check{}, err
	}
	c := exhibit.Check{
		ID:    "one-feature-shortcut",
		Title: "Does one feature do the work of the model?",
		Limit: "best AUC of one feature below 0.95 and 0.01 below the model's",
	}
	if len(rules) == 0 {
		c.Value, c.Status, c.Detail = math.NaN(), exhibit.Warn, "There are no features."
		return c, nil
	}
	for _, r := range rules[:min(maxRows, len(rules))] {
		c.Rows = append(c.Rows, fmt.Sprintf("%s: AUC %.4g", r.Feature, r.AUC))
	}
	best := rules[0]
	c.Value = best.AUC
	if !(best.AUC < 0.95 && best.AUC < modelAUC-0.01) {
		c.Status = exhibit.Warn
	}
	c.Detail = fmt.Sprintf("%s alone ranks the rows with an AUC of %.4g; %s reaches %.4g.", best.Feature, best.AUC, learner, modelAUC)
	return c, nil
}
