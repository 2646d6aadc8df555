package plots_test

import (
	"fmt"
	"math"

	"flowbook/plots"
)

func ExampleHistogram() {
	f := plots.Histogram{
		Name:    "src-bytes",
		Title:   "Bytes sent by the source",
		Caption: "Bytes of each connection of KDDTest+",
		XLabel:  "src_bytes (bytes)",
		Scale:   plots.Log1p,
		Height:  plots.Share,
		Groups: plots.GroupBy(
			[]float64{0, 0, 520, 1032, math.NaN(), 215, 300},
			[]string{"attack", "attack", "attack", "attack", "attack", "normal", "normal"},
			"normal", "attack"),
	}.Figure()
	fmt.Println(f.Caption)
	fmt.Println(f.Alt)
	// Output:
	// Bytes of each connection of KDDTest+. Rows: normal 2, attack 4. 1 row without a value left out.
	// Histogram: Bytes sent by the source. Rows: normal 2, attack 4. Medians: normal 258, attack 260.
}

func ExampleROC() {
	f := plots.ROC{
		Name:  "roc-test",
		Title: "KDDTest+, attack against normal",
		Curves: []plots.ROCCurve{
			{Name: "boosting", FPR: []float64{0.02, 0.3}, TPR: []float64{0.7, 0.9}},
			{Name: "one-rule", FPR: []float64{0.2}, TPR: []float64{0.6}, AUC: 0.7},
		},
		Operating: []plots.Operating{{Label: "threshold 0.5", X: 0.02, Y: 0.7}},
	}.Figure()
	fmt.Println(f.Alt)
	// Output:
	// ROC curves: KDDTest+, attack against normal. boosting: AUC 0.896. one-rule: AUC 0.700.
}

func ExampleDots() {
	f := plots.Dots{
		Name:      "flags",
		Title:     "Odds ratios of the flags",
		XLabel:    "odds ratio, attack against normal",
		Scale:     plots.Log,
		Reference: []float64{1},
		Rows: []plots.Estimate{
			{Label: "S0", Value: 120, Low: 90, High: 160},
			{Label: "RSTOS0", Value: 60, Low: 3, High: math.Inf(1)},
		},
	}.Figure()
	fmt.Println(f.Alt)
	// Output:
	// Estimates with intervals: Odds ratios of the flags. S0: 120 [90, 160]. RSTOS0: 60 [3, ∞].
}

func ExampleDendrogram() {
	f := plots.Dendrogram{
		Name:   "services",
		Title:  "Five hosts by what they send",
		XLabel: "height of the merge (Ward linkage)",
		Merges: []plots.Merge{{A: 0, B: 1, Height: 1, Size: 2}, {A: 3, B: 4, Height: 1.5, Size: 2}, {A: 2, B: 5, Height: 2, Size: 3}, {A: 6, B: 7, Height: 8, Size: 5}},
		Names:  []string{"a", "b", "c", "d", "e"}, Clusters: 2,
	}.Figure()
	fmt.Println(f.Caption)
	fmt.Println(f.Alt)
	// Output:
	// The last 4 of 4 merges of 5 rows. Cut at 5 into 2 clusters of 3, 2 rows.
	// Dendrogram: Five hosts by what they send. The last 4 of 4 merges of 5 rows. Cut at 5 into 2 clusters of 3, 2 rows. d. e. c. a. b.
}

func ExampleElbow() {
	f := plots.Elbow{
		Name:   "how-many",
		Title:  "How many clusters?",
		K:      []float64{2, 3, 4},
		Chosen: 3,
		Panels: []plots.Panel{
			{Name: "inertia", Values: []float64{910, 420, 390}},
			{Name: "gap", Better: plots.Higher, Values: []float64{0.2, 0.9, 0.8}, Low: []float64{0.1, 0.8, 0.7}, High: []float64{0.3, 1, 0.9}},
		},
	}.Figure()
	fmt.Println(f.Alt)
	// Output:
	// Indices by number of clusters: How many clusters? Chosen: 3. inertia. gap, higher is better: best 0.900 at 3.
}

func ExampleSilhouette() {
	f := plots.Silhouette{
		Name:     "widths",
		Title:    "Silhouette of two clusters",
		Clusters: []plots.Group{{Name: "1", Values: []float64{0.7, 0.5, 0.6}}, {Name: "2", Values: []float64{0.4, -0.2}}},
	}.Figure()
	fmt.Println(f.Caption)
	// Output:
	// 5 rows in 2 clusters, mean width 0.400; numbers at the right are means by cluster.
}

func ExampleClusterMap() {
	f := plots.ClusterMap{
		Name:  "map",
		Title: "Clusters and classes",
		X:     []float64{0, 1, 0, 9, 8, 5},
		Y:     []float64{0, 0, 1, 9, 9, 5},
		Colourings: []plots.Colouring{
			{Title: "clusters", Labels: []int{0, 0, 0, 1, 1, -1}},
			{Title: "classes", Labels: []int{1, 1, 0, 0, 0, 0}, Names: []string{"attack", "normal"}},
		},
	}.Figure()
	fmt.Println(f.Caption)
	// Output:
	// Rows: 1 3, 2 2, noise 1. Rows: attack 4, normal 2.
}
