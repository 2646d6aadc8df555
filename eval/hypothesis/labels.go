package hypothesis

import (
	"fmt"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// Groups splits a numeric column of the view by a label of two values, for the
// two-sample tests: x has the rows of names[0], y those of names[1]; see Scan for
// which is first. NaN stay; rows without a label are left out. An error where the
// column is not numeric or the label has not two values.
func Groups(view table.View, column, label string) (x, y []float64, names []string, err error) {
	group, names, _, err := split("Groups", view, label)
	if err != nil {
		return nil, nil, nil, err
	}
	c, err := view.Table().Lookup(column)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("hypothesis: Groups: %w", err)
	}
	if !c.Numeric() {
		return nil, nil, nil, fmt.Errorf("hypothesis: Groups: column %q is of kind %v; want numbers", column, c.Kind)
	}
	for i, g := range group {
		switch v := c.At(view.Row(i)); g {
		case 1:
			x = append(x, v)
		case 2:
			y = append(y, v)
		}
	}
	return x, y, names, nil
}

// Outcome returns, for the regressions, which rows of the view are of the first
// group of a label of two values (see Scan), and both names. A row without a label
// is an error.
func Outcome(view table.View, label string) (positive []bool, names []string, err error) {
	group, names, _, err := split("Outcome", view, label)
	if err != nil {
		return nil, nil, err
	}
	positive = make([]bool, len(group))
	for i, g := range group {
		if g == 0 {
			return nil, nil, fmt.Errorf("hypothesis: Outcome: row %d has no %q; leave it out of the view", view.Row(i)+1, label)
		}
		positive[i] = g == 1
	}
	return positive, names, nil
}

// negatives are the labels that say no.
var negatives = []string{"normal", "benign", "no", "false", "0", "negative", "background"}

// split gives each row of the view its group: 1, 2, or 0 for none. Errors name who asks.
func split(who string, view table.View, label string) (group []uint8, names, warnings []string, err error) {
	if view.Rows() == 0 {
		return nil, nil, nil, fmt.Errorf("hypothesis: %s: the view has no rows", who)
	}
	c, err := view.Table().Lookup(label)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("hypothesis: %s: %w", who, err)
	}
	values := make([]string, view.Rows())
	seen := make(map[string]bool)
	missing := 0
	for i := range values {
		values[i] = c.String(view.Row(i))
		if values[i] == "" {
			missing++
		} else {
			seen[values[i]] = true
		}
		if len(seen) > 2 {
			break
		}
	}
	for v := range seen {
		names = append(names, v)
	}
	slices.Sort(names)
	if len(names) != 2 {
		return nil, nil, nil, fmt.Errorf("hypothesis: %s: label %q has other than two values (%q…); want two", who, label, names)
	}
	if lower := exhibit.Slug(names[0]); slices.Contains(negatives, lower) {
		names[0], names[1] = names[1], names[0]
	}
	group = make([]uint8, len(values))
	for i, v := range values {
		switch v {
		case names[0]:
			group[i] = 1
		case names[1]:
			group[i] = 2
		}
	}
	if missing > 0 {
		warnings = []string{fmt.Sprintf("%d rows without a label were left out", missing)}
	}
	if c.Numeric() { // 1 and 0 are no names for a reader
		names = []string{label + " = " + names[0], label + " = " + names[1]}
	}
	return group, names, warnings, nil
}
