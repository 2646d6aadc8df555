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
	right, size := judge(svm.RBF{C: 10}, rings(600))
	fmt.Println(right, "of 600 right")
	fmt.Println(size)
	// Output:
	// 600 of 600 right
	// 12 support vectors
}

// Many rows, seen from a few of them.
func ExampleNystroem() {
	right, size := judge(svm.Nystroem{Landmarks: 50, Seed: rng.New(1)}, rings(60_000))
	fmt.Println(right > 59_900, "that nearly all are right")
	fmt.Println(size)
	// Output:
	// true that nearly all are right
	// 50 landmarks
}

// judge fits a learner behind Standardize and counts the rows that it has right.
func judge(l models.Learner, flows table.View) (right int, size string) {
	m, err := encode.Then(l, encode.Standardize{}).Fit(context.Background(), flows)
	if err != nil {
		return 0, err.Error()
	}
	p, err := m.Predict(context.Background(), flows)
	if err != nil {
		return 0, err.Error()
	}
	for i, class := range flows.Strings("class") {
		if p.Classes[p.Best(i)] == class {
			right++
		}
	}
	n, unit := m.(models.Sized).Size()
	return right, fmt.Sprint(n, " ", unit)
}
