// Package duckdb answers: how does SQL run inside the program, over files that do
// not fit in memory, without a server?
//
// It is the query.Engine on DuckDB 1.5.5 [1], linked in by cgo. It runs in memory,
// spills to a temporary folder of its own, and never loads extensions from
// the net.
//
//	db, err := duckdb.Open(duckdb.Options{Threads: 2, MemoryLimit: "1GB"})
//	defer db.Close()
//	t, err := db.Query(ctx, "-- Rows per flag\nSELECT flag, COUNT(*) AS n FROM flows GROUP BY flag ORDER BY flag")
//
// [1] Raasveldt, Mühleisen (2019), DuckDB: an embeddable analytical database, SIGMOD.
package duckdb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"flowbook/datasets/query"
	"flowbook/internal/table"
)

// Options bound what the engine takes. The zero value is ready to use.
type Options struct {
	Threads     int    // worker threads, at least 1; 0 means GOMAXPROCS. Results do not depend on it
	MemoryLimit string // "512MB", "4GB": above it the engine spills to disk; "" means "1GB"
}

// Engine is a query.Engine.
type Engine struct {
	db    *sql.DB
	spill string // folder for what exceeds the memory limit
}

var _ query.Engine = (*Engine)(nil)

var sizeForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$`)

// Open starts an engine. The caller closes it.
func Open(o Options) (*Engine, error) {
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.MemoryLimit == "" {
		o.MemoryLimit = "1GB"
	}
	if o.Threads < 1 {
		return nil, fmt.Errorf("duckdb: Threads is %d; want at least 1, or 0 for one a core", o.Threads)
	}
	if !sizeForm.MatchString(o.MemoryLimit) {
		return nil, fmt.Errorf("duckdb: MemoryLimit is %q; want a size such as \"512MB\"", o.MemoryLimit)
	}
	// The engine makes the folder when it has something to spill, so that a killed
	// program leaves none behind in the common case.
	spill := filepath.Join(os.TempDir(), "flowbook-duckdb-"+rand.Text())
	settings := url.Values{
		"threads":                      {strconv.Itoa(o.Threads)},
		"memory_limit":                 {o.MemoryLimit},
		"temp_directory":               {spill},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"preserve_insertion_order":     {"true"},
	}
	connector, err := driver.NewConnector("?"+settings.Encode(), nil)
	if err != nil {
		os.RemoveAll(spill)
		return nil, fmt.Errorf("duckdb: %w", err)
	}
	return &Engine{sql.OpenDB(connector), spill}, nil
}

// Close ends the engine and removes what it spilled.
func (e *Engine) Close() error {
	return errors.Join(e.db.Close(), os.RemoveAll(e.spill))
}

// Query implements query.Engine.
func (e *Engine) Query(ctx context.Context, text string, args ...any) (*table.Table, error) {
	name := query.Title(text)
	if err := query.Check(text); err != nil {
		return nil, err
	}
	for i, a := range args {
		switch a.(type) {
		case string, bool, int, int64, float64, time.Time:
		default:
			return nil, fmt.Errorf("duckdb: %s: argument %d is a %T; want string, bool, int, int64, float64 or time.Time", name, i+1, a)
		}
	}
	rows, err := e.db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("duckdb: %s: %w", name, because(ctx, err))
	}
	defer rows.Close()
	t, err := collect(name, rows)
	if err != nil {
		return nil, fmt.Errorf("duckdb: %s: %w", name, because(ctx, err))
	}
	return t, nil
}

// Attach implements query.Engine by a view over DuckDB's CSV reader, with every
// type given: nothing is guessed from the first rows.
func (e *Engine) Attach(ctx context.Context, name string, f query.Files) error {
	if err := f.Validate(); err != nil {
		return err
	}
	comma := f.Comma
	if comma == 0 {
		comma = ','
	}
	types := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		types[i] = literal(c.Name) + ": " + literal(string(c.Type))
	}
	read := fmt.Sprintf("read_csv(%s, auto_detect = false, header = %t, delim = %s, quote = '\"', escape = '\"', columns = {%s})",
		literal(f.Path), f.Header, literal(string(comma)), strings.Join(types, ", "))
	if err := e.drop(ctx, name); err != nil {
		return err
	}
	if _, err := e.db.ExecContext(ctx, "CREATE VIEW "+identifier(name)+" AS SELECT * FROM "+read); err != nil {
		return fmt.Errorf("duckdb: %s: %w", name, because(ctx, err))
	}
	return nil
}

// drop removes a table or view of that name, if there is one.
func (e *Engine) drop(ctx context.Context, name string) error {
	var kind string
	err := e.db.QueryRowContext(ctx, "SELECT table_type FROM information_schema.tables WHERE lower(table_name) = lower(?)", name).Scan(&kind)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err == nil && kind == "VIEW":
		_, err = e.db.ExecContext(ctx, "DROP VIEW "+identifier(name))
	case err == nil:
		_, err = e.db.ExecContext(ctx, "DROP TABLE "+identifier(name))
	}
	if err != nil {
		return fmt.Errorf("duckdb: %s: %w", name, because(ctx, err))
	}
	return nil
}

// because returns the context's error where that is why a statement stopped.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func literal(text string) string    { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
