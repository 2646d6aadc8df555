package resample_test

import (
	"fmt"

	"flowbook/eval/resample"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Rows 0, 2 and 5 are copies of one another: they are judged in one fold. Each fold
// judges one of the two normal rows.
func Example() {
	flows := table.Must(table.New("flows",
		table.Float("bytes", "bytes", []float64{40, 60, 40, 80, 100, 40}),
		table.Text("class", []string{"attack", "normal", "attack", "normal", "attack", "attack"}).As(table.Label)))
	labels, _, err := flows.View().Labels()
	if err != nil {
		fmt.Println(err)
		return
	}
	groups := resample.GroupsOf(flows.View())
	folds, err := resample.StratifiedGroupKFold{K: 2, Seed: rng.New(1)}.Split(labels, groups)
	fmt.Println(groups, folds.Name, err)
	for i := range folds.Test {
		fmt.Println("learn from", folds.Train[i], "judge on", folds.Test[i])
	}
	// Output:
	// [0 1 0 2 3 0] 2 stratified folds of whole groups <nil>
	// learn from [1 4] judge on [0 2 3 5]
	// learn from [0 2 3 5] judge on [1 4]
}
