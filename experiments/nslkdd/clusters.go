package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/datasets/nslkdd"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/cluster"
	"flowbook/models/dbscan"
	"flowbook/models/encode"
	"flowbook/models/hclust"
	"flowbook/models/kmeans"
	"flowbook/plots"
	"flowbook/reports"
)

func findClusters(nb *reports.Notebook, kdd *nslkdd.Set) {
	// ## Do attacks form clusters of their own?
	//
	// Nothing in this chapter learns from a label. Heavy-tailed features are put on a log scale, categories one-hot, everything scaled to [0, 1]: rows that are near
	// each other agree in their categories and differ little in their numbers. A category that differs costs a distance of 1.41, as much as two numbers at opposite ends, so that what is found
	// follows protocol, service and flag by construction. Labels are looked at afterwards only, to ask what was found: ARI and AMI are
	// 0 for chance agreement and 1 for the same partition; V-measure is not corrected for chance.
	//
	// ### How many clusters?
	//
	// k-means looks for k centers that are close to all rows (twenty starts by k-means++ [4]). Inertia, the sum of squared distances to the
	// centers, falls with every center more. Five indices that do not see the labels say when to stop: the silhouette (how much nearer a row is
	// to its own cluster than to the next), Davies-Bouldin (spread of clusters against their distance; lower is better), Calinski-Harabasz (spread
	// between clusters against spread within), the gap statistic (how much tighter the clusters are than those of rows without any [8]) and the
	// agreement of clusterings of subsamples (do the same clusters come back?). They need not agree; the silhouette decides.

	train := kdd.Train.View()
	if nb.Budget() == reports.Quick {
		train = kdd.Train20.View()
	}
	steps := encode.Pipeline(encode.Log1p{}, encode.OneHot{}, encode.MinMax{})
	rows := reports.Must(reports.Must(steps.Fit(nb.Context(), train)).Transform(nb.Context(), train)).View()
	points := reports.Must(cluster.Rows(rows))
	classes, names, err := train.WithTarget("class").Labels()
	reports.MustDo(err)
	means := func(k int, seed rng.Seed) models.Clusterer { return kmeans.Config{K: k, Starts: 20, Seed: seed} }
	tries := reports.Must(cluster.Search{Make: means, Lo: 2, Hi: nb.Budget().Pick(5, 12, 24), Sample: nb.Budget().Pick(500, 1000, 5000), Gap: nb.Budget().Pick(2, 4, 20),
		Pairs: nb.Budget().Pick(2, 5, 20), Classes: classes, Seed: nb.Seed("kmeans")}.Run(nb.Context(), rows))
	nb.Show(tries)
	chosen := tries.Best(cluster.SilhouetteIndex)
	nb.Show(elbow(tries, chosen.K))
	ks, widthsOf, _, _ := tries.Series(cluster.SilhouetteIndex)
	next := 0.0
	for i, k := range ks {
		if int(k) != chosen.K {
			next = max(next, widthsOf[i])
		}
	}
	nb.Textf("The silhouette prefers %d clusters (%.4f; the next best number has %.4f), Davies-Bouldin %d, Calinski-Harabasz %d; %s; clusters of subsamples agree from %.3f up.",
		chosen.K, chosen.Silhouette, next, tries.Best(cluster.DaviesBouldinIndex).K, tries.Best(cluster.CalinskiIndex).K, byGap(tries), leastStable(tries))

	// ### What the clusters hold
	//
	// Each cluster of the number that the silhouette picked, described by the labels found in it and by the commonest service and flag; then
	// how well its rows sit in it. Rows left of zero would be nearer to another cluster.

	nb.Show(contents(train, chosen.Clustering))
	widths := reports.Must(cluster.Widths(nb.Context(), points, chosen.Labels, nb.Budget().Pick(1000, 10000, 40000), nb.Seed("widths")))
	nb.Show(silhouettePlot(widths))
	nb.Textf("The %d clusters have a mean silhouette of %.3f over %d rows. Against the five classes they reach an adjusted Rand index of %.3f and an adjusted mutual information of %.3f; against the categories, an adjusted mutual information of %s.",
		chosen.K, widths.Mean(), len(widths.Rows), chosen.ARI, chosen.AMI, withCategories(train, chosen.Labels))

	some := sample(rows, nb.Budget().Pick(600, 5000, 15000), nb.Seed("sample"))
	held, mainly := holding(train, chosen.Clustering)
	nb.Textf("Do attacks form clusters of their own? The clusters of which more than four fifths are attacks hold %.1f %% of the attack rows. Classes that are the commonest of some cluster: %s.", 100*held, list(mainly))
	other := otherClusters(nb, train, rows, some, chosen.Clustering, classes, names)
	drawMaps(nb, rows, some, chosen.Clustering, other, classes, names)
}

