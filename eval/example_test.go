package eval_test

import (
	"context"
	"fmt"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/baseline"
)

// A rule on one feature against the commonest class, in five folds and on a test
// set that was sealed until now.
func Example() {
	make := func(name string, n int) *table.Table {
		g := rng.New(1).At(name).Rand()
		bytes, class := []float64{}, []string{}
		for range n {
			c, mean := "normal", 10.0
			if g.IntN(3) == 0 {
				c, mean = "attack", 8.0
			}
			bytes, class = append(bytes, mean+g.NormFloat64()), append(class, c)
		}
		return table.Must(table.New(name, table.Float("log_bytes", "", bytes), table.Text("class", class).As(table.Label)))
	}
	train, sealed := make("train", 500).View(), table.Seal(make("test", 200))
	labels, _, _ := train.Labels()
	folds, err := resample.StratifiedGroupKFold{K: 5, Seed: rng.New(2)}.Split(labels, resample.GroupsOf(train))
	if err != nil {
		fmt.Println(err)
		return
	}
	trial := eval.Trial{Name: "binary", Positive: "attack", Metrics: metric.Binary, Seed: rng.New(3)}
	cv, err := trial.CrossValidate(context.Background(), train, folds, baseline.Majority{}, baseline.OneRule{})
	if err != nil {
		fmt.Println(err)
		return
	}
	best := cv.Best(metric.MCC)
	low, high := cv.Interval(best.Name(), metric.MCC)
	fmt.Printf("%s: MCC %.3f [%.3f, %.3f]\n", best.Name(), cv.Mean(best.Name(), metric.MCC), low, high)
	pair := cv.Pairwise(metric.MCC).Of("one rule", "majority")
	fmt.Printf("better by %.3f, p = %.2g\n", pair.Difference, pair.Holm.P)

	test, err := trial.Holdout(context.Background(), train, sealed.Open("judge the winner"), "test", best)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("on the test set: MCC %.3f\n", test.Score(best.Name(), metric.MCC, "test"))
	for _, c := range cv.Checks() {
		fmt.Println(c.Status, c.Title)
	}
	// Output:
	// one rule: MCC 0.715 [0.612, 0.819]
	// better by 0.715, p = 4.4e-05
	// on the test set: MCC 0.671
	// pass Is there a trivial learner to beat?
	// pass Do the metrics see what the class shares hide?
	// pass Was a threshold chosen on the rows that it is judged on?
	// pass Are rows judged in a fold that was fitted on a copy of them?
	// pass Do rows of train with equal features carry different classes?
	// warn Does one feature do the work of the model?
	// warn Would the alarms of one rule be right in real traffic?
}
