package neural_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/neural"
)

// Either of two signs alone is normal, both or none is an attack: no weighted sum of
// the two tells these apart, one hidden layer does.
func Example() {
	train := table.Must(table.New("flows",
		table.Float("syn", "", []float64{0, 0, 1, 1}),
		table.Float("ack", "", []float64{0, 1, 0, 1}),
		table.Text("class", []string{"attack", "normal", "normal", "attack"}).As(table.Label))).View()
	learner := encode.Then(neural.MLP{Hidden: []int{8}, Rate: 0.05}, encode.Standardize{})
	model, err := learner.Fit(context.Background(), train)
	if err != nil {
		panic(err)
	}
	p, err := model.Predict(context.Background(), train)
	if err != nil {
		panic(err)
	}
	for i := range p.Rows() {
		fmt.Printf("%s %.1f\n", p.Classes[p.Best(i)], p.Row(i)[p.Best(i)])
	}
	// Output:
	// attack 1.0
	// normal 1.0
	// normal 1.0
	// attack 1.0
}
