package duckdb

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"flowbook/internal/table"
)

// Register implements query.Engine by DuckDB's appender: some 10 million values a
// second, so name the columns that the queries use.
func (e *Engine) Register(ctx context.Context, name string, t *table.Table, columns ...string) error {
	if err := t.View().Unsealed(); err != nil {
		return fmt.Errorf("duckdb: %s: %w; rows that SQL returns have lost the seal", name, err)
	}
	cols := t.Columns()
	if len(columns) > 0 {
		cols = nil
		for _, n := range columns {
			c, err := t.Lookup(n)
			if err != nil {
				return fmt.Errorf("duckdb: %s: %w", name, err)
			}
			cols = append(cols, c)
		}
	}
	if len(cols) == 0 {
		return fmt.Errorf("duckdb: %s: table %s has no columns", name, t.Name())
	}
	definitions := make([]string, len(cols))
	for j, c := range cols {
		definitions[j] = identifier(c.Name) + " " + [...]string{table.FloatKind: "DOUBLE", table.IntKind: "BIGINT", table.CodeKind: "VARCHAR", table.TimeKind: "TIMESTAMP"}[c.Kind]
	}
	if err := e.drop(ctx, name); err != nil {
		return err
	}
	if _, err := e.db.ExecContext(ctx, "CREATE TABLE "+identifier(name)+" ("+strings.Join(definitions, ", ")+")"); err != nil {
		return fmt.Errorf("duckdb: %s: %w", name, because(ctx, err))
	}
	if err := e.fill(ctx, name, cols, t.Rows()); err != nil {
		return errors.Join(fmt.Errorf("duckdb: %s: %w", name, because(ctx, err)), e.drop(context.WithoutCancel(ctx), name))
	}
	return nil
}

// fill appends all rows to a table that is there and empty.
func (e *Engine) fill(ctx context.Context, name string, cols []table.Column, rows int) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		a, err := driver.NewAppenderFromConn(raw.(sqldriver.Conn), "", name)
		if err != nil {
			return err
		}
		row := make([]sqldriver.Value, len(cols))
		levels := make([][]any, len(cols)) // boxed once, not in every row
		for j, c := range cols {
			if c.Kind == table.CodeKind {
				levels[j] = make([]any, len(c.Levels())+1)
				for i, l := range c.Levels() {
					levels[j][i+1] = l
				}
			}
		}
		for r := range rows {
			if r%4096 == 0 && ctx.Err() != nil {
				return errors.Join(ctx.Err(), a.Clear(), a.Close())
			}
			for j, c := range cols {
				switch c.Kind {
				case table.CodeKind:
					row[j] = levels[j][c.Codes()[r]]
				case table.IntKind:
					row[j] = c.Ints()[r]
				case table.TimeKind:
					row[j] = time.UnixMicro(c.Ints()[r]).UTC()
				default:
					row[j] = nil
					if v := c.Floats()[r]; !math.IsNaN(v) {
						row[j] = v
					}
				}
			}
			if err := a.AppendRow(row...); err != nil {
				return errors.Join(err, a.Clear(), a.Close())
			}
		}
		return a.Close()
	})
}
