package linear_test

import (
	"context"
	"fmt"
	"strings"

	"flowbook/internal/table"
	"flowbook/models/linear"
)

// handful is eight flows: attacks send fast, whatever the hour.
func handful() table.View {
	return table.Must(table.New("flows",
		table.Float("rate", "1/s", []float64{1, 2, 3, 2, 7, 9, 8, 6}),
		table.Float("hour", "h", []float64{3, 20, 9, 14, 4, 19, 10, 13}),
		table.Text("class", strings.Split("normal normal normal normal attack attack attack attack", " ")).As(table.Label),
	)).View()
}

// A penalty on absolute values leaves out what does not help.
func ExampleLogistic() {
	m, err := linear.Logistic{C: 0.2, L1Ratio: 1}.Fit(context.Background(), handful())
	if err != nil {
		panic(err)
	}
	c := m.(*linear.Model).Coefficients()
	for j, name := range c.Columns {
		fmt.Printf("%s of %s: %.3f\n", name, c.Classes[0], c.Values[0][j])
	}
	// Output:
	// rate of normal: -0.410
	// hour of normal: 0.000
}

// The two closest flows of either class lie on the margin.
func ExampleSVM() {
	m, err := linear.SVM{C: 100, Loss: linear.Hinge}.Fit(context.Background(), handful())
	if err != nil {
		panic(err)
	}
	c := m.(*linear.SVMModel).Coefficients()
	fmt.Printf("%.3f rate + %.3f hour + %.3f\n", c.Values[0][0], c.Values[0][1], c.Intercept[0])
	// Output:
	// -0.595 rate + -0.054 hour + 3.270
}
