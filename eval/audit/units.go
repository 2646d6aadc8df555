package audit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
)

// Units guards the unit of analysis: a test of rows takes them for independent, and
// rows that share an id (a computer, a subject, a campaign) are not. It makes two
// checks.
//
// "unit-of-analysis": do rows share an id? Value: the design effect (see
// DesignEffect). Any shared id warns; above 1.1 it fails, for a 5 % z test of the rows
// then errs in more than 6.2 % of cases where there is nothing to find.
//
// "overlapping-groups": do ids stand in more than one group? Value: such ids. Up to
// 1 % of a group's rows is a warning. (Subjects measured twice on purpose are pairs:
// test their differences.) It is made where groups is not nil.
//
// name says what the rows are; the rest is as in DesignEffect. Time O(n log n).
func Units(ids, groups []string, values []float64, name string) ([]exhibit.Check, error) {
	c, err := DesignEffect(ids, groups, values)
	if err != nil {
		return nil, err
	}
	checks := []exhibit.Check{c.check(name)}
	if groups != nil {
		checks = append(checks, c.overlap(name))
	}
	return checks, nil
}

// Clusters says how many rows there are and how few of them may be independent.
type Clusters struct {
	Rows, IDs    int
	Largest      int     // rows of the commonest id in one group
	Correlation  float64 // within ids, in [0, 1]: ρ below
	DesignEffect float64 // variance of the groups' difference over that of independent rows, at least 1
	Effective    float64 // independent rows that would say as much, over all groups

	cells  []cell
	groups []string // by first appearance; one "" where none were given
	copies bool     // no values were given
}

// DesignEffect counts rows that share an id and what that costs. In a group of n rows,
// m of an id, with the correlation ρ within ids, the variance of a mean is
//
//	1 + (Σm²/n - 1) ρ
//
// times that of independent rows (Kish 1965, Survey Sampling, ch. 5), and n over that
// is the number of rows that count. The design effect of several groups is their mean
// weighted by 1/n: for two, that of the difference of their means.
//
// ids has one entry a row; groups, one a row or nil, names the sample that it belongs
// to. values are what is compared, as it enters the test: ranks for a rank test,
// logarithms where tails are heavy. ρ is their intraclass correlation by one-way
// analysis of variance (Donner, Koval 1980, Biometrics 36, 19-25), about the means of
// the groups, so that what sets groups apart is no likeness within ids, and no less
// than 0. Where values is nil, ρ is 1: rows of an id are taken for copies. It is NaN,
// as then are the effect and the number that counts, where the values cannot tell: all
// equal in each group, or no second id in any.
//
// It fails for no rows, an empty id or group and a value that is not finite, and panics
// if the lengths differ.
func DesignEffect(ids, groups []string, values []float64) (Clusters, error) {
	if groups != nil && len(groups) != len(ids) || values != nil && len(values) != len(ids) {
		panic(fmt.Sprintf("audit: %d ids, %d groups and %d values", len(ids), len(groups), len(values)))
	}
	c := Clusters{Rows: len(ids), Correlation: 1, copies: values == nil}
	if err := c.collect(ids, groups); err != nil {
		return Clusters{}, err
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Clusters{}, fmt.Errorf("audit: units: row %d has the value %v; want a finite number, leave such rows out", i+1, v)
		}
	}
	switch {
	case len(c.cells) == c.Rows:
		c.Correlation = 0
	case values != nil:
		c.Correlation = intraclass(c.cells, len(c.groups), values)
	}
	n, squares := make([]float64, len(c.groups)), make([]float64, len(c.groups))
	for _, cell := range c.cells {
		m := float64(len(cell.rows))
		n[cell.group] += m
		squares[cell.group] += m * m
	}
	sum, weights := 0.0, 0.0
	for g := range n {
		effect := 1 + float64((squares[g]/n[g]-1)*c.Correlation)
		c.Effective += n[g] / effect
		sum += effect / n[g]
		weights += 1 / n[g]
	}
	c.DesignEffect = sum / weights
	return c, nil
}

// cell is the rows that one id has in one group.
type cell struct {
	id    string
	group int
	rows  []int
}

// collect fills the cells, by first appearance.
func (c *Clusters) collect(ids, groups []string) error {
	if len(ids) == 0 {
		return fmt.Errorf("audit: units: no rows were given")
	}
	type key struct{ id, group string }
	number, at, distinct := map[string]int{}, map[key]int{}, map[string]bool{}
	for i, id := range ids {
		k := key{id: id}
		if groups != nil {
			k.group = groups[i]
		}
		if id == "" || groups != nil && k.group == "" {
			return fmt.Errorf("audit: units: row %d has the id %q and the group %q; leave rows without one out of the comparison", i+1, id, k.group)
		}
		distinct[id] = true
		if _, ok := number[k.group]; !ok {
			number[k.group] = len(c.groups)
			c.groups = append(c.groups, k.group)
		}
		place, ok := at[k]
		if !ok {
			place = len(c.cells)
			at[k] = place
			c.cells = append(c.cells, cell{id: id, group: number[k.group]})
		}
		c.cells[place].rows = append(c.cells[place].rows, i)
		c.Largest = max(c.Largest, len(c.cells[place].rows))
	}
	c.IDs = len(distinct)
	return nil
}

