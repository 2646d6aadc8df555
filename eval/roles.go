package eval

import (
	"flowbook/eval/audit"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// withRole lists the columns of a view's table that have a role.
func withRole(v table.View, role table.Role) (names []string) {
	for _, c := range v.Table().Columns() {
		if c.Role == role {
			names = append(names, c.Name)
		}
	}
	return names
}

// byRole adds the checks that a column's role calls for: a time must part training from
// test, and a group must be on one side.
func (c *checklist) byRole(train, test table.View, split string) {
	for _, name := range withRole(train, table.Stamp) {
		c.addFor(name)(audit.TimeOrder(train, test, name, split))
	}
	for _, name := range withRole(train, table.Group) {
		c.addFor(name)(audit.GroupOverlap(train, test, name, split))
	}
}

// byGroup adds the check of folds for each column of groups.
func (c *checklist) byGroup(data table.View, folds resample.Folds) {
	for _, name := range withRole(data, table.Group) {
		c.addFor(name)(audit.GroupLeak(data, name, folds))
	}
}

// addFor is add for a check that is made for one column, which its id names.
func (c *checklist) addFor(column string) func(exhibit.Check, error) {
	return func(check exhibit.Check, err error) {
		check.ID += " of " + column
		c.add(check, err)
	}
}
