package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"flowbook/internal/table"
	"flowbook/models"
)

// Reader takes back what a Writer wrote.
type Reader struct {
	b     []byte
	kinds Kinds
	depth int
	seen  map[string]bool // kinds read so far, here and within
	err   error
}

// NewReader reads b, and models within models by their kinds.
func NewReader(b []byte, kinds Kinds) *Reader {
	return &Reader{b: b, kinds: kinds, seen: map[string]bool{}}
}

// Seen lists the kinds of the models that were read, also those within others, sorted.
func (r *Reader) Seen() []string { return slices.Sorted(maps.Keys(r.seen)) }

// Err is the first thing that was wrong.
func (r *Reader) Err() error { return r.err }

// Rest is the number of bytes left; 0 after an error.
func (r *Reader) Rest() int { return len(r.b) }

// Fail notes what is wrong; the first error stays. Nothing more can be read.
func (r *Reader) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = short(fmt.Errorf(format, args...))
		r.b = nil
	}
}

// longest is the length of an error beyond which it is cut: names in an altered file
// may be as long as the file.
const longest = 1000

func short(err error) error {
	if text := err.Error(); len(text) > longest {
		return errors.New(strings.ToValidUTF8(text[:longest], "") + "…")
	}
	return err
}

// Check fails unless ok, and returns it.
func (r *Reader) Check(ok bool, format string, args ...any) bool {
	if !ok {
		r.Fail(format, args...)
	}
	return ok && r.err == nil
}

// take returns the next n bytes; nil if there are not as many.
func (r *Reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.Fail("wire: %d bytes wanted, %d left", n, len(r.b))
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *Reader) Uint8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *Reader) Uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *Reader) Float() float64 { return math.Float64frombits(r.Uint64()) }

// Finite reads a number that is neither NaN nor infinite.
func (r *Reader) Finite() float64 {
	v := r.Float()
	if v-v != 0 {
		r.Fail("wire: %v where a finite number is wanted", v)
		return 0
	}
	return v
}

func (r *Reader) Bool() bool {
	v := r.Uint8()
	if v > 1 {
		r.Fail("wire: %d where true or false is wanted", v)
	}
	return v == 1
}

// Int reads a whole number from lo to hi; lo if it is another.
func (r *Reader) Int(lo, hi int) int {
	v := int64(r.Uint64())
	if r.err != nil {
		return lo
	}
	if v < int64(lo) || v > int64(hi) {
		r.Fail("wire: %d where %d to %d is wanted", v, lo, hi)
		return lo
	}
	return int(v)
}

// Len reads the length of a list whose entries take at least size bytes each, so that
// no more is allocated than the bytes left can fill.
func (r *Reader) Len(size int) int {
	v := r.Uint64()
	if r.err == nil && v > uint64(len(r.b)/max(1, size)) {
		r.Fail("wire: a list of %d entries, but %d bytes are left", v, len(r.b))
	}
	if r.err != nil {
		return 0
	}
	return int(v)
}

// String reads a text. It may hold any bytes, as names and levels of a table may:
// what a model was fitted on must be savable. Whoever shows it escapes it.
func (r *Reader) String() string { return string(r.take(r.Len(1))) }

func list[T any](r *Reader, size int, read func() T) []T {
	n := r.Len(size)
	if r.err != nil {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = read()
	}
	return out
}

func (r *Reader) Strings() []string  { return list(r, 8, r.String) }
func (r *Reader) Bools() []bool      { return list(r, 1, r.Bool) }
func (r *Reader) Uint64s() []uint64  { return list(r, 8, r.Uint64) }
func (r *Reader) Floats() []float64  { return list(r, 8, r.Float) }
func (r *Reader) Finites() []float64 { return list(r, 8, r.Finite) }
func (r *Reader) Uint8s() []uint8    { return append([]uint8{}, r.take(r.Len(1))...) }
func (r *Reader) Uint32s() []uint32  { return list(r, 4, r.uint32) }
func (r *Reader) Int32s() []int32    { return list(r, 4, func() int32 { return int32(r.uint32()) }) }
func (r *Reader) Float32s() []float32 {
	return list(r, 4, func() float32 { return math.Float32frombits(r.uint32()) })
}

// Ints reads whole numbers from lo to hi.
func (r *Reader) Ints(lo, hi int) []int { return list(r, 8, func() int { return r.Int(lo, hi) }) }

func (r *Reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Classes reads names that are sorted and distinct, at least one.
func (r *Reader) Classes() []string {
	names := r.Strings()
	r.Check(len(names) > 0, "wire: no classes")
	r.sorted(names)
	return names
}

func (r *Reader) sorted(names []string) {
	for i := 1; i < len(names) && r.err == nil; i++ {
		if names[i-1] >= names[i] {
			r.Fail("wire: %q does not come after %q", clip(names[i]), clip(names[i-1]))
		}
	}
}

// Schema reads fields of distinct names, numeric or categorical.
func (r *Reader) Schema() table.Schema {
	seen := map[string]bool{}
	return table.Schema(list(r, 8+1+8+8, func() table.Field {
		f := table.Field{Name: r.String(), Kind: table.Kind(r.Uint8()), Unit: r.String(), Levels: r.Strings()}
		r.Check(f.Kind <= table.TimeKind, "wire: field %q is of kind %d", clip(f.Name), f.Kind)
		r.Check(f.Kind == table.CodeKind || len(f.Levels) == 0, "wire: field %q is a number and has levels", clip(f.Name))
		r.Check(!seen[f.Name], "wire: two fields are called %q", clip(f.Name))
		r.sorted(f.Levels)
		seen[f.Name] = true
		if len(f.Levels) == 0 && f.Kind != table.CodeKind {
			f.Levels = nil // as table.SchemaOf leaves it
		}
		return f
	}))
}

// Nested reads a model within a model.
func (r *Reader) Nested() any {
	kind := r.String()
	body := r.take(r.Len(1))
	if r.err != nil {
		return nil
	}
	load, ok := r.kinds[kind]
	if !r.Check(ok, "wire: no model of kind %q is known here", clip(kind)) || !r.Check(r.depth < deepest, "wire: models nested deeper than %d", deepest) {
		return nil
	}
	r.seen[kind] = true
	in := &Reader{b: body, kinds: r.kinds, depth: r.depth + 1, seen: r.seen}
	m := load(in)
	if in.err == nil && len(in.b) > 0 {
		in.Fail("wire: %d bytes too many", len(in.b))
	}
	if in.err == nil && !kindOf(m, kind) {
		in.Fail("wire: what was read is a %T", m)
	}
	if in.err != nil {
		r.Fail("%s: %w", kind, in.err)
		return nil
	}
	return m
}

// Classifier reads a nested model that must be one.
func (r *Reader) Classifier() models.Classifier { return nested[models.Classifier](r, "classifier") }

// Regressor reads a nested model that must be one.
func (r *Reader) Regressor() models.Regressor { return nested[models.Regressor](r, "regressor") }

// Transformer reads a nested encoder.
func (r *Reader) Transformer() models.Transformer {
	return nested[models.Transformer](r, "transformer")
}

// kindOf reports whether m says that it is of that kind: a loader may not answer
// with what would be saved as another.
func kindOf(m any, kind string) bool {
	s, ok := m.(Saver)
	return ok && s.Kind() == kind
}

// clip keeps an error about an altered file from being as long as the file.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

func nested[T any](r *Reader, what string) T {
	m := r.Nested()
	t, ok := m.(T)
	r.Check(ok, "wire: a %T where a %s is wanted", m, what)
	return t
}