// sample draws row numbers without replacement, in rising order.
func sample(rows table.View, n int, seed rng.Seed) []int {
	drawn := seed.Rand().Perm(rows.Rows())[:min(n, rows.Rows())]
	slices.Sort(drawn)
	return drawn
}

// elbow draws the indices that do not see the labels.
func elbow(t cluster.Tries, chosen int) plots.Elbow {
	e := plots.Elbow{Name: "elbow", Title: "k-means by number of clusters", XLabel: "clusters k", Chosen: float64(chosen),
		Caption: fmt.Sprintf("Inertia, Davies-Bouldin and Calinski-Harabasz of %d rows; silhouette, gap (with its standard error) and stability (adjusted Rand index of subsamples, with its range) of a sample of %d.", t.Rows, t.Sample)}
	for _, i := range []cluster.Index{cluster.InertiaIndex, cluster.SilhouetteIndex, cluster.DaviesBouldinIndex, cluster.CalinskiIndex, cluster.GapIndex, cluster.StabilityIndex} {
		k, values, low, high := t.Series(i)
		p := plots.Panel{Name: i.Name, Values: values, Low: low, High: high, Better: plots.Lower}
		switch i.Name {
		case cluster.InertiaIndex.Name:
			p.Better = plots.Neither
		case cluster.GapIndex.Name:
			p.Better = plots.Neither // it has a rule of its own, which may choose none
			if k := gapChoice(t); k > 0 {
				p.Choice = float64(k)
			}
		default:
			if i.Higher {
				p.Better = plots.Higher
			}
		}
		e.K, e.Panels = k, append(e.Panels, p)
	}
	return e
}

// gapChoice is the number of clusters by the gap's rule of one standard error, 0 for none.
func gapChoice(t cluster.Tries) int {
	var gaps []cluster.Gap
	for _, try := range t.List {
		gaps = append(gaps, try.Gap)
	}
	return cluster.ChooseGap(gaps)
}

func byGap(t cluster.Tries) string {
	if k := gapChoice(t); k > 0 {
		return fmt.Sprintf("the gap statistic %d", k)
	}
	return fmt.Sprintf("the gap statistic none up to %d (it is still rising, as it does where one-hot columns are held against uniform ones)", t.List[len(t.List)-1].K)
}

// leastStable is the lowest mean agreement of subsamples.
func leastStable(t cluster.Tries) float64 {
	_, values, _, _ := t.Series(cluster.StabilityIndex)
	return slices.Min(values)
}

// holding is the share of attack rows in clusters of which more than four fifths are
// attacks, and the classes that are the commonest of some cluster.
func holding(v table.View, c models.Clustering) (share float64, mainly []string) {
	attack, class := v.Strings("is_attack"), v.Strings("class")
	rows, attacks := make([]int, c.K), make([]int, c.K)
	members, all := make([][]int, c.K), 0
	for i, l := range c.Labels {
		rows[l]++
		members[l] = append(members[l], i)
		if attack[i] == "attack" {
			attacks[l]++
			all++
		}
	}
	held := 0
	for k := range rows {
		if 5*attacks[k] > 4*rows[k] {
			held += attacks[k]
		}
		if name, _ := commonest(class, members[k]); !slices.Contains(mainly, name) {
			mainly = append(mainly, name)
		}
	}
	slices.Sort(mainly)
	return float64(held) / float64(all), mainly
}

func silhouettePlot(s cluster.Silhouettes) plots.Silhouette {
	p := plots.Silhouette{Name: "silhouette", Title: "How well rows sit in their clusters", Caption: fmt.Sprintf("Silhouette widths of a sample of %d rows.", len(s.Rows))}
	labels, widths := s.Clusters()
	for i, l := range labels {
		p.Clusters = append(p.Clusters, plots.Group{Name: fmt.Sprintf("cluster %d", l+1), Values: widths[i]})
	}
	return p
}

