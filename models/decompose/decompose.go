// Package decompose answers: in which few directions do the rows differ, and how do
// they lie beside each other on a map?
//
// PCA turns the features into as many uncorrelated ones as wanted, by falling variance,
// and says how much each explains; t-SNE lays the rows out on a plane so that near
// ones stay near. Both want numbers of comparable scale: encode first.
//
//	m, err := decompose.PCA{K: 2}.Fit(ctx, rows)
//	share := m.Ratio()                    // of the variance, by component
//	scores, err := m.Transform(ctx, rows) // a table with the columns pc1 and pc2
package decompose
