package nslkdd

import (
	"embed"
	"fmt"

	"flowbook/datasets/query"
	"flowbook/internal/table"
)

//go:embed *.sql
var sqlFiles embed.FS

// SQL returns the text of one of the set's queries, "attack_share" or "volume". They
// ask a table or view called connections. It panics for another name.
func SQL(name string) string {
	text, err := sqlFiles.ReadFile(name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("nslkdd: there is no query %q", name))
	}
	return string(text)
}

// Files describes the published files at a path for query.Engine.Attach: the 41
// features, attack and difficulty (no derived labels). Rates are DECIMAL(3,2), so
// that SQL sums them exactly.
func Files(path string) query.Files {
	f := query.Files{Path: path}
	for _, x := range features {
		ty := query.BigInt
		switch x.Kind {
		case table.FloatKind:
			ty = query.Decimal(3, 2)
		case table.CodeKind:
			ty = query.Varchar
		}
		f.Columns = append(f.Columns, query.Column{Name: x.Name, Type: ty})
	}
	f.Columns = append(f.Columns, query.Column{Name: "attack", Type: query.Varchar}, query.Column{Name: "difficulty", Type: query.BigInt})
	return f
}
