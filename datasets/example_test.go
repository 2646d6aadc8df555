package datasets_test

import (
	"fmt"

	"flowbook/datasets"
)

func ExampleLookup() {
	info, err := datasets.Lookup("nslkdd")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Title, "-", info.Task)
	for _, f := range info.Files {
		fmt.Println(f.Name, f.Rows)
	}
	// Output:
	// NSL-KDD - does a detector trained on NSL-KDD catch attacks it has never seen?
	// KDDTrain+.txt 125973
	// KDDTrain+_20Percent.txt 25192
	// KDDTest+.txt 22544
	// KDDTest-21.txt 11850
}