// otherClusters groups a sample in three further ways and sets them side by side. It
// returns what DBSCAN found.
func otherClusters(nb *reports.Notebook, train, rows table.View, some []int, chosen models.Clustering, classes []int, names []string) models.Clustering {
	// ### Clusters of any shape, and rows that belong to none
	//
	// DBSCAN [9] knows no number of clusters and no centers: rows with at least five rows within a radius, themselves counted, are the core of a cluster, and what lies within
	// no core's reach is noise. The radius comes from the rows: their distances to the fifth nearest row, sorted, bend where sparse rows begin.
	// From here on a sample of the rows stands for all, for the tree and the maps below cannot take more.

	part, k := rows.Take(some), chosen.K
	x := reports.Must(cluster.Rows(part))
	config := dbscan.Config{MinPoints: 5}
	curve := reports.Must(config.Curve(nb.Context(), part))
	config.Eps = curve.Eps
	nb.Show(distances(curve))
	dense := reports.Must(config.Cluster(nb.Context(), part))

	// ### The same rows as a tree
	//
	// Agglomerative clustering begins with each row by itself and merges the two nearest clusters until one is left. What "nearest" means is the
	// linkage: Ward's merges cost the least inertia, average and complete look at the mean and the largest distance between rows, single at the
	// smallest. The cophenetic correlation says how well the heights at which rows meet tell their distances.

	labels := take(classes, some)
	var ward models.Clustering
	var trees []compared
	for _, l := range []hclust.Linkage{hclust.Ward, hclust.Average, hclust.Complete, hclust.Single} {
		tree := reports.Must(hclust.Config{Linkage: l}.Fit(nb.Context(), part))
		c := reports.Must(tree.Cut(k))
		if l == hclust.Ward {
			ward = c
			nb.Show(dendrogram(tree, k, labels, names))
		}
		trees = append(trees, compare("hierarchical, "+l.String(), c, x, labels, reports.Must(tree.Correlation(nb.Context(), part))))
	}

	// ### Side by side
	//
	// All on the same sample, the ones with a number of clusters cut at the number that the silhouette chose above.

	again := reports.Must(kmeans.Config{K: k, Seed: nb.Seed("kmeans of the sample")}.Cluster(nb.Context(), part))
	all := append([]compared{compare("k-means", again, x, labels, none), compare(fmt.Sprintf("DBSCAN, radius %.3g", config.Eps), dense, x, labels, none)}, trees...)
	nb.Show(sideBySide(all, len(some)))
	nb.Textf("k-means and Ward's tree agree on the sample with an adjusted Rand index of %.2f; the clusters of all rows, above, agree with Ward's tree with %.2f. DBSCAN makes %d clusters and leaves %.1f %% of the rows out as noise; of these %.0f %% are attacks, of all rows of the sample %.0f %%.",
		cluster.ARI(again.Labels, ward.Labels), cluster.ARI(take(chosen.Labels, some), ward.Labels), dense.K, 100*share(dense.Labels, func(l int) bool { return l < 0 }),
		100*attackShare(train.Take(some), dense.Labels, true), 100*attackShare(train.Take(some), dense.Labels, false))
	return dense
}

// withCategories is how much the clusters tell of each category.
func withCategories(v table.View, labels []int) string {
	var said []string
	for _, name := range []string{"protocol_type", "service", "flag"} {
		levels, _, err := v.WithTarget(name).Labels()
		reports.MustDo(err)
		said = append(said, fmt.Sprintf("%.3f with %s", cluster.AMI(levels, labels), name))
	}
	return strings.Join(said, ", ")
}

// distances draws the sorted distances of which the bend is DBSCAN's radius.
func distances(c dbscan.Curve) plots.Line {
	var places []float64
	for i := range c.Distance {
		places = append(places, float64(i+1))
	}
	return plots.Line{Name: "distances", Title: "Distance to the fifth nearest row", XLabel: "rows, the farthest first", YLabel: "distance",
		Series: []plots.Series{{X: places, Y: c.Distance}}, Levels: []plots.Mark{{At: c.Eps, Label: fmt.Sprintf("bend: %.3g", c.Eps)}}, Size: plots.Wide,
		Caption: "The row itself is the first of the five."}
}

