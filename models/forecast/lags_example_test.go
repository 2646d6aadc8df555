package forecast_test

import (
	"context"
	"fmt"

	"flowbook/models/forecast"
)

// A guard who takes every other weekend off: the same days matter two weeks later. Trees
// on lags see it; a look back of one week would not be enough.
func ExampleLags() {
	var y []float64
	for day := range 140 {
		flows := 100.0
		if day%14 >= 12 {
			flows = 5
		}
		y = append(y, flows)
	}
	learner := forecast.Lags{Learner: forecast.Tree{MinLeaf: 1}, Lags: []int{1, 7, 14}}
	model, err := learner.Fit(context.Background(), y)
	if err != nil {
		panic(err)
	}
	path, err := model.Forecast(context.Background(), y[:136], 6, 0.9)
	if err != nil {
		panic(err)
	}
	fmt.Println(learner.Name())
	for h, mean := range path.Mean {
		fmt.Printf("day %d: %3.0f, 90 %% from %.0f to %.0f\n", 137+h, mean, path.Low[h], path.High[h])
	}
	// Output:
	// regression tree on lags 1, 7, 14
	// day 137: 100, 90 % from 100 to 100
	// day 138: 100, 90 % from 100 to 100
	// day 139:   5, 90 % from 5 to 5
	// day 140:   5, 90 % from 5 to 5
	// day 141: 100, 90 % from 100 to 100
	// day 142: 100, 90 % from 100 to 100
}

// One net learns from two hosts of which one is a thousand times as busy, and answers for
// a third: each is scaled by its own mean and deviation.
func ExampleLSTM() {
	host := func(size float64) (y []float64) {
		for day := range 84 {
			flows := size
			if day%7 >= 5 {
				flows /= 4
			}
			y = append(y, flows)
		}
		return y
	}
	learner := forecast.LSTM{Window: 7, Hidden: 8}
	model, err := learner.FitAll(context.Background(), [][]float64{host(20), host(20_000)})
	if err != nil {
		panic(err)
	}
	path, err := model.Forecast(context.Background(), host(400)[:81], 3, 0.9)
	if err != nil {
		panic(err)
	}
	for h, mean := range path.Mean {
		fmt.Printf("%s: about %.0f\n", []string{"Friday", "Saturday", "Sunday"}[h], mean/100)
	}
	// Output:
	// Friday: about 4
	// Saturday: about 1
	// Sunday: about 1
}
