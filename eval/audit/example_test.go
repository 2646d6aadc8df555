package audit_test

import (
	"context"
	"fmt"

	"flowbook/eval/audit"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
)

// Are 6 rows 6 computers?
func ExampleUnits() {
	computers := []string{"C1", "C1", "C1", "C2", "C3", "C1"}
	samples := []string{"red", "red", "red", "red", "other", "other"}
	checks, err := audit.Units(computers, samples, nil, "the flows")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range checks {
		fmt.Printf("%s %s: %s\n", c.ID, c.Status, c.Detail)
	}
	// Output:
	// unit-of-analysis fail: 6 rows of 3 ids, at most 3 of one, taken for copies within ids: they say as much as 3.6 independent rows, and a 5 % z test of them errs in 11 % of cases. Test one value an id.
	// overlapping-groups fail: 1 of 3 ids stand in more than one group: 3 of 4 rows of red (75 %) are of such an id.
}

// Does a pipeline that centres the rows it judges look at them? It does.
func ExampleSnooping() {
	flows := func(name string, bytes []float64, class ...string) table.View {
		return table.Must(table.New(name, table.Float("bytes", "bytes", bytes), table.Text("class", class).As(table.Label))).View()
	}
	train := flows("train", []float64{1, 2, 8, 9}, "normal", "normal", "attack", "attack")
	test := flows("test", []float64{3, 1, 7, 9}, "normal", "normal", "attack", "attack")
	rule := audit.PipelineOf(baseline.OneRule{})
	centred := func(ctx context.Context, train, test table.View) (models.Prediction, error) {
		x, mean := test.Floats("bytes"), 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for i := range x {
			x[i] += 5 - mean
		}
		moved, err := test.Table().With(table.Float("bytes", "bytes", x))
		if err != nil {
			return models.Prediction{}, err
		}
		return rule(ctx, train, moved.View())
	}
	for _, p := range []audit.Pipeline{rule, centred} {
		c, err := audit.Snooping(context.Background(), train, test, "test", p)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s\n", c.Status, c.Detail)
	}
	// Output:
	// pass: No score of 4 rows moved when the features of other test rows were altered in 4 ways.
	// fail: Scores of 2 of 4 rows moved when the features of other test rows were altered, first with half of the test rows out of range: the pipeline learns from them.
}
