package main

import (
	"fmt"

	"flowbook/datasets/nslkdd"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/cluster"
	"flowbook/models/encode"
	"flowbook/models/kmeans"
	"flowbook/plots"
	"flowbook/reports"
)

func findClusters(nb *reports.Notebook, kdd *nslkdd.Set) {
	// ## Do attacks form clusters of their own?
	//
	// Without labels, k-means looks for k centers that are close to all rows (features one-hot and scaled to [0, 1], ten
	// starts by k-means++ [4]). How many clusters are there? Two indices that do not see the labels are asked: the silhouette
	// (higher is better) on a sample, which decides, and Davies-Bouldin (lower is better) beside it. The labels are looked at
	// afterwards only: ARI and AMI are 0 for chance agreement and 1 for the same partition; V-measure is not corrected for chance.

	train := kdd.Train.View()
	if nb.Budget() == reports.Quick {
		train = kdd.Train20.View()
	}
	steps := encode.Pipeline(encode.OneHot{}, encode.MinMax{})
	rows := reports.Must(reports.Must(steps.Fit(nb.Context(), train)).Transform(nb.Context(), train)).View()
	points := reports.Must(cluster.Rows(rows))
	last := nb.Budget().Pick(5, 12, 24)
	classes, _, err := train.WithTarget("class").Labels()
	reports.MustDo(err)
	tries := exhibit.Exhibit{Grids: []exhibit.Grid{{Title: "k-means by number of clusters",
		Caption: fmt.Sprintf("%d rows of %s; silhouette of a sample of 2,000 rows; ARI, AMI and V-measure against the five classes.", rows.Rows(), train.Table().Name()),
		Columns: []string{"k", "inertia", "silhouette", "Davies-Bouldin", "ARI", "AMI", "V-measure"}}}}
	var silhouettes plots.Series
	var chosen models.Clustering
	best := -2.0
	for k := 2; k <= last; k++ {
		c := reports.Must(kmeans.Config{K: k, Seed: nb.Seed("kmeans").Index("k", k)}.Cluster(nb.Context(), rows))
		s := cluster.Silhouette(points, c.Labels, 2000, nb.Seed("silhouette"))
		line := []exhibit.Cell{exhibit.Count(k)}
		for _, m := range []struct {
			name  string
			value float64
		}{
			{"inertia", c.Inertia}, {"silhouette", s}, {"davies-bouldin", cluster.DaviesBouldin(points, c.Labels)},
			{"ari", cluster.ARI(classes, c.Labels)}, {"ami", cluster.AMI(classes, c.Labels)}, {"v-measure", cluster.VMeasure(classes, c.Labels).V},
		} {
			line = append(line, exhibit.Num(m.value))
			tries.Measures = append(tries.Measures, exhibit.Number(exhibit.ID("clusters", fmt.Sprintf("k=%d", k), m.name, "train"), m.value, rows.Rows()))
		}
		tries.Grids[0].Rows = append(tries.Grids[0].Rows, line)
		silhouettes.X, silhouettes.Y = append(silhouettes.X, float64(k)), append(silhouettes.Y, s)
		if s > best {
			best, chosen = s, c
		}
	}
	nb.Show(tries)
	silhouettes.Name = "silhouette"
	nb.Show(plots.Line{Name: "silhouette", Title: "Silhouette by number of clusters", XLabel: "clusters k", YLabel: "mean silhouette of a sample",
		Series: []plots.Series{silhouettes}, Dots: true, Size: plots.Wide})

	// ### What the clusters hold
	//
	// The best silhouette picks the number. Each cluster is then described by the labels found in it and by the commonest
	// service and flag.

	nb.Show(contents(train, chosen))
	nb.Textf("The silhouette prefers %d clusters (%.3f). Against the five classes they reach an adjusted Rand index of %.3f and an adjusted mutual information of %.3f.",
		chosen.K, best, cluster.ARI(classes, chosen.Labels), cluster.AMI(classes, chosen.Labels))
}

// contents describes each cluster by the rows in it.
func contents(v table.View, c models.Clustering) exhibit.Grid {
	g := exhibit.Grid{Title: "Clusters and the labels found in them", Caption: "Clusters by size; shares are of the cluster's rows.",
		Columns: []string{"cluster", "rows", "attacks", "commonest class", "commonest attack type", "commonest service", "commonest flag"}}
	columns := []string{"class", "attack", "service", "flag"}
	text := make([][]string, len(columns))
	for i, name := range columns {
		text[i] = v.Strings(name)
	}
	attack := v.Strings("is_attack")
	for k := range c.K {
		var rows []int
		for i, l := range c.Labels {
			if l == k {
				rows = append(rows, i)
			}
		}
		attacks := 0
		for _, r := range rows {
			if attack[r] == "attack" {
				attacks++
			}
		}
		line := []exhibit.Cell{exhibit.Count(k + 1), exhibit.Count(len(rows)), exhibit.Percent(float64(attacks) / float64(len(rows)))}
		for i := range columns {
			name, n := commonest(text[i], rows)
			line = append(line, exhibit.Text(fmt.Sprintf("%s (%.0f %%)", name, 100*float64(n)/float64(len(rows)))))
		}
		g.Rows = append(g.Rows, line)
	}
	return g
}

// commonest returns the most frequent of the rows' values, the first in the
// alphabet of a tie.
func commonest(values []string, rows []int) (name string, n int) {
	count := map[string]int{}
	for _, r := range rows {
		count[values[r]]++
	}
	for v, c := range count {
		if c > n || c == n && v < name {
			name, n = v, c
		}
	}
	return name, n
}
