package histtree_test

import (
	"context"
	"fmt"

	"flowbook/internal/table"
	"flowbook/models/histtree"
)

// attacks are ssh connections of more than 50 bytes.
func attacks() *table.Table {
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
	return table.Must(table.New("flows", table.Float("bytes", "bytes", bytes), table.Text("service", service),
		table.Text("class", class).As(table.Label)))
}

// Why does the tree call a row an attack? It is the service more than the size: of all
// rows .12 are attacks, of those by ssh .48, of large ones .25 (the tree asks for the
// service first), of both 1. Service gives (.48 - .12 + 1 - .25)/2, the mean over being
// told first and last.
func ExampleModel_Explain() {
	train := attacks()
	m, err := histtree.Tree{}.Fit(context.Background(), train.View())
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := m.(*histtree.Model).Explain(context.Background(), train.View().Take([]int{5, 57}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for row := range e.Rows() {
		fmt.Printf("%.3f of the rows are of class %s", e.Base[0], e.Outputs[0])
		for f, name := range e.Features {
			fmt.Printf(", %+.3f for %s", e.At(row, f, 0), name)
		}
		fmt.Printf(": %.3f\n", e.Sum(row, 0))
	}
	// Output:
	// 0.120 of the rows are of class attack, +0.325 for bytes, +0.555 for service: 1.000
	// 0.120 of the rows are of class attack, -0.300 for bytes, +0.180 for service: 0.000
}

// Flows that arrive one by one are scored without a table.
func ExampleBoosted_Scorer() {
	m, err := histtree.Boost{Trees: 50}.Fit(context.Background(), attacks().View())
	if err != nil {
		fmt.Println(err)
		return
	}
	s := m.(*histtree.Boosted).Scorer()
	bytes, service := s.Feature("bytes"), s.Feature("service")
	row, p := make([]float64, s.Width()), make([]float64, len(m.Classes()))
	for _, flow := range []struct {
		bytes   float64
		service string
	}{{85, "ssh"}, {9, "ssh"}, {85, "http"}} {
		row[bytes], row[service] = flow.bytes, s.Code(service, flow.service)
		s.Score(p, row)
		fmt.Printf("%v bytes by %s: %.2f\n", flow.bytes, flow.service, p[0])
	}
	// Output:
	// 85 bytes by ssh: 0.99
	// 9 bytes by ssh: 0.00
	// 85 bytes by http: 0.00
}