// dendrogram draws the last merges and the classes below each.
func dendrogram(t *hclust.Tree, k int, classes []int, names []string) plots.Dendrogram {
	d := plots.Dendrogram{Name: "dendrogram", Title: "The last merges of Ward's tree", Clusters: k, Order: nslkdd.Classes(),
		Caption: fmt.Sprintf("Colours and numbers: the cut into %d clusters. Numbers are by size within this tree. The strip shows the classes of each leaf's rows, which the tree does not know.", k)}
	for _, m := range t.Merges() {
		d.Merges = append(d.Merges, plots.Merge(m))
	}
	for _, c := range classes {
		d.Classes = append(d.Classes, names[c])
	}
	return d
}

// none stands where there is no cophenetic correlation.
var none = math.NaN()

// compared is a clustering of the sample with its indices.
type compared struct {
	name string
	models.Clustering
	cophenetic          float64
	silhouette, bouldin float64
	calinski            float64
	ari, ami, v         float64
}

func compare(name string, c models.Clustering, x cluster.Matrix, classes []int, cophenetic float64) compared {
	return compared{name: name, Clustering: c, cophenetic: cophenetic, silhouette: cluster.Silhouette(x, c.Labels, 0, rng.Seed{}),
		bouldin: cluster.DaviesBouldin(x, c.Labels), calinski: cluster.CalinskiHarabasz(x, c.Labels),
		ari: cluster.ARI(classes, c.Labels), ami: cluster.AMI(classes, c.Labels), v: cluster.VMeasure(classes, c.Labels).V}
}

func sideBySide(all []compared, rows int) exhibit.Exhibit {
	g := exhibit.Grid{Title: "Clusterings of one sample",
		Caption: fmt.Sprintf("%d rows. Silhouette, Davies-Bouldin and Calinski-Harabasz leave noise out; ARI, AMI and V-measure count it as a cluster.", rows),
		Columns: []string{"clustering", "clusters", "largest", "noise", "silhouette", "Davies-Bouldin", "Calinski-Harabasz", "cophenetic correlation", "ARI", "AMI", "V-measure"}}
	var e exhibit.Exhibit
	for _, c := range all {
		noise := share(c.Labels, func(l int) bool { return l < 0 })
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(c.name), exhibit.Count(c.K), exhibit.Percent(share(c.Labels, func(l int) bool { return l == 0 })), exhibit.Percent(noise),
			exhibit.Num(c.silhouette), exhibit.Num(c.bouldin), exhibit.Num(c.calinski), exhibit.Num(c.cophenetic), exhibit.Num(c.ari), exhibit.Num(c.ami), exhibit.Num(c.v)})
		name, _, _ := strings.Cut(c.name, ", radius") // the radius is a result
		for _, m := range []struct {
			name  string
			value float64
		}{{"clusters", float64(c.K)}, {"noise", noise}, {"silhouette", c.silhouette}, {"davies-bouldin", c.bouldin}, {"calinski-harabasz", c.calinski}, {"cophenetic", c.cophenetic}, {"ari", c.ari}, {"ami", c.ami}, {"v-measure", c.v}} {
			if m.name != "cophenetic" || !math.IsNaN(m.value) {
				e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("clusters", name, m.name, "sample"), m.value, rows))
			}
		}
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// share is the part of the labels that are so.
func share(labels []int, so func(int) bool) float64 {
	n := 0
	for _, l := range labels {
		if so(l) {
			n++
		}
	}
	return float64(n) / float64(len(labels))
}

// attackShare is the share of attacks, among the rows of noise or all.
func attackShare(v table.View, labels []int, noise bool) float64 {
	attacks, n := 0, 0
	for i, s := range v.Strings("is_attack") {
		if noise && labels[i] >= 0 {
			continue
		}
		if n++; s == "attack" {
			attacks++
		}
	}
	return float64(attacks) / float64(n)
}

// take returns the entries of some rows.
func take[T any](all []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = all[r]
	}
	return out
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
