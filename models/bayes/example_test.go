package bayes_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/bayes"
)

func Example() {
	train := table.Must(table.New("flows",
		table.Float("duration", "s", []float64{0, 1, 2, 60, 62}),
		table.Text("service", []string{"dns", "dns", "http", "ssh", "http"}),
		table.Text("class", []string{"normal", "normal", "normal", "attack", "attack"}).As(table.Label))).View()
	model, err := bayes.Mixed{}.Fit(context.Background(), train)
	if err != nil {
		panic(err)
	}
	p, err := model.Predict(context.Background(), table.Must(table.New("new",
		table.Float("duration", "s", []float64{60}),
		table.Text("service", []string{"ssh"}))).View())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %.2f\n", p.Classes[p.Best(0)], p.Row(0)[p.Best(0)])
	// Output: attack 1.00
}
