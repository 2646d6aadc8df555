package neighbors_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/neighbors"
)

func Example() {
	train := table.Must(table.New("flows",
		table.Float("duration", "s", []float64{0, 1, 0, 60, 62}),
		table.Text("service", []string{"dns", "dns", "http", "ssh", "ssh"}),
		table.Text("class", []string{"normal", "normal", "normal", "attack", "attack"}).As(table.Label))).View()
	model, err := neighbors.KNN{K: 3}.Fit(context.Background(), train)
	if err != nil {
		panic(err)
	}
	p, err := model.Predict(context.Background(), table.Must(table.New("new",
		table.Float("duration", "s", []float64{58}),
		table.Text("service", []string{"ssh"}))).View())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %.2f\n", p.Classes[p.Best(0)], p.Row(0)[p.Best(0)])
	// Output: attack 0.67
}
