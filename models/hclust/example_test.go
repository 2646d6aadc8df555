package hclust_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/hclust"
)

func ExampleConfig_Fit() {
	hosts := table.Must(table.New("hosts",
		table.Float("packets", "", []float64{1, 2, 10, 12, 30}),
	)).View()
	tree, err := hclust.Config{Linkage: hclust.Average}.Fit(context.Background(), hosts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range tree.Merges() {
		fmt.Printf("%d and %d at %.4g: %d rows\n", m.A, m.B, m.Height, m.Size)
	}
	three, _ := tree.Cut(3)
	near, _ := tree.CutAt(1.5)
	fmt.Println(three.Labels, near.Labels)
	r, _ := tree.Correlation(context.Background(), hosts)
	fmt.Printf("cophenetic correlation %.3f\n", r)
	// Output:
	// 0 and 1 at 1: 2 rows
	// 2 and 3 at 2: 2 rows
	// 5 and 6 at 9.5: 4 rows
	// 4 and 7 at 23.75: 5 rows
	// [0 0 1 1 2] [0 0 1 2 3]
	// cophenetic correlation 0.942
}
