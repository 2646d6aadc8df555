package anomaly_test

import (
	"context"
	"fmt"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/anomaly"
)

// traffic are flows at their usual rates, and sizes that go with them.
func traffic(n int) table.View {
	g := rng.New(1).Rand()
	rate, size := make([]float64, n), make([]float64, n)
	for i := range n {
		rate[i] = 10 + g.NormFloat64()
		size[i] = 3*rate[i] + 0.1*g.NormFloat64()
	}
	return table.Must(table.New("traffic", table.Float("rate", "1/s", rate), table.Float("size", "bytes", size))).View()
}

// later are three flows: a usual one, a fast one, and one too large for its rate.
func later() table.View {
	return table.Must(table.New("later", table.Float("rate", "1/s", []float64{10, 25, 9.5}), table.Float("size", "bytes", []float64{30, 75, 31}))).View()
}

// A threshold that one in a hundred usual flows may pass, from training rows alone.
func ExampleAlarm() {
	for _, d := range []anomaly.Detector{anomaly.RobustZ{}, anomaly.Reconstruction{}, anomaly.Forest{}} {
		w, err := anomaly.Alarm{Detector: d, Rate: 0.01}.Fit(context.Background(), traffic(500))
		if err != nil {
			panic(err)
		}
		flags, err := w.Flag(context.Background(), later())
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %v\n", d.Name(), flags)
	}
	// Output:
	// robust z: [false true false]
	// PCA reconstruction: [false false true]
	// isolation forest: [false true false]
}
