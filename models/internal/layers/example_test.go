package layers_test

import (
	"context"
	"fmt"

	"flowbook/internal/rng"
	"flowbook/models/internal/layers"
)

// A net of two layers learns exclusive or, which one layer cannot.
func Example() {
	x := []float32{0, 0, 0, 1, 1, 0, 1, 1} // four rows of two numbers
	loss := layers.Logistic{Truth: layers.Truth{Class: []int32{0, 1, 1, 0}}}
	net := layers.NewNet(layers.Take{Data: x, Width: 2}, layers.Affine{In: 2, Out: 8}, layers.Tanh{Width: 8}, layers.Affine{In: 8, Out: 1})
	trainer := layers.Trainer{Net: net, Weights: net.Init(rng.New(1)), Loss: loss, Solver: &layers.Adam{Rate: 0.05}, Batch: 4}
	order := []int32{0, 1, 2, 3}
	for range 300 {
		if _, err := trainer.Epoch(context.Background(), order); err != nil {
			panic(err)
		}
	}
	for i, logOdds := range net.NewBuffers(4).Forward(trainer.Weights, nil, order, 4) {
		fmt.Println(x[2*i], x[2*i+1], logOdds > 0)
	}
	// Output:
	// 0 0 false
	// 0 1 true
	// 1 0 true
	// 1 1 false
}
