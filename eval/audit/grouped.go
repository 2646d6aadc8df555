package audit

import (
	"fmt"

	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// GroupOverlap counts the test rows whose value in a column (a computer, a day, a
// campaign) occurs in training: a model can know them by their group. They cannot move
// a share such as accuracy by more than their own share, so up to 5 % is a warning. A
// missing value is a group of nobody. Value: rows. It fails where either lacks the
// column. Time O(n + m).
func GroupOverlap(train, test table.View, column, split string) (exhibit.Check, error) {
	first := map[string]int{} // the first training row of a group
	for _, v := range []table.View{train, test} {
		if _, err := v.Column(column); err != nil {
			return exhibit.Check{}, fmt.Errorf("audit: groups across %s: %w", split, err)
		}
	}
	for i, g := range train.Strings(column) {
		if _, ok := first[g]; !ok && g != "" {
			first[g] = i
		}
	}
	c := exhibit.Check{
		ID:    "groups-across-split",
		Title: fmt.Sprintf("Do rows of %s share their %s with training?", split, column),
		Unit:  "rows",
		Limit: "0; up to 5 % is a warning",
	}
	n := 0
	named := map[string]bool{} // evidence is one row a group
	for i, g := range test.Strings(column) {
		r, ok := first[g]
		if !ok {
			continue
		}
		n++
		if !named[g] && len(c.Rows) < maxRows {
			c.Rows = append(c.Rows, fmt.Sprintf("%s: %s and %s", g, place(test, i), place(train, r)))
		}
		named[g] = true
	}
	share := float64(n) / float64(max(1, test.Rows()))
	c.Value, c.Status = float64(n), grade(share, 0, 0.05)
	c.Detail = fmt.Sprintf("%d of %d rows of %s (%s), of %d groups, are of a %s that is in training.", n, test.Rows(), split, percent(share), len(named), column)
	return c, nil
}

// GroupLeak counts the rows that some fold judges while a row with the same value in a
// column is among the rows it learns from; see GroupOverlap. Folds of whole groups
// (resample.GroupKFold) have none. Value: rows.
func GroupLeak(data table.View, column string, folds resample.Folds) (exhibit.Check, error) {
	if _, err := data.Column(column); err != nil {
		return exhibit.Check{}, fmt.Errorf("audit: groups across folds: %w", err)
	}
	number := map[string]int{} // the first row of a group
	group := make([]int, data.Rows())
	for i, g := range data.Strings(column) {
		first, ok := number[g]
		if !ok || g == "" {
			first = i
			number[g] = i
		}
		group[i] = first
	}
	c := exhibit.Check{
		ID:    "groups-across-folds",
		Title: fmt.Sprintf("Are rows judged in a fold that was fitted on rows of the same %s?", column),
	}
	return foldLeak(c, "are of a "+column+" learnt from", group, data, folds)
}
