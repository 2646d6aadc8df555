package duckdb_test

import (
	"context"
	"fmt"

	"flowbook/datasets/query/duckdb"
	"flowbook/internal/table"
)

// A table is registered under a name and asked in SQL.
func Example() {
	ctx := context.Background()
	db, err := duckdb.Open(duckdb.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	flows := table.Must(table.New("flows",
		table.Text("flag", []string{"SF", "S0", "SF", "REJ"}),
		table.Int("bytes", "bytes", []int64{10, 0, 7, 0})))
	if err := db.Register(ctx, "flows", flows); err != nil {
		fmt.Println(err)
		return
	}
	t, err := db.Query(ctx, `-- Bytes by flag
		SELECT flag, COUNT(*) AS n, SUM(CAST(bytes AS BIGINT)) AS bytes
		FROM flows WHERE flag <> ? GROUP BY flag ORDER BY n DESC, flag`, "REJ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Name())
	for r := range t.Rows() {
		fmt.Println(t.Column("flag").String(r), t.Column("n").String(r), t.Column("bytes").String(r))
	}
	// Output:
	// Bytes by flag
	// SF 2 17
	// S0 1 0
}
