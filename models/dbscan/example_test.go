package dbscan_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/dbscan"
	"flowbook/models/encode"
)

// Two services with a usual size each; one flow is unlike any other.
func Example() {
	ctx := context.Background()
	flows := table.Must(table.New("flows",
		table.Float("bytes", "B", []float64{40, 42, 45, 44, 900, 910, 915, 400}),
		table.Text("service", []string{"dns", "dns", "dns", "dns", "http", "http", "http", "http"}))).View()
	c, err := encode.Before(dbscan.Config{Eps: 0.05, MinPoints: 3}, encode.OneHot{}, encode.MinMax{}).Cluster(ctx, flows)
	if err != nil {
		panic(err)
	}
	fmt.Println(c.K, "clusters:", c.Labels)
	// Output: 2 clusters: [0 0 0 0 1 1 1 -1]
}

// The k-distances of two dense groups and three far rows bend where the far rows end.
func ExampleConfig_Curve() {
	rows := table.Must(table.New("rows",
		table.Float("x", "", []float64{0, 1, 2, 3, 40, 41, 42, 43, 100, 150, 230}))).View()
	curve, err := dbscan.Config{MinPoints: 2}.Curve(context.Background(), rows)
	if err != nil {
		panic(err)
	}
	fmt.Println(curve.Distance, "knee at", curve.Knee, "with Eps", curve.Eps)
	// Output: [80 50 50 1 1 1 1 1 1 1 1] knee at 3 with Eps 1
}
