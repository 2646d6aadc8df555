package frame_test

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"flowbook/datasets/frame"
	"flowbook/internal/table"
)

// A small table goes through gota's hands: filtered, grouped, and back.
func Example() {
	flows := table.Must(table.New("flows",
		table.Text("service", []string{"http", "smtp", "http", "http"}),
		table.Text("flag", []string{"SF", "SF", "S0", "SF"}),
		table.Int("src_bytes", "bytes", []int64{215, 1010, 0, 233})))
	df, err := frame.To(flows)
	if err != nil {
		fmt.Println(err)
		return
	}
	df = df.Filter(dataframe.F{Colname: "src_bytes", Comparator: series.Greater, Comparando: 0})
	groups, err := frame.GroupBy(df, []string{"service", "flag"}, frame.Agg{Column: "src_bytes", Of: frame.Median})
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := frame.From("bytes by service and flag", groups)
	if err != nil {
		fmt.Println(err)
		return
	}
	for r := range back.Rows() {
		fmt.Println(back.Column("service").String(r), back.Column("flag").String(r), back.Column("rows").At(r), back.Column("src_bytes_median").At(r))
	}
	// Output:
	// http SF 2 224
	// smtp SF 1 1010
}
