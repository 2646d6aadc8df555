package nslkdd_test

import (
	"context"
	"fmt"

	"flowbook/datasets/nslkdd"
)

// A file of one's own, in the format of NSL-KDD, is opened by its path.
func ExampleOpenGiven() {
	kdd, err := nslkdd.OpenGiven(context.Background(), "testdata/made.txt", "testdata/made.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	train := kdd.Train.View().WithTarget("class")
	_, classes, _ := train.Labels()
	fmt.Println(kdd.Origin.Label())
	fmt.Println(train.Rows(), "rows,", len(train.Features()), "features, classes", classes)
	fmt.Println(kdd.Ledger.Train.Repeated(), "repeated,", kdd.Ledger.Train.Conflicts, "conflicting vectors")
	fmt.Println(kdd.Test.Describe("how many rows").Unsealed())
	// Output:
	// nslkdd, given
	// 12 rows, 41 features, classes [dos normal probe r2l u2r]
	// 3 repeated, 2 conflicting vectors
	// table: made is a sealed test set; no model may see it before the last chapter opens it
}
