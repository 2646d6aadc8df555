package ensemble_test

import (
	"context"
	"fmt"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/ensemble"
)

// flows is a table in which longer flows are likelier attacks, never surely so.
func flows(n int) table.View {
	g := rng.New(1).Rand()
	seconds, class := make([]float64, n), make([]string, n)
	for i := range seconds {
		seconds[i] = 10 * g.Float64()
		class[i] = "normal"
		if 10*g.Float64() < seconds[i] {
			class[i] = "attack"
		}
	}
	return table.Must(table.New("flows", table.Float("duration", "s", seconds), table.Text("class", class).As(table.Label))).View()
}

// A boost's scores rank rows well and stay close to one half. Calibrated, they say
// how often such a row is an attack; 1, 5 and 9 times of 10 is the truth.
func ExampleCalibrated() {
	train := flows(2000)
	for _, l := range []models.Learner{
		ensemble.AdaBoost{},
		ensemble.Calibrated{Learner: ensemble.AdaBoost{}},
		ensemble.Calibrated{Learner: ensemble.AdaBoost{}, Method: ensemble.Isotonic},
	} {
		m, err := l.Fit(context.Background(), train)
		if err != nil {
			fmt.Println(err)
			return
		}
		test := table.Must(table.New("new", table.Float("duration", "s", []float64{1, 5, 9})))
		p, err := m.Predict(context.Background(), test.View())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %.2f\n", l.Name(), p.Scores("attack"))
	}
	// Output:
	// AdaBoost: [0.39 0.53 0.58]
	// calibrated AdaBoost: [0.10 0.64 0.83]
	// calibrated AdaBoost: [0.06 0.58 0.86]
}

// What the rounds of a boost came to.
func ExampleAdaBoost() {
	m, err := ensemble.AdaBoost{Rounds: 3}.Fit(context.Background(), flows(200))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range m.(*ensemble.Boosted).Rounds() {
		fmt.Printf("wrong on %.3f of the weight, say %.3f\n", r.Error, r.Weight)
	}
	fmt.Println(m.(models.Sized).Size())
	// Output:
	// wrong on 0.225 of the weight, say 1.237
	// wrong on 0.327 of the weight, say 0.722
	// wrong on 0.424 of the weight, say 0.306
	// 9 nodes
}
