package audit

import (
	"fmt"

	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// Duplicates counts the test rows whose features are those of a training row: a
// model can answer them from memory. They cannot move a share such as accuracy by
// more than their own share, so up to 5 % is a warning. Value: rows. It fails where
// test lacks a feature of train. Time O((n + m) p).
func Duplicates(train, test table.View, split string) (exhibit.Check, error) {
	match, err := resample.Matches(train, test)
	if err != nil {
		return exhibit.Check{}, fmt.Errorf("audit: duplicates in %s: %w", split, err)
	}
	c := exhibit.Check{
		ID:    "duplicates-across-split",
		Title: fmt.Sprintf("Do rows of %s occur in training?", split),
		Unit:  "rows",
		Limit: "0; up to 5 % is a warning",
	}
	n := 0
	for i, m := range match {
		if m < 0 {
			continue
		}
		if n++; n <= maxRows {
			c.Rows = append(c.Rows, place(test, i)+" = "+place(train, m))
		}
	}
	share := float64(n) / float64(max(1, len(match)))
	c.Value, c.Status = float64(n), grade(share, 0, 0.05)
	c.Detail = fmt.Sprintf("%d of %d rows of %s (%s) have the features of a training row.", n, len(match), split, percent(share))
	return c, nil
}

// FoldLeak counts the rows that some fold judges while a row with equal features
// is among the rows it learns from. Folds of whole groups (resample.GroupsOf) have
// none. Up to 5 % of the rows judged is a warning, as in Duplicates. Value: rows.
func FoldLeak(data table.View, folds resample.Folds) (exhibit.Check, error) {
	if err := unsealed(data); err != nil {
		return exhibit.Check{}, err
	}
	c := exhibit.Check{
		ID:    "copies-across-folds",
		Title: "Are rows judged in a fold that was fitted on a copy of them?",
	}
	return foldLeak(c, "have the features of a row learnt from", resample.GroupsOf(data), data, folds)
}

// foldLeak fills the check with the rows that a fold judges while a row of their group
// is among those it learns from. group has an id below the number of rows for each row.
func foldLeak(c exhibit.Check, found string, group []int, data table.View, folds resample.Folds) (exhibit.Check, error) {
	if err := folds.Check(data.Rows()); err != nil {
		return exhibit.Check{}, fmt.Errorf("audit: %w", err)
	}
	learnt := make([]int, len(group)) // by group: 1 + a training row of this fold
	n, judged := 0, 0
	for f, test := range folds.Test {
		clear(learnt)
		for _, r := range folds.Train[f] {
			learnt[group[r]] = r + 1
		}
		judged += len(test)
		for _, r := range test {
			twin := learnt[group[r]] - 1
			if twin < 0 {
				continue
			}
			if n++; n <= maxRows {
				c.Rows = append(c.Rows, fmt.Sprintf("fold %d: %s = %s", f, place(data, r), place(data, twin)))
			}
		}
	}
	share := float64(n) / float64(max(1, judged))
	c.Unit, c.Limit = "rows", "0; up to 5 % is a warning"
	c.Value, c.Status = float64(n), grade(share, 0, 0.05)
	c.Detail = fmt.Sprintf("%d of %d rows judged in %s (%s) %s.", n, judged, folds.Name, percent(share), found)
	return c, nil
}
