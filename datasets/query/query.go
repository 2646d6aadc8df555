// Package query answers: how does an experiment ask SQL of a table or a file that
// it would not read into Go, and get the same rows each time?
//
// An Engine runs SQL text with typed arguments and gives a table back. The text
// lives in .sql files beside the data set, in the subset that DuckDB and Spark
// share, and Check refuses what would change from run to run: sums and means of
// floats, rows in no stated order, functions that pick any value.
//
//	db, err := duckdb.Open(duckdb.Options{})
//	defer db.Close()
//	err = db.Register(ctx, "connections", kdd.Train, "service", "flag", "attack")
//	share, err := db.Query(ctx, nslkdd.SQL("attack_share"))
package query

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"flowbook/internal/table"
)

// Engine runs SQL. Its methods are safe for concurrent use; a cancelled context
// stops the statement under way.
type Engine interface {
	// Query runs one SELECT that passes Check and returns its rows in their stated
	// order. Args take the places of ? in order: string, bool, int, int64, float64 or
	// time.Time. The table's name is the text's first comment line.
	//
	// Columns become int, float (also DECIMAL), category (text) or time (also DATE). A NULL is
	// a missing value; a whole-number column with one becomes a float column. A
	// whole number beyond 64 bits, and a type that a table cannot hold, are errors.
	Query(ctx context.Context, sql string, args ...any) (*table.Table, error)

	// Register copies columns of a table (all, if none are named) into the engine
	// under a name, in the place of what had that name. A test set that is still
	// sealed is refused, for the rows that SQL returns have lost the seal.
	Register(ctx context.Context, name string, t *table.Table, columns ...string) error

	// Attach makes files known under a name. Nothing is read until a query asks.
	Attach(ctx context.Context, name string, files Files) error

	Close() error
}

// Files are CSV files of one layout.
type Files struct {
	Path    string   // a path or a glob; .gz is read as gzip
	Columns []Column // in the order of the file
	Header  bool     // the first line of each file names the columns and is skipped
	Comma   byte     // between fields; 0 means ','
}

// Column is a column of a file.
type Column struct {
	Name string
	Type Type
}

// Type is a column's SQL type, by the name that DuckDB and Spark share.
type Type string

const (
	BigInt    Type = "BIGINT"
	Double    Type = "DOUBLE"
	Varchar   Type = "VARCHAR"
	Timestamp Type = "TIMESTAMP"
)

// Decimal is a number with so many digits, scale of them behind the point: what a
// fraction must be for SQL to sum it exactly.
func Decimal(digits, scale int) Type { return Type(fmt.Sprintf("DECIMAL(%d,%d)", digits, scale)) }

// Validate reports what is wrong with the description of files: no path, no
// columns, a name twice, a type that is not one of this package's.
func (f Files) Validate() error {
	if f.Path == "" || len(f.Columns) == 0 {
		return fmt.Errorf("query: files need a path and columns; got %q and %d columns", f.Path, len(f.Columns))
	}
	seen := map[string]bool{}
	for _, c := range f.Columns {
		if c.Name == "" || seen[strings.ToLower(c.Name)] {
			return fmt.Errorf("query: column %q of %s is empty or comes twice (SQL does not tell case apart)", c.Name, f.Path)
		}
		seen[strings.ToLower(c.Name)] = true
		if !slices.Contains([]Type{BigInt, Double, Varchar, Timestamp}, c.Type) && !decimal.MatchString(string(c.Type)) {
			return fmt.Errorf("query: column %q of %s has type %q; want BIGINT, DOUBLE, VARCHAR, TIMESTAMP or DECIMAL(n,m)", c.Name, f.Path, c.Type)
		}
	}
	return nil
}

// Title is the text of the first comment line of an SQL text, or "query".
func Title(sql string) string {
	for line := range strings.Lines(sql) {
		line = strings.TrimSpace(line)
		comment, ok := strings.CutPrefix(line, "--")
		if comment = strings.TrimSpace(comment); ok && comment != "" {
			return comment
		}
		if !ok && line != "" {
			break
		}
	}
	return "query"
}
