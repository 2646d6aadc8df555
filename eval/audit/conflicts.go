package audit

import (
	"fmt"
	"strings"

	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// Conflicts counts the feature vectors whose rows carry more than one class: no
// model can get all of them right, and the share of rows outside the commonest
// class of their vector is the least error possible on these rows. Up to 1 % of
// such rows is a warning. Value: vectors. It fails where no target is set.
func Conflicts(v table.View, name string) (exhibit.Check, error) {
	labels, classes, err := v.Labels()
	if err != nil {
		return exhibit.Check{}, fmt.Errorf("audit: conflicts in %s: %w", name, err)
	}
	c := exhibit.Check{
		ID:    "label-conflicts",
		Title: fmt.Sprintf("Do rows of %s with equal features carry different classes?", name),
		Unit:  "vectors",
		Limit: "0; up to 1 % of rows that cannot be right is a warning",
	}
	groups := resample.GroupsOf(v)
	members := membersOf(groups)
	vectors, rows, wrong := 0, 0, 0
	counts, first := make([]int, len(classes)), make([]int, len(classes))
	for _, list := range members {
		if len(list) < 2 {
			continue
		}
		clear(counts)
		most, kinds := 0, 0
		for _, r := range list {
			l := labels[r]
			if counts[l]++; counts[l] == 1 {
				first[l] = r
				kinds++
			}
			most = max(most, counts[l])
		}
		if kinds < 2 {
			continue
		}
		if vectors++; vectors <= maxRows {
			var parts []string
			for l, n := range counts {
				if n > 0 {
					parts = append(parts, fmt.Sprintf("%s %q ×%d", place(v, first[l]), classes[l], n))
				}
			}
			c.Rows = append(c.Rows, strings.Join(parts, ", "))
		}
		rows += len(list)
		wrong += len(list) - most
	}
	share := float64(wrong) / float64(max(1, len(labels)))
	c.Value, c.Status = float64(vectors), grade(share, 0, 0.01)
	c.Detail = fmt.Sprintf("%d feature vectors, %d rows of %d, carry more than one class; the least error possible is %s.",
		vectors, rows, len(labels), percent(share))
	return c, nil
}

// membersOf lists the rows of each group, groups by first appearance. The lists
// share one array.
func membersOf(groups []int) [][]int {
	n := 0
	for _, g := range groups {
		n = max(n, g+1)
	}
	sizes := make([]int, n)
	for _, g := range groups {
		sizes[g]++
	}
	all := make([]int, len(groups))
	out := make([][]int, n)
	at := 0
	for g, size := range sizes {
		out[g] = all[at : at : at+size]
		at += size
	}
	for r, g := range groups {
		out[g] = append(out[g], r)
	}
	return out
}
