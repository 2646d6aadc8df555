package histtree_test

import (
	"context"
	"fmt"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/histtree"
)

// A service that training has not seen goes with the heavier child; a missing one
// goes where the missing ones of training went.
func ExampleTree() {
	train := table.Must(table.New("flows",
		table.Text("service", []string{"ssh", "ssh", "http", "http", "http", ""}),
		table.Float("bytes", "bytes", []float64{10, 900, 40, 50, 60, 70}),
		table.Text("class", []string{"attack", "attack", "normal", "normal", "normal", "attack"}).As(table.Label)))
	tree, err := histtree.Tree{}.Fit(context.Background(), train.View())
	if err != nil {
		fmt.Println(err)
		return
	}
	test := table.Must(table.New("new",
		table.Text("service", []string{"ssh", "http", "gopher", ""}),
		table.Float("bytes", "bytes", []float64{1, 2, 3, 4})))
	p, err := tree.Predict(context.Background(), test.View())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Classes)
	for i := range p.Rows() {
		fmt.Println(p.Row(i))
	}
	// Output:
	// [attack normal]
	// [1 0]
	// [0 1]
	// [1 0]
	// [1 0]
}

func ExampleModel_Importance() {
	var bytes, noise []float64
	var class []string
	for i := range 60 {
		bytes = append(bytes, float64(i))
		noise = append(noise, float64(i*7%5))
		class = append(class, []string{"normal", "attack"}[i/30])
	}
	train := table.Must(table.New("flows", table.Float("noise", "", noise), table.Float("bytes", "bytes", bytes),
		table.Text("class", class).As(table.Label)))
	m, err := histtree.Tree{Seed: rng.New(1)}.Fit(context.Background(), train.View())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.(*histtree.Model).Importance())
	fmt.Println(m.(*histtree.Model).Size())
	// Output:
	// [{bytes 1} {noise 0}]
	// 3 nodes
}

// Early stopping keeps the rounds that helped rows which no tree has seen.
func ExampleBoost() {
	var bytes []float64
	var service, class []string
	for i := range 400 {
		bytes = append(bytes, float64(i*37%100))
		service = append(service, []string{"http", "ssh", "dns", ""}[i%4])
		class = append(class, "normal")
		if i%4 == 1 && bytes[i] > 50 {
			class[i] = "attack"
		}
	}
	train := table.Must(table.New("flows", table.Float("bytes", "bytes", bytes), table.Text("service", service),
		table.Text("class", class).As(table.Label)))
	m, err := histtree.Boost{Trees: 50, EarlyStop: 5, Seed: rng.New(1)}.Fit(context.Background(), train.View())
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := m.Predict(context.Background(), train.View().Take([]int{5, 57, 0}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, attack := range p.Scores("attack") {
		fmt.Printf("%s %v: %.2f\n", service[[]int{5, 57, 0}[i]], bytes[[]int{5, 57, 0}[i]], attack)
	}
	// Output:
	// ssh 85: 0.99
	// ssh 9: 0.00
	// http 0: 0.00
}
