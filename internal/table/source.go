package table

import (
	"context"
	"fmt"
	"iter"
)

// Source is a table that need not fit in memory. Blocks may be called again and
// gives the same rows in the same order each time; every block has the columns of
// Columns. A code column's levels may differ from block to block.
type Source interface {
	Columns() []Column // names, kinds, units and roles; no rows
	Blocks(ctx context.Context) iter.Seq2[*Table, error]
}

// InBlocks returns a table as a Source of blocks of at most size rows that share
// its storage. It panics unless size is at least 1.
func InBlocks(t *Table, size int) Source {
	if size < 1 {
		panic(fmt.Sprintf("table: blocks of %d rows", size))
	}
	return blocks{t, size}
}

type blocks struct {
	t    *Table
	size int
}

func (b blocks) Columns() []Column { return b.t.Head(b.t.name, 0).columns }

func (b blocks) Blocks(ctx context.Context) iter.Seq2[*Table, error] {
	return func(yield func(*Table, error) bool) {
		for lo := 0; lo < b.t.rows; lo += b.size {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			hi := min(b.t.rows, lo+b.size)
			part := b.t.Head(b.t.name, hi)
			for i := range part.columns {
				c := &part.columns[i]
				switch c.Kind {
				case FloatKind:
					c.floats = c.floats[lo:]
				case CodeKind:
					c.codes = c.codes[lo:]
				default:
					c.ints = c.ints[lo:]
				}
			}
			part.rows = hi - lo
			if !yield(part, nil) {
				return
			}
		}
	}
}
