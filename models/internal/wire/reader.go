package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"flowbook/internal/table"
	"flowbook/models"
)

// Reader takes back what a Writer wrote.
type Reader struct {
	b     []byte
	kinds Kinds
	depth int
	err   error
}

// NewReader reads b, and models within models by their kinds.
func NewReader(b []byte, kinds Kinds) *Reader { return &Reader{b: b, kinds: kinds} }

// Err is the first thing that was wrong.
func (r *Reader) Err() error { return r.err }

// Rest is the number of bytes left; 0 after an error.
func (r *Reader) Rest() int { return len(r.b) }

// Fail notes what is wrong; the first error stays. Nothing more can be read.
func (r *Reader) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
		r.b = nil
	}
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
	r.Check(!math.IsNaN(v) && !math.IsInf(v, 0), "wire: %v where a finite number is wanted", v)
	return v
}

func (r *Reader) Bool() bool {
	v := r.Uint8()
	r.Check(v <= 1, "wire: %d where true or false is wanted", v)
	return v == 1
}

// Int reads a whole number from lo to hi; lo if it is another.
func (r *Reader) Int(lo, hi int) int {
	v := int64(r.Uint64())
	if r.err != nil {
		return lo
	}
	if !r.Check(v >= int64(lo) && v <= int64(hi), "wire: %d where %d to %d is wanted", v, lo, hi) {
		return lo
	}
	return int(v)
}

// Len reads the length of a list whose entries take at least size bytes each, so that
// no more is allocated than the bytes left can fill.
func (r *Reader) Len(size int) int {
	v := r.Uint64()
	if !r.Check(v <= uint64(len(r.b)/max(1, size)), "wire: a list of %d entries, but %d bytes are left", v, len(r.b)) {
		return 0
	}
	return int(v)
}

// String reads a text of valid UTF-8.
func (r *Reader) String() string {
	b := r.take(r.Len(1))
	r.Check(utf8.Valid(b), "wire: a text is not UTF-8")
	return string(b)
}

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
	for i := 1; i < len(names); i++ {
		r.Check(names[i-1] < names[i], "wire: %q does not come after %q", names[i], names[i-1])
	}
}

// Schema reads fields of distinct names, numeric or categorical.
func (r *Reader) Schema() table.Schema {
	seen := map[string]bool{}
	return table.Schema(list(r, 8+1+8+8, func() table.Field {
		f := table.Field{Name: r.String(), Kind: table.Kind(r.Uint8()), Unit: r.String(), Levels: r.Strings()}
		r.Check(f.Kind <= table.TimeKind, "wire: field %q is of kind %d", f.Name, f.Kind)
		r.Check(f.Kind == table.CodeKind || len(f.Levels) == 0, "wire: field %q is a number and has levels", f.Name)
		r.Check(!seen[f.Name], "wire: two fields are called %q", f.Name)
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
	if !r.Check(ok, "wire: no model of kind %q is known here", kind) || !r.Check(r.depth < deepest, "wire: models nested deeper than %d", deepest) {
		return nil
	}
	in := &Reader{b: body, kinds: r.kinds, depth: r.depth + 1}
	m := load(in)
	if in.err == nil && len(in.b) > 0 {
		in.Fail("wire: %d bytes too many", len(in.b))
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

func nested[T any](r *Reader, what string) T {
	m := r.Nested()
	t, ok := m.(T)
	r.Check(ok, "wire: a %T where a %s is wanted", m, what)
	return t
}