// intraclass is (B - W) / (B + (m₀ - 1) W), with B and W the mean squares between and
// within cells about the means of their groups and m₀ the average size of a cell that
// their expectations call for.
func intraclass(cells []cell, groups int, values []float64) float64 {
	own := make([][]float64, groups) // values of each group, cell after cell
	within, m0 := 0.0, 0.0
	squares := make([]float64, groups)
	means := make([]float64, len(cells))
	for k, c := range cells {
		start := len(own[c.group])
		for _, r := range c.rows {
			own[c.group] = append(own[c.group], values[r])
		}
		mean, variance := num.MeanVariance(own[c.group][start:])
		m := float64(len(c.rows))
		if m > 1 {
			within += float64(variance * (m - 1))
		}
		means[k] = mean
		squares[c.group] += m * m
	}
	n := 0.0
	middle := make([]float64, groups)
	for g := range groups {
		middle[g] = num.Mean(own[g])
		n += float64(len(own[g]))
		m0 -= squares[g] / float64(len(own[g]))
	}
	between := 0.0
	for k, c := range cells {
		d := means[k] - middle[c.group]
		between += float64(d * d * float64(len(c.rows)))
	}
	ids, rest := float64(len(cells)-groups), n-float64(len(cells))
	m0 = (n + m0) / ids
	b, w := between/ids, within/rest
	rho := (b - w) / (b + float64((m0-1)*w)) // NaN where ids, rest, or both squares are 0
	if math.IsNaN(rho) {
		return rho
	}
	return min(1, max(0, rho))
}

func (c Clusters) check(name string) exhibit.Check {
	check := exhibit.Check{
		ID:     "unit-of-analysis",
		Title:  fmt.Sprintf("Are the rows of %s independent of one another?", name),
		Status: exhibit.Pass,
		Value:  c.DesignEffect,
		Limit:  "no id with two rows; a design effect of up to 1.1 is a warning",
		Detail: fmt.Sprintf("Each of %d rows has an id of its own.", c.Rows),
	}
	if len(c.cells) == c.Rows {
		return check
	}
	check.Status = max(exhibit.Warn, grade(c.DesignEffect, 1, 1.1))
	how := fmt.Sprintf("correlated by %.3g within ids", c.Correlation)
	switch {
	case c.copies:
		how = "taken for copies within ids"
	case math.IsNaN(c.Correlation):
		how = "of values that cannot tell how alike they are within ids"
	}
	check.Detail = fmt.Sprintf("%d rows of %d ids, at most %d of one, %s: they say as much as %.4g independent rows, "+
		"and a 5 %% z test of them errs in %s of cases. Test one value an id.",
		c.Rows, c.IDs, c.Largest, how, c.Effective, percent(2*num.NormalTail(1.959963984540054/math.Sqrt(c.DesignEffect)).P))
	cells := slices.Clone(c.cells)
	slices.SortStableFunc(cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(len(b.rows), len(a.rows)), strings.Compare(a.id, b.id), cmp.Compare(a.group, b.group))
	})
	for _, cell := range cells[:min(maxRows, len(cells))] {
		if len(cell.rows) > 1 {
			check.Rows = append(check.Rows, fmt.Sprintf("%s: %s", cell.id, c.count(cell)))
		}
	}
	return check
}

// count is "38 rows of red", or "38 rows" where there are no groups.
func (c Clusters) count(of cell) string {
	text := fmt.Sprintf("%d rows", len(of.rows))
	if len(of.rows) == 1 {
		text = "1 row"
	}
	if c.groups[of.group] != "" {
		text += " of " + c.groups[of.group]
	}
	return text
}

func (c Clusters) overlap(name string) exhibit.Check {
	check := exhibit.Check{
		ID:    "overlapping-groups",
		Title: fmt.Sprintf("Does an id of %s stand in two groups?", name),
		Unit:  "ids",
		Limit: "0; up to 1 % of the rows of a group is a warning",
	}
	byID := map[string][]cell{} // by group of first appearance
	rows, shared := make([]int, len(c.groups)), make([]int, len(c.groups))
	for _, cell := range c.cells {
		byID[cell.id] = append(byID[cell.id], cell)
		rows[cell.group] += len(cell.rows)
	}
	maps.DeleteFunc(byID, func(_ string, cells []cell) bool { return len(cells) < 2 })
	ids, size := slices.Sorted(maps.Keys(byID)), map[string]int{}
	for _, id := range ids {
		for _, cell := range byID[id] {
			shared[cell.group] += len(cell.rows)
			size[id] += len(cell.rows)
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(size[b], size[a]) })
	for _, id := range ids[:min(maxRows, len(ids))] {
		var parts []string
		for _, cell := range byID[id] {
			parts = append(parts, c.count(cell))
		}
		check.Rows = append(check.Rows, fmt.Sprintf("%s: %s", id, strings.Join(parts, ", ")))
	}
	worst, most := 0.0, 0
	for g := range rows {
		if share := float64(shared[g]) / float64(rows[g]); share > worst {
			worst, most = share, g
		}
	}
	check.Value, check.Status = float64(len(ids)), grade(worst, 0, 0.01)
	check.Detail = fmt.Sprintf("None of %d ids stands in two of the %d groups.", c.IDs, len(c.groups))
	if len(ids) > 0 {
		check.Detail = fmt.Sprintf("%d of %d ids stand in more than one group: %d of %d rows of %s (%s) are of such an id.",
			len(ids), c.IDs, shared[most], rows[most], c.groups[most], percent(worst))
	}
	return check
}
