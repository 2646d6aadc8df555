package audit

import (
	"fmt"
	"slices"
	"sort"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// TimeOrder asks whether all rows learnt from lie before all rows judged: the latest
// training stamp must be less than the earliest of test. stamp names a column of times
// or whole numbers.
//
// Value: the fewest rows, of either side, without which that would hold, so that one
// clock gone wrong counts once and not for all the rows beyond it. Up to 1 % of the
// smaller side is a warning. Rows named are the latest of training and the earliest of
// test that are on the wrong side of the cut. It fails where a side lacks the column or
// has no rows. Time O((n + m) log(n + m)).
func TimeOrder(train, test table.View, stamp, split string) (exhibit.Check, error) {
	a, err := stampsOf(train, stamp)
	if err != nil {
		return exhibit.Check{}, err
	}
	b, err := stampsOf(test, stamp)
	if err != nil {
		return exhibit.Check{}, err
	}
	c := exhibit.Check{
		ID:    "time-order",
		Title: fmt.Sprintf("Was everything learnt from over before %s began?", split),
		Unit:  "rows",
		Limit: "0 rows to leave out until the latest training row lies before the first test row; up to 1 % of the smaller side is a warning",
	}
	late, early := outOfOrder(a, b)
	n := len(late) + len(early)
	share := float64(n) / float64(min(len(a), len(b)))
	c.Value, c.Status = float64(n), grade(share, 0, 0.01)
	// Both sides get a place where both have one to fill.
	left := max(maxRows-len(early), (maxRows+1)/2)
	for _, r := range late[:min(left, len(late))] {
		c.Rows = append(c.Rows, at(train, r, stamp))
	}
	for _, r := range early[:min(maxRows-len(c.Rows), len(early))] {
		c.Rows = append(c.Rows, at(test, r, stamp))
	}
	last, first := latest(a), earliest(b)
	c.Detail = fmt.Sprintf("The latest training row is %s, the first to be judged %s; without %d training and %d test rows, of %d and %d, they are in order.",
		at(train, last, stamp), at(test, first, stamp), len(late), len(early), len(a), len(b))
	return c, nil
}

func stampsOf(v table.View, stamp string) ([]int64, error) {
	c, err := v.Column(stamp)
	if err != nil {
		return nil, fmt.Errorf("audit: time order: %w", err)
	}
	if c.Kind != table.TimeKind && c.Kind != table.IntKind {
		return nil, fmt.Errorf("audit: time order: column %q is of kind %v; want times or whole numbers", stamp, c.Kind)
	}
	if c.Len() == 0 {
		return nil, fmt.Errorf("audit: time order: %s has no rows", v.Table().Name())
	}
	return c.Ints(), nil
}

// at names a row and its time: "flows:17 (2006-09-26T00:00:00Z)".
func at(v table.View, i int, stamp string) string {
	return fmt.Sprintf("%s (%s)", place(v, i), v.Table().Column(stamp).String(v.Row(i)))
}

// outOfOrder returns the fewest rows to leave out so that every stamp of train is less
// than every stamp of test: train rows latest first, test rows earliest first. Of cuts
// that cost the same, the latest.
func outOfOrder(train, test []int64) (late, early []int) {
	a, b := byTime(train), byTime(test)
	// A cut keeps train stamps below it and test stamps from it on. Only stamps of test,
	// and the end of time, need be tried.
	best, keepA, keepB := len(a)+len(b), 0, 0
	for j := 0; j <= len(b); j++ {
		if j > 0 && j < len(b) && test[b[j]] == test[b[j-1]] {
			continue
		}
		i := len(a)
		if j < len(b) {
			i = sort.Search(len(a), func(i int) bool { return train[a[i]] >= test[b[j]] })
		}
		if cost := len(a) - i + j; cost <= best {
			best, keepA, keepB = cost, i, j
		}
	}
	late, early = slices.Clone(a[keepA:]), b[:keepB]
	slices.Reverse(late)
	return late, early
}

// byTime lists rows by stamp, equal ones by row.
func byTime(stamps []int64) []int {
	order := make([]int, len(stamps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case stamps[a] < stamps[b]:
			return -1
		case stamps[a] > stamps[b]:
			return 1
		}
		return 0
	})
	return order
}

// latest and earliest are rows, the first of equal ones.
func latest(stamps []int64) int {
	return slices.Index(stamps, slices.Max(stamps))
}

func earliest(stamps []int64) int {
	return slices.Index(stamps, slices.Min(stamps))
}
