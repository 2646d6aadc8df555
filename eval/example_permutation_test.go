package eval_test

import (
	"context"
	"fmt"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/histtree"
)

// What does a tree lose where a feature says another row's value? Nothing where it never
// looks.
func ExampleTrial_Permute() {
	var bytes, port []float64
	var class []string
	for i := range 200 {
		bytes, port = append(bytes, float64(i*37%100)), append(port, float64(i*13%7))
		class = append(class, "normal")
		if bytes[i] >= 50 {
			class[i] = "attack"
		}
	}
	flows := table.Must(table.New("flows", table.Float("bytes", "bytes", bytes), table.Float("port", "", port),
		table.Text("class", class).As(table.Label)))
	tree, err := histtree.Tree{}.Fit(context.Background(), flows.View())
	if err != nil {
		fmt.Println(err)
		return
	}
	trial := eval.Trial{Metrics: []metric.Metric{metric.Accuracy}, Seed: rng.New(1)}
	lost, err := trial.Permute(context.Background(), "decision tree", tree, flows.View(), 20)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, feature := range lost.Features {
		fmt.Printf("%s: %.2f of %.2f\n", feature, lost.Mean(feature, metric.Accuracy), lost.Base(metric.Accuracy))
	}
	// Output:
	// bytes: 0.50 of 1.00
	// port: 0.00 of 1.00
}
