package main

import (
	"fmt"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/cluster"
	"flowbook/models/decompose"
	"flowbook/plots"
	"flowbook/reports"
)

// drawMaps lays the rows of a sample out on a plane, in two ways.
func drawMaps(nb *reports.Notebook, rows table.View, some []int, clusters, dense models.Clustering, classes []int, names []string) {
	// ### Two maps
	//
	// Principal components are the directions in which the rows differ most; the first two give the flat picture that keeps the most variance,
	// and distances on it are never larger than the true ones. t-SNE [10] keeps neighbours together instead: near rows stay near, but the sizes of its islands and
	// the gaps between them mean nothing; it makes small the Kullback-Leibler divergence, in nats, of how near rows are on the map from how near they were, where a row has some 30 neighbours (its
	// perplexity). Trustworthiness asks of each map whether rows that are near on it were near before (1: all of them).

	part := rows.Take(some)
	x := reports.Must(cluster.Rows(part))
	pca := reports.Must(decompose.PCA{}.Fit(nb.Context(), rows))
	nb.Show(explained(pca, rows.Rows()))
	flat := reports.Must(reports.Must(decompose.PCA{K: 2}.Fit(nb.Context(), rows)).Scores(nb.Context(), part))
	island := reports.Must(decompose.TSNE{Perplexity: 30, Rounds: nb.Budget().Pick(300, 1000, 1000), Seed: nb.Seed("t-sne")}.Embed(nb.Context(), part))

	labels := take(classes, some)
	byCluster := plots.Colouring{Title: "k-means clusters", Labels: take(clusters.Labels, some)}
	for k := range clusters.K {
		byCluster.Names = append(byCluster.Names, fmt.Sprintf("no. %d", k+1))
	}
	byClass := plots.Colouring{Title: "classes, not known to the map", Labels: labels, Names: names}
	first := cluster.Matrix{X: flat, P: 2}
	a, b := make([]float64, len(some)), make([]float64, len(some))
	for i := range some {
		a[i], b[i] = flat[2*i], flat[2*i+1]
	}
	nb.Show(plots.ClusterMap{Name: "map-pca", Title: "The first two principal components", XLabel: "component 1", YLabel: "component 2", X: a, Y: b,
		Colourings: []plots.Colouring{byCluster, byClass}, Seed: nb.Seed("map")})
	nb.Show(plots.ClusterMap{Name: "map-tsne", Title: "t-SNE", XLabel: "no unit", YLabel: "no unit", X: island.X(), Y: island.Y(),
		Colourings: []plots.Colouring{{Title: "DBSCAN clusters", Labels: dense.Labels}, byClass}, Seed: nb.Seed("map")})

	near := []float64{decompose.Trustworthiness(x, first, 5), decompose.Trustworthiness(x, island.Matrix(), 5)}
	nb.Show(exhibit.Exhibit{Measures: []exhibit.Measure{
		exhibit.Number("maps/pca/trustworthiness/sample", near[0], len(some)),
		exhibit.Number("maps/t-sne/trustworthiness/sample", near[1], len(some)),
		exhibit.Number("maps/t-sne/kl-divergence/sample", island.KL, len(some)),
	}})
	ratio := pca.Ratio()
	most, sum := 0, 0.0
	for sum < 0.95 && most < len(ratio) {
		sum += ratio[most]
		most++
	}
	nb.Textf("%d components explain 95 %% of the variance. The first two keep %.1f %% and have a trustworthiness of %.3f on %d rows; t-SNE has %.3f, with a Kullback-Leibler divergence of %.3f at a perplexity of 30.",
		most, 100*(ratio[0]+ratio[1]), near[0], len(some), near[1], island.KL)
}

// explained draws how many directions the features have.
func explained(m *decompose.PCAModel, rows int) plots.Line {
	var k, sum []float64
	total := 0.0
	for i, r := range m.Ratio() {
		total += r
		k, sum = append(k, float64(i+1)), append(sum, total)
	}
	return plots.Line{Name: "explained", Title: "Variance that the first components explain", XLabel: "components", YLabel: "share of the variance", Percent: true, FromZero: true,
		Series: []plots.Series{{X: k, Y: sum}}, Levels: []plots.Mark{{At: 0.95, Label: "95 %"}}, Size: plots.Wide,
		Caption: fmt.Sprintf("%d rows, logs, one-hot, scaled to [0, 1].", rows)}
}
