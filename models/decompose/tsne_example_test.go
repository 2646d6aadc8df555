package decompose_test

import (
	"context"
	"fmt"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/cluster"
	"flowbook/models/decompose"
)

// Ninety rows on a line in three dimensions, laid out on a plane: the map keeps who is
// next to whom.
func ExampleTSNE() {
	x, y, z := make([]float64, 90), make([]float64, 90), make([]float64, 90)
	for i := range x {
		x[i], y[i], z[i] = float64(i), 2*float64(i), -float64(i)
	}
	rows := table.Must(table.New("line", table.Float("x", "", x), table.Float("y", "", y), table.Float("z", "", z))).View()
	m, err := decompose.TSNE{Perplexity: 8, Seed: rng.New(1)}.Embed(context.Background(), rows)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := cluster.Rows(rows)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d points, %d neighbours each\n", len(m.X()), m.Neighbors)
	fmt.Printf("trustworthiness %.2f\n", decompose.Trustworthiness(data, m.Matrix(), 5))
	// Output:
	// 90 points, 25 neighbours each
	// trustworthiness 1.00
}
