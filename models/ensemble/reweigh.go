package ensemble

import "flowbook/internal/table"

// reweigh returns the view with the weights of column, one for each row of the
// table behind it, in the place of its own. Its features share their storage.
func reweigh(v table.View, column []float64) table.View {
	t := v.Table()
	name := "weight"
	for {
		if _, err := t.Lookup(name); err != nil {
			break
		}
		name += "'"
	}
	// The last weight column is the one that a view uses.
	u := table.Must(t.With(table.Float(name, "", column).As(table.Weight))).View()
	if c, ok := v.Target(); ok {
		u = u.WithTarget(c.Name)
	}
	var features []string
	for _, c := range v.Features() {
		features = append(features, c.Name)
	}
	u = u.Select(features...)
	if rows := v.Index(); rows != nil {
		u = u.Take(rows)
	}
	return u
}
