package saved_test

import (
	"bytes"
	"context"
	"fmt"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models/baseline"
	"flowbook/models/saved"
)

func Example() {
	ctx := context.Background()
	flows := table.Must(table.New("flows",
		table.Float("rate", "1/s", []float64{1, 2, 30, 40}),
		table.Text("proto", []string{"tcp", "udp", "tcp", "tcp"}),
		table.Text("class", []string{"normal", "normal", "attack", "attack"}).As(table.Label))).View()
	model, err := baseline.OneRule{}.Fit(ctx, flows)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	from := saved.Provenance{Learner: "one rule", Flowbook: "0.1.0", Origin: exhibit.Origin{Kind: exhibit.Given, Set: "flows"}}
	if err := saved.Write(ctx, &file, model, from, flows); err != nil {
		fmt.Println(err)
		return
	}
	f, err := saved.Read(ctx, "rule.flowbook", file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := f.Classifier().Predict(ctx, flows)
	fmt.Println(f.Header.Kind, f.Header.Classes, f.Header.Provenance.Target, f.Test.Bits, p.Scores("attack"), err)

	file.Bytes()[100] ^= 1
	_, err = saved.Read(ctx, "rule.flowbook", file.Bytes())
	fmt.Println(err != nil)
	// Output:
	// baseline.Rule [attack normal] class true [0 0 1 1] <nil>
	// true
}
