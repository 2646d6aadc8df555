package svm_test

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/svm"
)

// rings simulates flows whose attacks lie around the normal ones, where no straight
// line parts them.
func rings(n int) table.View {
	g := rng.New(1).Rand()
	rate, size, class := make([]float64, n), make([]float64, n), make([]string, n)
	for i := range n {
		radius, angle := 1+0.2*g.NormFloat64(), 2*math.Pi*g.Float64()
		if class[i] = "normal"; i%3 == 0 {
			class[i], radius = "attack", radius+1.5
		}
		rate[i], size[i] = 100*radius*math.Cos(angle), radius*math.Sin(angle)
	}
	return table.Must(table.New("flows", table.Float("rate", "1/s", rate), table.Float("size", "kB", size),
		table.Text("class", class).As(table.Label))).View()
}

func ExampleRBF() {
	ctx, flows := context.Background(), rings(600)
	learner := encode.Then(svm.RBF{C: 10}, encode.Standardize{})
	m, err := learner.Fit(ctx, flows)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := m.Predict(ctx, flows)
	if err != nil {
		fmt.Println(err)
		return
	}
	right := 0
	for i, class := range flows.Strings("class") {
		if p.Classes[p.Best(i)] == class {
			right++
		}
	}
	n, unit := m.(models.Sized).Size()
	fmt.Println(right, "of", p.Rows(), "right")
	fmt.Println(n, unit)
	// Output:
	// 600 of 600 right
	// 12 support vectors
}
