package encode_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/linear"
)

func Example() {
	train := table.Must(table.New("flows",
		table.Float("duration", "s", []float64{1, 2, 8, 9}),
		table.Text("service", []string{"dns", "http", "http", "ssh"}),
		table.Text("class", []string{"normal", "normal", "attack", "attack"}).As(table.Label))).View()
	later := table.Must(table.New("more flows",
		table.Float("duration", "s", []float64{0, 10}),
		table.Text("service", []string{"dns", "telnet"}))).View() // telnet was not in training

	learner := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})
	model, err := learner.Fit(context.Background(), train)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := model.Predict(context.Background(), later)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range p.Rows() {
		fmt.Println(p.Classes[p.Best(i)])
	}
	fmt.Println(model.(*linear.Model).Coefficients().Columns)
	// Output:
	// normal
	// attack
	// [duration service=dns service=http service=ssh]
}
