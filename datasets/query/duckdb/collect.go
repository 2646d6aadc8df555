package duckdb

import (
	"database/sql"
	"fmt"
	"math"
	"math/big"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"flowbook/internal/table"
)

// exact is the largest whole number up to which float64 holds every one.
const exact = 1 << 53

// collect makes a table of a result.
func collect(name string, rows *sql.Rows) (*table.Table, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	cols := make([]gatherer, len(types))
	row, into := make([]any, len(types)), make([]any, len(types))
	for j, ty := range types {
		cols[j] = gatherer{name: ty.Name(), sqlType: ty.DatabaseTypeName()}
		into[j] = &row[j]
	}
	for n := 1; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for j := range cols {
			if err := cols[j].add(row[j]); err != nil {
				return nil, fmt.Errorf("row %d, column %q: %w", n, cols[j].name, err)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := make([]table.Column, len(cols))
	for j := range cols {
		if out[j], err = cols[j].column(); err != nil {
			return nil, fmt.Errorf("column %q: %w", cols[j].name, err)
		}
	}
	return table.New(name, out...)
}

// gatherer collects the values of one column. A column without rows has the kind
// that its SQL type names.
type gatherer struct {
	name, sqlType string
	ints          []int64
	floats        []float64
	texts         []string
	times         bool
	nulls         []int // rows of an int or time column without a value
}

func (g *gatherer) add(v any) error {
	switch v := v.(type) {
	case nil:
		g.null()
	case bool:
		n := int64(0)
		if v {
			n = 1
		}
		g.ints = append(g.ints, n)
	case int8:
		g.ints = append(g.ints, int64(v))
	case int16:
		g.ints = append(g.ints, int64(v))
	case int32:
		g.ints = append(g.ints, int64(v))
	case int64:
		g.ints = append(g.ints, v)
	case uint8:
		g.ints = append(g.ints, int64(v))
	case uint16:
		g.ints = append(g.ints, int64(v))
	case uint32:
		g.ints = append(g.ints, int64(v))
	case uint64:
		return g.big(new(big.Int).SetUint64(v))
	case *big.Int:
		return g.big(v)
	case float32:
		g.floats = append(g.floats, float64(v))
	case float64:
		g.floats = append(g.floats, v)
	case driver.Decimal:
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(v.Scale)), nil)
		f, _ := new(big.Rat).SetFrac(v.Value, scale).Float64() // the nearest float64
		g.floats = append(g.floats, f)
	case string:
		g.texts = append(g.texts, v)
	case time.Time:
		g.times = true
		g.ints = append(g.ints, v.UnixMicro())
	default:
		return fmt.Errorf("a value of type %s (%T) has no place in a table; cast it in the query", g.sqlType, v)
	}
	return nil
}

func (g *gatherer) big(v *big.Int) error {
	if !v.IsInt64() {
		return fmt.Errorf("%v does not fit in 64 bits; cast it to DOUBLE in the query", v)
	}
	g.ints = append(g.ints, v.Int64())
	return nil
}

// null notes a missing value in the storage that the column's type uses.
func (g *gatherer) null() {
	switch kindOf(g.sqlType) {
	case table.FloatKind:
		g.floats = append(g.floats, math.NaN())
	case table.CodeKind:
		g.texts = append(g.texts, "")
	default:
		g.nulls = append(g.nulls, len(g.ints))
		g.ints = append(g.ints, 0)
	}
}

func kindOf(sqlType string) table.Kind {
	switch {
	case sqlType == "DOUBLE", sqlType == "FLOAT", len(sqlType) >= 7 && sqlType[:7] == "DECIMAL":
		return table.FloatKind
	case sqlType == "VARCHAR", len(sqlType) >= 4 && sqlType[:4] == "ENUM":
		return table.CodeKind
	case sqlType == "DATE", len(sqlType) >= 9 && sqlType[:9] == "TIMESTAMP":
		return table.TimeKind
	}
	return table.IntKind
}

func (g *gatherer) column() (table.Column, error) {
	switch kind := kindOf(g.sqlType); {
	case kind == table.FloatKind:
		return table.Float(g.name, "", g.floats), nil
	case kind == table.CodeKind:
		return table.Text(g.name, g.texts), nil
	case len(g.nulls) == 0 && (g.times || kind == table.TimeKind):
		return table.Time(g.name, g.ints), nil
	case len(g.nulls) == 0:
		return table.Int(g.name, "", g.ints), nil
	case kind == table.TimeKind:
		return table.Column{}, fmt.Errorf("row %d is NULL and a time cannot be missing; filter or COALESCE it in the query", g.nulls[0]+1)
	}
	floats := make([]float64, len(g.ints))
	for i, v := range g.ints {
		if v > exact || v < -exact {
			return table.Column{}, fmt.Errorf("row %d holds %d, beyond 2^53, and row %d is NULL; no kind of column holds both", i+1, v, g.nulls[0]+1)
		}
		floats[i] = float64(v)
	}
	for _, i := range g.nulls {
		floats[i] = math.NaN()
	}
	return table.Float(g.name, "", floats), nil
}
