package anomaly_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/anomaly"
)

// The row at 4 lies nearer to its neighbours, at 2.5 and 3, than those from 20 on do to
// theirs, but its neighbours are crowded: their mean reach is 0.75, its own 2.75.
func ExampleLOF() {
	train := table.Must(table.New("rows",
		table.Float("x", "", []float64{0, 0.5, 1, 1.5, 4, 20, 24, 28, 32}))).View()
	m, err := anomaly.LOF{K: 2}.FitDetector(context.Background(), train)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f\n", m.(*anomaly.Densities).TrainingScores())
	// Output: [1.0 1.0 1.0 1.0 3.7 1.0 1.0 1.0 1.0]
}
