package cluster_test

import (
	"context"
	"fmt"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/cluster"
	"flowbook/models/kmeans"
)

// Three clouds of flows by duration and bytes: the indices find them.
func ExampleSearch() {
	g := rng.New(1).Rand()
	var duration, size []float64
	for i := range 150 {
		cloud := float64(i % 3)
		duration = append(duration, 10*cloud+g.NormFloat64())
		size = append(size, 8*cloud*cloud+g.NormFloat64())
	}
	flows := table.Must(table.New("flows", table.Float("duration", "s", duration), table.Float("size", "KB", size))).View()

	tries, err := cluster.Search{
		Make:  func(k int, seed rng.Seed) models.Clusterer { return kmeans.Config{K: k, Seed: seed} },
		Lo:    1,
		Hi:    5,
		Gap:   10,
		Pairs: 5,
		Seed:  rng.New(2),
	}.Run(context.Background(), flows)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, index := range []cluster.Index{cluster.SilhouetteIndex, cluster.DaviesBouldinIndex, cluster.CalinskiIndex, cluster.GapIndex} {
		best := tries.Best(index)
		fmt.Printf("%s: %d clusters (%.2f)\n", index.Name, best.K, index.Of(best))
	}
	for _, try := range tries.List[1:] {
		fmt.Printf("%d clusters come back with an ARI of %.2f\n", try.K, try.Stability.Mean)
	}
	// Output:
	// silhouette: 3 clusters (0.88)
	// Davies-Bouldin: 3 clusters (0.17)
	// Calinski-Harabasz: 3 clusters (8745.53)
	// gap: 3 clusters (3.22)
	// 2 clusters come back with an ARI of 1.00
	// 3 clusters come back with an ARI of 1.00
	// 4 clusters come back with an ARI of 0.88
	// 5 clusters come back with an ARI of 0.83
}
