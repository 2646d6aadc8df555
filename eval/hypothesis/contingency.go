package hypothesis

import (
	"fmt"
	"slices"
)

// Contingency counts rows by two categorical variables.
type Contingency struct {
	Rows, Cols []string // levels, sorted
	Count      [][]int  // Count[i][j]: rows with Rows[i] and Cols[j]
	Dropped    int      // rows in which either was missing ("")
}

// Crosstab counts how often each level of a meets each level of b. "" is missing:
// such rows are dropped and counted. Different lengths are an error.
func Crosstab(a, b []string) (Contingency, error) {
	if len(a) != len(b) {
		return Contingency{}, fmt.Errorf("hypothesis: Crosstab: %d values against %d; want as many", len(a), len(b))
	}
	type pair struct{ a, b string }
	count := make(map[pair]int)
	var c Contingency
	for i := range a {
		if a[i] == "" || b[i] == "" {
			c.Dropped++
			continue
		}
		count[pair{a[i], b[i]}]++
	}
	for p := range count {
		c.Rows, c.Cols = append(c.Rows, p.a), append(c.Cols, p.b)
	}
	slices.Sort(c.Rows)
	slices.Sort(c.Cols)
	c.Rows, c.Cols = slices.Compact(c.Rows), slices.Compact(c.Cols)
	c.Count = make([][]int, len(c.Rows))
	for i, l := range c.Rows {
		c.Count[i] = make([]int, len(c.Cols))
		for j, m := range c.Cols {
			c.Count[i][j] = count[pair{l, m}]
		}
	}
	return c, nil
}

// margins returns the totals of rows, columns and all.
func (c Contingency) margins() (rows, cols []float64, n float64) {
	rows, cols = make([]float64, len(c.Rows)), make([]float64, len(c.Cols))
	for i := range c.Count {
		for j, k := range c.Count[i] {
			rows[i] += float64(k)
			cols[j] += float64(k)
			n += float64(k)
		}
	}
	return rows, cols, n
}

func (c Contingency) check(test string) error {
	if len(c.Rows) < 2 || len(c.Cols) < 2 {
		return fmt.Errorf("hypothesis: %s: a table of %d x %d levels; want at least 2 x 2", test, len(c.Rows), len(c.Cols))
	}
	if len(c.Count) != len(c.Rows) {
		return fmt.Errorf("hypothesis: %s: %d rows of counts for %d levels", test, len(c.Count), len(c.Rows))
	}
	for i, line := range c.Count {
		if len(line) != len(c.Cols) {
			return fmt.Errorf("hypothesis: %s: level %q has %d counts for %d columns", test, c.Rows[i], len(line), len(c.Cols))
		}
		for j, k := range line {
			if k < 0 {
				return fmt.Errorf("hypothesis: %s: the count of %q and %q is %d; want at least 0", test, c.Rows[i], c.Cols[j], k)
			}
		}
	}
	rows, cols, _ := c.margins()
	for i, v := range rows {
		if v == 0 {
			return fmt.Errorf("hypothesis: %s: level %q has no rows; leave it out", test, c.Rows[i])
		}
	}
	for j, v := range cols {
		if v == 0 {
			return fmt.Errorf("hypothesis: %s: level %q has no rows; leave it out", test, c.Cols[j])
		}
	}
	return nil
}
