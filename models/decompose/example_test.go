package decompose_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/decompose"
)

// Two features that nearly say the same are one component and what is left.
func ExamplePCA() {
	flows := table.Must(table.New("flows",
		table.Float("packets", "", []float64{1, 2, 3, 4}),
		table.Float("kilobytes", "kB", []float64{2, 4, 6, 9}))).View()
	m, err := decompose.PCA{}.Fit(context.Background(), flows)
	if err != nil {
		panic(err)
	}
	scores, err := m.Transform(context.Background(), flows)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f of the variance\n", m.Ratio())
	fmt.Printf("%.3f packets, kilobytes\n", m.Components()[0])
	fmt.Printf("%.3f\n", scores.View().Floats("pc1"))
	// Output:
	// [0.9985 0.0015] of the variance
	// [0.396 0.918] packets, kilobytes
	// [-3.578 -1.346 0.887 4.037]
}
